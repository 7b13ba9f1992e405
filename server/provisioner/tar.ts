// Reads tar archives that nobody vouches for, entry by entry, so that no more of one is in memory than was uploaded.

import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { ArchiveError, guardEntries } from './archive-entry.ts'

export interface TarItem {
  /** Relative to the archive's folder. */
  readonly path: string
  readonly type: 'file' | 'directory'
  readonly isExecutable: boolean
  readonly content: AsyncIterable<Uint8Array>
}

/** Hands over each entry in turn; what is not read of one is passed over. @throws ArchiveError */
export async function readTar(archive: Buffer, take: (item: TarItem) => Promise<void>): Promise<void> {
  requireEnd(archive)
  const guard = guardEntries()
  const entries = extract()
  Readable.from(pieces(archive))
    .on('error', (error) => entries.destroy(error))
    .pipe(entries)
  try {
    for await (const entry of entries) {
      const { header } = entry
      const path = guard.place(claimOf(header))
      await take({
        path,
        type: header.type === 'directory' ? 'directory' : 'file',
        isExecutable: ((header.mode ?? 0) & 0o100) !== 0,
        content: entry as AsyncIterable<Uint8Array>,
      })
      entry.resume()
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ArchiveError(`The archive could not be read as tar: ${why}. Pack and upload it again.`, { cause: error })
  }
}

/** Looks at every entry and keeps nothing. @throws ArchiveError */
export async function checkTar(archive: Buffer): Promise<void> {
  await readTar(archive, async () => undefined)
}

const blockBytes = 512

/** An archive ends with a block of zeros; one that was cut off between two entries looks whole otherwise. */
function requireEnd(archive: Buffer): void {
  const last = archive.subarray(-blockBytes)
  if (archive.length >= blockBytes && archive.length % blockBytes === 0 && last.every((byte) => byte === 0)) return
  throw new ArchiveError('The archive is no whole tar: its end is missing. Pack and upload it again.')
}

// The event loop gets its turn between two of these.
const pieceBytes = 1024 * 1024

function* pieces(archive: Buffer): Iterable<Buffer> {
  for (let at = 0; at < archive.length; at += pieceBytes) yield archive.subarray(at, at + pieceBytes)
}

const claimOf = ({ name, type, size }: Header) => ({
  name,
  type: type === 'contiguous-file' ? 'file' : (type ?? 'thing of an unknown kind'),
  bytes: size ?? 0,
})
