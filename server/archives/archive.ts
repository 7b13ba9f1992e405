// Template archives: stored as tar; zip is accepted and offered, too.

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Zippable, zip } from 'fflate'
import { pack } from 'tar-stream'
import { readTar } from './tar.ts'
import { readZip } from './zip.ts'

/** A file of an archive: path, content, executable bit. */
export type PackedFile = readonly [path: string, content: Uint8Array, isExecutable?: boolean]

/** Deterministic: equal files yield equal bytes. @throws ArchiveError */
export async function zipToTar(archive: Buffer): Promise<Buffer> {
  const files = await readZip(archive)
  return await packTar(files.map(({ path, content, isExecutable }): PackedFile => [path, content, isExecutable]))
}

export async function tarToZip(archive: Buffer): Promise<Buffer> {
  const files: Zippable = Object.create(null)
  await readTar(archive, async ({ path, type, isExecutable, content }) => {
    if (type !== 'file') return
    const bytes = new Uint8Array(await buffer(content))
    files[path] = [bytes, { os: unixSystem, attrs: (isExecutable ? 0o100755 : 0o100644) << 16, mtime: zipTime }]
  })
  return await new Promise((resolve, reject) =>
    zip(files, (error, data) => (error ? reject(error) : resolve(Buffer.from(data)))),
  )
}

// Marks the attributes of zip entries as a Unix mode.
const unixSystem = 3
/** The earliest date of the zip format, for deterministic archives. */
const zipTime = new Date(1980, 0, 1)

/** A tar that depends on names, contents and executable bits only. */
export async function packTar(files: Iterable<PackedFile>): Promise<Buffer> {
  const tar = pack()
  for (const [name, content, isExecutable = false] of files) {
    tar.entry({ name, mode: isExecutable ? 0o755 : 0o644, mtime: new Date(0) }, Buffer.from(content))
  }
  tar.finalize()
  return await buffer(tar as unknown as Readable)
}
