// Validates entries of template archives: files and folders below the root, unique, within limits. Archives
// are untrusted input. Independent of tar and zip, whose readers call this for each entry.

import { posix } from 'node:path'

/** The archive is invalid; the message names the cause and the fix. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

// Equal to the upload limit: templates are text and perhaps modules.
const maxUnpackedBytes = 100 * 1024 * 1024
export const maxEntries = 10_000

// Limit of common file systems.
const maxPathBytes = 1024
const maxNameBytes = 255

export interface Entry {
  /** Name in the archive. */
  readonly name: string
  /** Type in the archive format; only `file` and `directory` are accepted. */
  readonly type: string
  readonly bytes: number
}

export interface EntryGuard {
  /** Validates the entry. @returns its path relative to the template's folder. @throws ArchiveError */
  place(entry: Entry): string
}

/** Creates a validator for the entries of one archive, in order. */
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

/** Quotes a name, truncated and without control characters or markup. */
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
    throw new ArchiveError(`The archive gives ${shown(name)} an invalid size. Create it again.`)
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

/** Rejects duplicate names, which programs unpack differently. */
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
