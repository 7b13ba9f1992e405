// Validates entries of template archives: files and folders below the root, unique, within limits. Archives are
// untrusted input. Independent of tar and zip, whose readers call this for each entry.

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

export interface EntryValidator {
  /** Validates the entry. @returns its path relative to the template's folder. @throws ArchiveError */
  validate(entry: Entry): string
}

/** Creates a validator for the entries of one archive, in order. */
export function createEntryValidator(): EntryValidator {
  const files = new Set<string>()
  const folders = new Set<string>(['.'])
  let count = 0
  let bytes = 0
  return {
    validate(entry) {
      count += 1
      if (count > maxEntries)
        throw new ArchiveError(
          `The archive contains more than ${maxEntries} entries; ${quoteName(entry.name)} exceeds the limit. ${sizeAdvice}`,
        )
      rejectType(entry)
      const path = toSafePath(entry.name)
      bytes += sizeOf(entry)
      if (bytes > maxUnpackedBytes) throw tooLarge(entry.name)
      rejectConflict(entry, path, files, folders)
      return path
    },
  }
}

const sizeAdvice = 'Remove files that the template does not use.'

const tooLarge = (name: string): ArchiveError =>
  new ArchiveError(
    `The archive unpacks to more than ${maxUnpackedBytes / 1024 / 1024} MiB, at ${quoteName(name)}. ${sizeAdvice}`,
  )

/** Quotes a name, truncated and without control characters or markup. */
export function quoteName(name: string): string {
  const safe = JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name)
  return safe.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

function rejectType({ name, type }: Entry): void {
  if (type === 'file' || type === 'directory') return
  throw new ArchiveError(
    `The archive contains ${quoteName(name)}, which is a ${type}. Only files and folders are allowed: replace it with the file itself.`,
  )
}

function sizeOf({ name, type, bytes }: Entry): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new ArchiveError(`The archive declares an invalid size for ${quoteName(name)}. Create it again.`)
  return type === 'directory' ? 0 : bytes
}

function toSafePath(name: string): string {
  if (name.includes('\0'))
    throw new ArchiveError(`The archive contains ${quoteName(name)}, a name with a zero byte. Rename the file.`)
  const slashed = name.replaceAll('\\', '/')
  const path = posix.normalize(slashed).replace(/\/+$/, '') || '/'
  if (posix.isAbsolute(slashed) || /^[a-zA-Z]:/.test(slashed) || path === '..' || path.startsWith('../')) {
    throw new ArchiveError(
      `The archive contains ${quoteName(name)}, which is outside of its folder. Pack it with paths relative to the template.`,
    )
  }
  const isLong =
    Buffer.byteLength(path) > maxPathBytes || path.split('/').some((part) => Buffer.byteLength(part) > maxNameBytes)
  if (name === '' || isLong)
    throw new ArchiveError(
      `The archive contains ${quoteName(name)}, a name that is ${name === '' ? 'empty' : 'too long'}. Rename the file.`,
    )
  return path
}

/** Rejects duplicate names, which programs unpack differently. */
function rejectConflict({ name, type }: Entry, path: string, files: Set<string>, folders: Set<string>): void {
  const isFile = type === 'file'
  if (files.has(path) || (isFile && folders.has(path)))
    throw new ArchiveError(
      `The archive contains ${quoteName(name)} more than once. Pack it again, with each file once.`,
    )
  for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
    if (files.has(parent))
      throw new ArchiveError(
        `The archive contains ${quoteName(name)}, but ${quoteName(parent)} is a file. Pack it again.`,
      )
    if (folders.has(parent)) break
    folders.add(parent)
  }
  if (isFile) files.add(path)
  else folders.add(path)
}
