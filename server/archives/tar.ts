// Reads tar archives that nobody vouches for, entry by entry, so that no more of one is in memory than was uploaded.

import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { explainResourceError } from '../../lib/resource-errors.ts'
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
  requireWholeBlocks(archive)
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
    // What is done with an entry may fail for a reason that is not the archive's.
    if (error instanceof ArchiveError || explainResourceError(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ArchiveError(`The archive could not be read as tar: ${why}. Pack and upload it again.`, { cause: error })
  }
}

/** Looks at every entry and keeps nothing. @throws ArchiveError */
export async function checkTar(archive: Buffer): Promise<void> {
  await readTar(archive, async () => undefined)
}

const blockBytes = 512

/** Two blocks of zeros should end an archive. Coder's command line leaves them out, so that one which was cut off between
 *  two entries cannot be told from a whole one; within an entry `tar-stream` finds it, but not within its last block. */
function requireWholeBlocks(archive: Buffer): void {
  if (archive.length >= blockBytes && archive.length % blockBytes === 0) return
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
