// Records one session on disk, so that its screen survives the holder process. Writes asynchronously, after parsing: no
// client waits for the disk.

import { type FileHandle, mkdir, open, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import {
  type CheckpointHeader,
  listFileNumbers,
  packOutput,
  packSize,
  readOrEmpty,
  type SessionDescription,
  type StoredDescription,
} from './session-files.ts'

/** Retention, shared by all sessions of an agent; may change at any time. */
export interface RetentionLimits {
  /** Scrollback lines to store; 0 stores nothing. */
  lines: number
}

// A longer journal would take too long to replay after a crash; a shorter one would require frequent checkpoints during
// output.
const journalBytes = 2 * 1024 * 1024
// Old lines are deleted file by file.
const linesFileBytes = 256 * 1024
const maxLinesBytes = 16 * 1024 * 1024
const olderTimeoutMs = 300
// Backoff after a failed write (full or missing disk).
const backoffMs = 30_000

interface LinesFile {
  readonly number: number
  bytes: number
  lines: number
}

interface Batch {
  /** Current journal. */
  readonly generation: number
  readonly records: Buffer[]
}

export class Recorder {
  readonly #folder: string
  readonly #limits: RetentionLimits
  readonly #onError: (error: Error) => void
  /** Records not written yet. */
  #batch: Batch
  #journal: { readonly file: FileHandle; readonly generation: number } | undefined
  #journaled = 0
  #files: LinesFile[] = []
  #description: SessionDescription | undefined
  /** Serializes file operations. */
  #lastOperation: Promise<void> = Promise.resolve()
  #isFinished = false
  /** The files on disk are missing or unusable. */
  #needsCheckpoint = false
  /** A write failed: records are useless until the next checkpoint. */
  #hasGap = false
  #backoffUntil = 0

  /** @param generation newest existing one */
  constructor(folder: string, limits: RetentionLimits, onError: (error: Error) => void, generation?: number) {
    this.#folder = folder
    this.#limits = limits
    this.#onError = onError
    this.#batch = { generation: generation === undefined ? 0 : generation + 1, records: [] }
    this.#needsCheckpoint = generation !== undefined
    this.#enqueue(async () => {
      for (const number of await listFileNumbers(folder, 'lines')) this.#files.push(await measure(folder, number))
    })
  }

  get #isDisabled(): boolean {
    return this.#isFinished || this.#isBackingOff || this.#limits.lines === 0
  }

  get #isBackingOff(): boolean {
    return Date.now() < this.#backoffUntil
  }

  /** Records parsed output. */
  output(output: Buffer): void {
    this.#append(packOutput(output))
  }

  resize(size: TerminalSize): void {
    this.#append(packSize(size))
  }

  /** Whether a new checkpoint is due. */
  get wantsCheckpoint(): boolean {
    return !this.#isDisabled && (this.#needsCheckpoint || this.#journaled > journalBytes)
  }

  /** Number of scrollback lines that belong to a checkpoint. */
  get checkpointLines(): number {
    return this.#limits.lines
  }

  /** Starts a checkpoint; later records follow it. @returns a function that takes its text */
  beginCheckpoint(size: TerminalSize): (text: readonly Buffer[]) => void {
    const generation = this.#batch.generation + 1
    this.#batch = { generation, records: [] }
    this.#needsCheckpoint = false
    this.#hasGap = false
    this.#journaled = 0
    return (text) => this.#enqueue(() => this.#writeCheckpoint(generation, size, text))
  }

  /** Records lines that left the scrollback. */
  lines(pieces: readonly Buffer[], count: number): void {
    if (this.#isDisabled) return
    const text = Buffer.concat(pieces)
    this.#enqueue(async () => {
      let file = this.#files.at(-1)
      if (!file || file.bytes > linesFileBytes) {
        file = { number: (file?.number ?? 0) + 1, bytes: 0, lines: 0 }
        this.#files.push(file)
      }
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(this.#path(`lines-${file.number}`), text, { flag: 'a', mode: 0o600 })
      file.bytes += text.length
      file.lines += count
      await this.#dropOldLines()
    })
  }

  /** The newest stored lines within the retention, oldest first. Empty when the disk is too slow, because a client waits.
   *  @param liveLines number of lines in the screen */
  older(maxBytes: number, liveLines: number): Promise<Buffer[]> {
    const timeout = sleep(olderTimeoutMs, [], { ref: false })
    return Promise.race([this.#readOlder(maxBytes, liveLines), timeout])
  }

  async #readOlder(maxBytes: number, liveLines: number): Promise<Buffer[]> {
    await this.#lastOperation
    const read: Buffer[] = []
    let [bytes, lines] = [0, liveLines]
    for (const file of [...this.#files].reverse()) {
      if (this.#isFinished || lines >= this.#limits.lines || bytes + file.bytes > maxBytes) break
      read.unshift(await readOrEmpty(this.#path(`lines-${file.number}`)))
      bytes += file.bytes
      lines += file.lines
    }
    return read
  }

  /** Stores the description of the session. */
  describe(description: SessionDescription): void {
    this.#description = description
    this.#enqueue(() => this.#writeDescription())
  }

  /** Resolves when all records are written. */
  async flush(): Promise<void> {
    this.#enqueue(() => this.#writeDescription())
    await this.#lastOperation
  }

  /** Stops recording; the files stay for the next holder. */
  async close(): Promise<void> {
    await this.flush()
    this.#isFinished = true
    await this.#closeJournal()
  }

  /** Deletes the recording; with `forever`, stops recording. */
  remove(forever: boolean): Promise<void> {
    if (forever) this.#isFinished = true
    this.#batch = { generation: this.#batch.generation + 1, records: [] }
    this.#needsCheckpoint = true
    this.#lastOperation = this.#lastOperation.then(async () => {
      await this.#closeJournal()
      this.#files = []
      await rm(this.#folder, { recursive: true, force: true }).catch(this.#onError)
    })
    return this.#lastOperation
  }

  #append(record: Buffer): void {
    if (this.#isDisabled || this.#hasGap) return
    this.#journaled += record.length
    const batch = this.#batch
    batch.records.push(record)
    if (batch.records.length === 1) this.#enqueue(() => this.#write(batch))
  }

  async #write({ generation, records }: Batch): Promise<void> {
    // Records that arrive during the write form the next batch.
    const bytes = Buffer.concat(records.splice(0))
    if (this.#journal?.generation !== generation) {
      await this.#closeJournal()
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      this.#journal = { generation, file: await open(this.#path(`journal-${generation}`), 'a', 0o600) }
    }
    await this.#journal?.file.appendFile(bytes)
  }

  async #closeJournal(): Promise<void> {
    const journal = this.#journal
    this.#journal = undefined
    await journal?.file.close()
  }

  async #writeCheckpoint(generation: number, { cols, rows }: TerminalSize, text: readonly Buffer[]): Promise<void> {
    const end = this.#files.at(-1)
    const lines = { file: end?.number ?? 0, bytes: end?.bytes ?? 0 }
    const header: CheckpointHeader = { version: 1, cols, rows, lines }
    await this.#replace(`screen-${generation}`, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...text]))
    for (const kind of ['screen', 'journal'] as const) {
      for (const number of await listFileNumbers(this.#folder, kind)) {
        if (number < generation) await unlink(this.#path(`${kind}-${number}`))
      }
    }
  }

  async #writeDescription(): Promise<void> {
    if (!this.#description || this.#isDisabled) return
    const description: StoredDescription = { ...this.#description, seen_at: new Date().toISOString() }
    await this.#replace('session.json', Buffer.from(JSON.stringify(description)))
  }

  /** Replaces the file atomically. */
  async #replace(name: string, content: Buffer): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const unfinished = this.#path(`${name}.unfinished`)
    await writeFile(unfinished, content, { mode: 0o600 })
    await rename(unfinished, this.#path(name))
  }

  async #dropOldLines(): Promise<void> {
    const total = (count: (file: LinesFile) => number) => this.#files.reduce((sum, file) => sum + count(file), 0)
    for (;;) {
      const [oldest] = this.#files
      if (!oldest || this.#files.length === 1) return
      const exceedsLimit = total(({ lines }) => lines) - oldest.lines >= this.#limits.lines
      if (!exceedsLimit && total(({ bytes }) => bytes) <= maxLinesBytes) return
      this.#files.shift()
      await unlink(this.#path(`lines-${oldest.number}`))
    }
  }

  /** After a failed write, such as on a full disk, recording restarts with a checkpoint; the terminal is not affected. */
  #enqueue(step: () => Promise<void>): void {
    this.#lastOperation = this.#lastOperation.then(async () => {
      if (this.#isFinished || this.#isBackingOff) return
      try {
        await step()
      } catch (error) {
        this.#backOff()
        await this.#closeJournal().catch(() => undefined) // same error again
        this.#onError(error as Error)
      }
    })
  }

  #backOff(): void {
    this.#backoffUntil = Date.now() + backoffMs
    this.#hasGap = true
    this.#needsCheckpoint = true
    this.#batch = { generation: this.#batch.generation + 1, records: [] }
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

async function measure(folder: string, number: number): Promise<LinesFile> {
  const path = join(folder, `lines-${number}`)
  const { size } = await stat(path)
  const text = await readOrEmpty(path)
  let lines = 0
  for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, at + 1)) lines++
  return { number, bytes: size, lines }
}
