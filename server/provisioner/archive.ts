// Template archives between tar and zip. What may be unpacked where is the provisioner's.

import { unzipSync, zipSync } from 'fflate'
import { extract, pack } from 'tar-stream'
import { ApiError } from '../../api/errors.ts'

/** Most bytes that a zip may grow to: a small file can name petabytes. */
const maxUnzippedBytes = 200 * 1024 * 1024

/** @throws ApiError 400 when it is no zip, 413 when it would grow beyond bounds. */
export async function zipToTar(zip: Buffer): Promise<Buffer> {
  const files = readZip(zip)
  const archive = pack()
  for (const [name, bytes] of Object.entries(files)) {
    if (!name.endsWith('/')) archive.entry({ name, mode: 0o644, mtime: new Date(0) }, Buffer.from(bytes))
  }
  archive.finalize()
  return collect(archive)
}

function readZip(zip: Buffer): Record<string, Uint8Array> {
  let total = 0
  try {
    return unzipSync(zip, {
      filter(file) {
        total += file.originalSize
        if (total > maxUnzippedBytes)
          throw new ApiError(413, 'The archive is too large.', { detail: 'Unzipped it has over 200 MiB.' })
        return true
      },
    })
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw new ApiError(400, 'The archive is not a readable zip file.', { detail: String(error) })
  }
}

export async function tarToZip(tar: Buffer): Promise<Buffer> {
  const files: Record<string, Uint8Array> = {}
  const reader = extract()
  reader.end(tar)
  for await (const entry of reader) {
    const bytes = await collect(entry)
    if (entry.header.type === 'file') files[entry.header.name] = bytes
  }
  return Buffer.from(zipSync(files))
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
