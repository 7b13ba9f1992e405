// Archives of templates: kept as tar, taken and given as zip too.

import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Unzipped, unzip, type Zippable, zip } from 'fflate'
import { extract, pack } from 'tar-stream'
import { ApiError } from '../../api/errors.ts'

// As much as a tar may be that is uploaded as such.
const maxUnzippedBytes = 100 * 1024 * 1024

/** Makes the same bytes of the same files, so that the same template is the same file. @throws ApiError 400 */
export async function zipToTar(archive: Buffer): Promise<Buffer> {
  const entries = await unzipAll(archive)
  return await packTar(Object.entries(entries).filter(([name]) => !name.endsWith('/')))
}

export async function tarToZip(archive: Buffer): Promise<Buffer> {
  const files: Zippable = {}
  const entries = extract()
  Readable.from([archive])
    .on('error', (error) => entries.destroy(error))
    .pipe(entries)
  for await (const entry of entries) {
    const content = await buffer(entry as unknown as Readable)
    if (entry.header.type === 'file') files[entry.header.name] = new Uint8Array(content)
  }
  return await new Promise((resolve, reject) =>
    zip(files, (error, data) => (error ? reject(error) : resolve(Buffer.from(data)))),
  )
}

/** A tar that depends on names and contents alone. */
export async function packTar(files: Iterable<readonly [string, Uint8Array]>): Promise<Buffer> {
  const tar = pack()
  for (const [name, content] of files) tar.entry({ name, mode: 0o644, mtime: new Date(0) }, Buffer.from(content))
  tar.finalize()
  return await buffer(tar as unknown as Readable)
}

function unzipAll(archive: Buffer): Promise<Unzipped> {
  let bytes = 0
  return new Promise((resolve, reject) => {
    const filter = ({ originalSize }: { originalSize: number }) => {
      bytes += originalSize
      return bytes <= maxUnzippedBytes
    }
    unzip(archive, { filter }, (error, entries) => {
      if (error)
        reject(new ApiError(400, 'The zip archive could not be read.', { detail: error.message, cause: error }))
      else if (bytes > maxUnzippedBytes)
        reject(
          new ApiError(400, 'The zip archive unpacks to more than 100 MiB.', {
            detail: 'Leave out what the template does not use.',
          }),
        )
      else resolve(entries)
    })
  })
}
