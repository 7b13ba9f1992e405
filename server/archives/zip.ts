// Reads untrusted zip archives. The central directory is not trusted: the size of an entry is measured while unpacking,
// and no bytes are unpacked twice. Decompression runs off the main thread.

import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import { ArchiveError, createEntryValidator, quoteName } from './archive-entry.ts'

const inflate = promisify(inflateRaw)

export interface ZipFile {
  /** Relative to the archive's root. */
  readonly path: string
  readonly content: Buffer
  readonly isExecutable: boolean
}

const endSignature = 0x06054b50
const directorySignature = 0x02014b50
const localSignature = 0x04034b50
const endBytes = 22
const directoryEntryBytes = 46
const localHeaderBytes = 30
const maxCommentBytes = 65_535

/** The files of the archive, in order. @throws ArchiveError */
export async function readZip(archive: Buffer): Promise<ZipFile[]> {
  const validator = createEntryValidator()
  const entries = [...readDirectory(archive)]
  const validated = entries.map((entry) => ({ entry, path: validator.validate(entry) }))
  rejectOverlaps(archive, entries)
  const files: ZipFile[] = []
  for (const { entry, path } of validated) {
    if (entry.type !== 'file') continue
    files.push({ path, content: await readContent(archive, entry), isExecutable: (entry.mode & 0o100) !== 0 })
  }
  return files
}

interface DirectoryEntry {
  readonly name: string
  readonly type: string
  /** Declared size. */
  readonly bytes: number
  readonly packedBytes: number
  readonly isStored: boolean
  readonly checksum: number
  readonly mode: number
  readonly offset: number
}

const unreadableArchive = (reason: string) =>
  new ArchiveError(`The zip archive could not be read: ${reason}. Pack and upload it again.`)

function* readDirectory(archive: Buffer): Iterable<DirectoryEntry> {
  const end = findEnd(archive)
  const count = archive.readUInt16LE(end + 10)
  let at = archive.readUInt32LE(end + 16)
  // Zip64 archives are rejected.
  if (count === 0xffff || at === 0xffffffff) throw unreadableArchive('Zip64 archives are not supported')
  for (let index = 0; index < count; index++) {
    if (at + directoryEntryBytes > end || archive.readUInt32LE(at) !== directorySignature)
      throw unreadableArchive(`its central directory ends after ${index} of ${count} entries`)
    const { entry, next } = readDirectoryEntry(archive, at, end)
    yield entry
    at = next
  }
}

/** Searched backwards, because a comment of any length may follow. */
function findEnd(archive: Buffer): number {
  const first = Math.max(0, archive.length - endBytes - maxCommentBytes)
  for (let at = archive.length - endBytes; at >= first; at--) {
    const isEnd =
      archive.readUInt32LE(at) === endSignature && at + endBytes + archive.readUInt16LE(at + 20) === archive.length
    if (isEnd) return at
  }
  throw unreadableArchive('its end record is missing; it is truncated or not a zip archive')
}

function readDirectoryEntry(archive: Buffer, at: number, end: number): { entry: DirectoryEntry; next: number } {
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [
    number,
    number,
    number,
  ]
  const nameAt = at + directoryEntryBytes
  const next = nameAt + nameBytes + extraBytes + commentBytes
  if (next > end) throw unreadableArchive('its central directory extends beyond its end')
  const flags = archive.readUInt16LE(at + 8)
  const name = archive.toString(flags & 0x800 ? 'utf8' : 'latin1', nameAt, nameAt + nameBytes)
  const method = archive.readUInt16LE(at + 10)
  if (flags & 1)
    throw new ArchiveError(`The archive contains ${quoteName(name)}, which is encrypted. Pack it without a password.`)
  if (method !== 0 && method !== 8)
    throw new ArchiveError(
      `The archive contains ${quoteName(name)}, which uses an unsupported compression method. Use "deflate".`,
    )
  const mode = archive.readUInt16LE(at + 4) >> 8 === 3 ? archive.readUInt16LE(at + 40) : 0
  const entry: DirectoryEntry = {
    name,
    type: typeOf(name, mode),
    bytes: archive.readUInt32LE(at + 24),
    packedBytes: archive.readUInt32LE(at + 20),
    isStored: method === 0,
    checksum: archive.readUInt32LE(at + 16),
    mode,
    offset: archive.readUInt32LE(at + 42),
  }
  return { entry, next }
}

// File types in the upper bits of a mode; a map, because formatters may change octal keys of an object literal.
const unixTypes: ReadonlyMap<number, string> = new Map([
  [0o010000, 'fifo'],
  [0o020000, 'character-device'],
  [0o040000, 'directory'],
  [0o060000, 'block-device'],
  [0o120000, 'symlink'],
  [0o140000, 'socket'],
])

function typeOf(name: string, mode: number): string {
  const type = unixTypes.get(mode & 0o170000) ?? 'file'
  return type === 'file' && /[/\\]$/.test(name) ? 'directory' : type
}

const dataAt = (archive: Buffer, { name, offset }: DirectoryEntry): number => {
  if (offset + localHeaderBytes > archive.length || archive.readUInt32LE(offset) !== localSignature)
    throw unreadableArchive(`${quoteName(name)} is not at its declared offset`)
  return offset + localHeaderBytes + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28)
}

/** Rejects overlapping entries, which allow zip bombs. */
function rejectOverlaps(archive: Buffer, entries: readonly DirectoryEntry[]): void {
  const spans = entries
    .map((entry) => ({ entry, from: entry.offset, to: dataAt(archive, entry) + entry.packedBytes }))
    .sort((a, b) => a.from - b.from)
  let last = 0
  for (const { entry, from, to } of spans) {
    if (from < last || to > archive.length)
      throw new ArchiveError(
        `The archive contains ${quoteName(entry.name)}, whose bytes overlap with another entry. Pack it again.`,
      )
    last = to
  }
}

async function readContent(archive: Buffer, entry: DirectoryEntry): Promise<Buffer> {
  const from = dataAt(archive, entry)
  const packed = archive.subarray(from, from + entry.packedBytes)
  const content = entry.isStored ? packed : await unpack(packed, entry)
  if (content.length !== entry.bytes || crc32(content) !== entry.checksum)
    throw new ArchiveError(
      `The archive contains ${quoteName(entry.name)}, whose content does not match its declared size or checksum. Create the archive again.`,
    )
  return content
}

async function unpack(packed: Buffer, { name, bytes }: DirectoryEntry): Promise<Buffer> {
  try {
    // Stops at the first byte beyond the declared size.
    return await inflate(packed, { maxOutputLength: Math.max(1, bytes) })
  } catch (error) {
    throw new ArchiveError(
      `The archive contains ${quoteName(name)}, whose content does not match its declared size or checksum. Create the archive again.`,
      {
        cause: error,
      },
    )
  }
}
