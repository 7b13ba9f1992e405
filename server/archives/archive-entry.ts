// What an archive of a template may hold: files and folders below its own folder, each once, within limits. Archives
// come from users and are trusted with nothing. Knows neither tar nor zip; those who read them ask here entry by entry.

import { posix } from 'node:path'

/** The archive cannot be used; the message says why and what to change, for the author of the template. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

// As much as may be uploaded, unpacked: a template is text, and modules at most.
const maxUnpackedBytes = 100 * 1024 * 1024
export const maxEntries = 10_000

// What every file system takes.
const maxPathBytes = 1024
const maxNameBytes = 255

export interface Entry {
  /** As the archive writes it. */
  readonly name: string
  /** In the words of the archive's format; only `file` and `directory` are taken. */
  readonly type: string
  readonly bytes: number
}

export interface EntryGuard {
  /** Where the entry goes, relative to the template's folder. @throws ArchiveError */
  place(entry: Entry): string
}

/** For the entries of one archive, in their order. */
export function guardEntries(): EntryGuard {
  const files = new Set<string>()
  const folders = new Set<string>(['.'])
  let count = 0
  let bytes = 0
  return {
    place(entry) {
      count += 1
      if (count > maxEntries)
        throw new ArchiveError(
          `The archive holds more than ${maxEntries} entries; ${shown(entry.name)} is one too many. ${leaveOut}`,
        )
      refuseType(entry)
      const path = placeOf(entry.name)
      bytes += sizeOf(entry)
      if (bytes > maxUnpackedBytes) throw tooLarge(entry.name)
      refuseConflict(entry, path, files, folders)
      return path
    },
  }
}

const leaveOut = 'Leave out what the template does not use.'

const tooLarge = (name: string): ArchiveError =>
  new ArchiveError(
    `The archive unpacks to more than ${maxUnpackedBytes / 1024 / 1024} MiB, at ${shown(name)}. ${leaveOut}`,
  )

/** A name in quotes, short, and with nothing in it that a terminal or a page would obey. */
export function shown(name: string): string {
  const safe = JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name)
  return safe.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

function refuseType({ name, type }: Entry): void {
  if (type === 'file' || type === 'directory') return
  throw new ArchiveError(
    `The archive holds ${shown(name)}, which is a ${type}. Only files and folders are taken: put the file itself in its place.`,
  )
}

function sizeOf({ name, type, bytes }: Entry): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new ArchiveError(`The archive gives ${shown(name)} a size that is none. Pack it again.`)
  return type === 'directory' ? 0 : bytes
}

function placeOf(name: string): string {
  if (name.includes('\0'))
    throw new ArchiveError(`The archive holds ${shown(name)}, a name with a zero byte in it. Rename the file.`)
  const slashed = name.replaceAll('\\', '/')
  const path = posix.normalize(slashed).replace(/\/+$/, '') || '/'
  if (posix.isAbsolute(slashed) || /^[a-zA-Z]:/.test(slashed) || path === '..' || path.startsWith('../')) {
    throw new ArchiveError(
      `The archive holds ${shown(name)}, which lies outside of its folder. Pack it with paths relative to the template.`,
    )
  }
  const isLong =
    Buffer.byteLength(path) > maxPathBytes || path.split('/').some((part) => Buffer.byteLength(part) > maxNameBytes)
  if (name === '' || isLong)
    throw new ArchiveError(
      `The archive holds ${shown(name)}, a name that is ${name === '' ? 'empty' : 'too long'}. Rename the file.`,
    )
  return path
}

/** A name that comes twice is unpacked to one thing by one program and to another by the next. */
function refuseConflict({ name, type }: Entry, path: string, files: Set<string>, folders: Set<string>): void {
  const isFile = type === 'file'
  if (files.has(path) || (isFile && folders.has(path)))
    throw new ArchiveError(`The archive holds ${shown(name)} more than once. Pack it again, with each file once.`)
  for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) {
    if (files.has(above))
      throw new ArchiveError(`The archive holds ${shown(name)}, but ${shown(above)} is a file. Pack it again.`)
    if (folders.has(above)) break
    folders.add(above)
  }
  if (isFile) files.add(path)
  else folders.add(path)
}
