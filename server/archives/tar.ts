// Streams untrusted tar archives entry by entry, so that memory use is bounded by the upload.

import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { explainResourceError } from '../../lib/resource-errors.ts'
import { ArchiveError, createEntryValidator } from './archive-entry.ts'

export interface TarItem {
  /** Relative to the archive's root. */
  readonly path: string
  readonly type: 'file' | 'directory'
  readonly isExecutable: boolean
  readonly content: AsyncIterable<Uint8Array>
}

/** Calls `onEntry` for each entry; unread content is skipped. @throws ArchiveError */
export async function readTar(archive: Buffer, onEntry: (item: TarItem) => Promise<void>): Promise<void> {
  requireWholeBlocks(archive)
  const validator = createEntryValidator()
  const entries = extract()
  Readable.from(chunks(archive))
    .on('error', (error) => entries.destroy(error))
    .pipe(entries)
  try {
    for await (const entry of entries) {
      const { header } = entry
      const path = validator.validate(toEntry(header))
      await onEntry({
        path,
        type: header.type === 'directory' ? 'directory' : 'file',
        isExecutable: ((header.mode ?? 0) & 0o100) !== 0,
        content: entry as AsyncIterable<Uint8Array>,
      })
      entry.resume()
    }
  } catch (error) {
    // Errors of the callback are not errors of the archive.
    if (error instanceof ArchiveError || explainResourceError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ArchiveError(`The archive could not be read as tar: ${reason}. Pack and upload it again.`, {
      cause: error,
    })
  }
}

/** Validates all entries. @throws ArchiveError */
export async function checkTar(archive: Buffer): Promise<void> {
  await readTar(archive, async () => undefined)
}

const blockBytes = 512

/** Two zero blocks should end an archive. Coder's command line omits them, so an archive truncated between
 *  two entries is indistinguishable from a complete one. `tar-stream` detects truncation within an entry, except in its last block. */
function requireWholeBlocks(archive: Buffer): void {
  if (archive.length >= blockBytes && archive.length % blockBytes === 0) return
  throw new ArchiveError('The tar archive is truncated. Create and upload it again.')
}

// Yields to the event loop between chunks of this size.
const chunkBytes = 1024 * 1024

function* chunks(archive: Buffer): Iterable<Buffer> {
  for (let at = 0; at < archive.length; at += chunkBytes) yield archive.subarray(at, at + chunkBytes)
}

const toEntry = ({ name, type, size }: Header) => ({
  name,
  type: type === 'contiguous-file' ? 'file' : (type ?? 'entry of unknown type'),
  bytes: size ?? 0,
})
