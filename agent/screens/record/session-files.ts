// Files of a recorded session. A checkpoint draws the screen at one point in time; the journal of the same number
// contains the records since; lines that left the scrollback are in separate files. A crash may truncate any of them:
// complete records are read.
//
//   session.json     description for the list of terminals
//   screen-<n>       checkpoint n: a header (JSON line), then its text
//   journal-<n>      records since checkpoint n, or since the start when there is none
//   lines-<n>        lines that left the scrollback, oldest first

import { readdir, readFile, stat, truncate, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'

export interface StoredDescription {
  readonly id: string
  readonly created_at: string
  /** Time of the last write, ISO 8601. */
  readonly seen_at: string
  readonly title: string
  readonly cwd: string
  readonly last_command: string
  readonly cols: number
  readonly rows: number
  /** Nonce of its shell marks; absent in recordings of older holders. */
  readonly nonce?: string
}

/** Session fields; the recorder adds the time. */
export type SessionDescription = Omit<StoredDescription, 'seen_at'>

export interface CheckpointHeader extends TerminalSize {
  readonly version: 1
  /** End of the stored lines that precede this checkpoint. */
  readonly lines: LinesEnd
}

export interface LinesEnd {
  readonly file: number
  readonly bytes: number
}

/** A recorded screen. */
export interface SavedScreen {
  readonly size: TerminalSize
  readonly checkpoint: Buffer
  /** Records since the checkpoint, in order. */
  readonly records: readonly JournalRecord[]
  /** Number of the newest checkpoint or journal; undefined when there is none. */
  readonly generation: number | undefined
}

export type JournalRecord = Buffer | TerminalSize

const outputRecord = 0
const sizeRecord = 1
const headerBytes = 5
// Slices are far smaller; a longer record is corruption.
const maxRecordBytes = 1024 * 1024

export function packOutput(output: Buffer): Buffer {
  const record = Buffer.allocUnsafe(headerBytes + output.length)
  record[0] = outputRecord
  record.writeUInt32BE(output.length, 1)
  record.set(output, headerBytes)
  return record
}

export function packSize({ cols, rows }: TerminalSize): Buffer {
  const record = Buffer.allocUnsafe(headerBytes + 4)
  record[0] = sizeRecord
  record.writeUInt32BE(4, 1)
  record.writeUInt16BE(cols, headerBytes)
  record.writeUInt16BE(rows, headerBytes + 2)
  return record
}

/** Stops at the first incomplete record. */
function readJournal(bytes: Buffer): JournalRecord[] {
  const records: JournalRecord[] = []
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1)
    const end = at + headerBytes + length
    if (length > maxRecordBytes || end > bytes.length) break
    const payload = bytes.subarray(at + headerBytes, end)
    if (bytes[at] === outputRecord) records.push(payload)
    else if (bytes[at] === sizeRecord && length === 4) {
      records.push({ cols: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) })
    } else break
    at = end
  }
  return records
}

/** Numbers of the files of a kind, ascending. */
export async function listFileNumbers(folder: string, kind: 'screen' | 'journal' | 'lines'): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  const numbers = names.flatMap((name) => new RegExp(`^${kind}-(\\d+)$`).exec(name)?.[1] ?? [])
  return numbers.map(Number).sort((a, b) => a - b)
}

/** Undefined for a folder without a session.
 *  @param id fallback when the description is truncated */
export async function readDescription(folder: string, id: string): Promise<StoredDescription | undefined> {
  try {
    const read = JSON.parse(await readFile(join(folder, 'session.json'), 'utf8')) as StoredDescription
    if (read.id === id && Number.isFinite(Date.parse(read.seen_at))) return read
  } catch {
    // continue with the other files
  }
  const [newest] = [...(await listFileNumbers(folder, 'screen')), ...(await listFileNumbers(folder, 'journal'))]
  if (newest === undefined) return undefined
  const seen_at = (await stat(folder)).mtime.toISOString()
  return { id, created_at: seen_at, seen_at, title: '', cwd: '', last_command: '', ...defaultSize }
}

const defaultSize: TerminalSize = { cols: 80, rows: 24 }

/** Reads the recording and deletes the lines stored after the checkpoint: replaying the journal writes them again. */
export async function readSavedScreen(folder: string): Promise<SavedScreen> {
  const found = await newestCheckpoint(folder)
  const journals = (await listFileNumbers(folder, 'journal')).filter((number) => number >= (found?.number ?? 0))
  const records: JournalRecord[] = []
  for (const number of journals) records.push(...readJournal(await readOrEmpty(join(folder, `journal-${number}`))))
  await truncateLines(folder, found?.header.lines ?? { file: 0, bytes: 0 })
  const firstSize = records.find((record): record is TerminalSize => !Buffer.isBuffer(record))
  return {
    size: found?.header ?? firstSize ?? defaultSize,
    checkpoint: found?.text ?? Buffer.alloc(0),
    records,
    generation: found || journals.length > 0 ? Math.max(found?.number ?? 0, ...journals) : undefined,
  }
}

interface FoundCheckpoint {
  readonly number: number
  readonly header: CheckpointHeader
  readonly text: Buffer
}

async function newestCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  for (const number of (await listFileNumbers(folder, 'screen')).reverse()) {
    const bytes = await readOrEmpty(join(folder, `screen-${number}`))
    const end = bytes.indexOf('\n')
    const header = parseHeader(bytes.toString('utf8', 0, Math.max(0, end)))
    if (header) return { number, header, text: bytes.subarray(end + 1) }
  }
  return undefined
}

function parseHeader(text: string): CheckpointHeader | undefined {
  try {
    const header = JSON.parse(text) as CheckpointHeader
    const numbers = [header.cols, header.rows, header.lines.file, header.lines.bytes]
    return header.version === 1 && numbers.every(Number.isSafeInteger) ? header : undefined
  } catch {
    return undefined
  }
}

async function truncateLines(folder: string, { file, bytes }: LinesEnd): Promise<void> {
  for (const number of await listFileNumbers(folder, 'lines')) {
    const path = join(folder, `lines-${number}`)
    if (number > file) await unlink(path)
    else if (number === file && (await readOrEmpty(path)).length > bytes) await truncate(path, bytes)
  }
}

/** Empty for a missing file. */
export const readOrEmpty = (path: string): Promise<Buffer> => readFile(path).catch(() => Buffer.alloc(0))
