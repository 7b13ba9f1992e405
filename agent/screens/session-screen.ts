// The holder's side of one session's screen: batches output for a few milliseconds, sends it to the screen worker, and
// receives the screen's events. Opens the screen again on a new worker when one has exited.

import type { TerminalSize } from '../../api/agents/terminal-frames.ts'
import { type FinishedCommand, idleShell, type ShellState } from './drawing/marks.ts'
import type { HeldScreen, ScreenInput, ScreenQuery, WorkerEvent } from './messages.ts'
import type { SessionDescription } from './record/session-files.ts'
import { isOutput, type Queued, ScreenQueue } from './screen/queue.ts'
import type { ScreenEndpoint, ScreenWorkerClient } from './screen-worker-client.ts'

// Long enough that the echo of a keystroke is sent before the worker wakes.
const batchMs = 10
// Delay of recording a changed description.
const describeMs = 1_000
// A worker that exits sooner after opening the screen may have crashed on the output, which is not sent again.
const crashWindowMs = 10_000

export interface RecordingLocation {
  /** The session's own folder. */
  readonly folder: string
  /** Whether to restore the recording in the folder. */
  readonly isRestored: boolean
}

export interface SessionScreenOptions {
  readonly size: TerminalSize
  /** Nonce of the session's shell marks; empty without shell integration. */
  readonly nonce: string
  /** Undefined when nothing is stored. */
  readonly recording: RecordingLocation | undefined
  /** Whether a user is typing in any session. */
  readonly isTyping: () => boolean
  /** The most recent output. */
  readonly recent: () => Buffer
  readonly describe: () => SessionDescription
  /** Response of the terminal to a program's query. */
  readonly onReply: (reply: string) => void
  readonly onCommand: (command: FinishedCommand) => void
}

export interface SessionSnapshot extends HeldScreen {
  /** Visible rows and modes. */
  draw(withImages?: boolean): Promise<Buffer>
  /** Scrollback, oldest first; the newest when it exceeds `maxBytes`. Ends so that the text of `draw` continues it. */
  history(maxBytes: number, withImages?: boolean): Promise<Buffer[]>
  /** Resumes parsing. */
  release(): void
}

export class SessionScreen implements ScreenEndpoint {
  readonly number: number
  /** Title set by a program, from the parsed output. */
  title = ''
  /** Shell state from its marks in the parsed output. */
  shell: ShellState = idleShell
  readonly #options: SessionScreenOptions
  readonly #currentWorker: () => ScreenWorkerClient
  /** The worker on which the screen was last opened. */
  #worker: ScreenWorkerClient | undefined
  #isOpen = false
  /** The screen was open on a worker that had started: its recording is no longer that of the previous holder. */
  #wasOpened = false
  #openedAt = 0
  #size: TerminalSize
  readonly #queue = new ScreenQueue()
  /** Bytes received so far. */
  #end = 0
  #flushTimer: NodeJS.Timeout | undefined
  #describeTimer: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param currentWorker the worker, started if necessary; it may have exited */
  constructor(number: number, options: SessionScreenOptions, currentWorker: () => ScreenWorkerClient) {
    this.number = number
    this.#options = options
    this.#currentWorker = currentWorker
    this.#size = options.size
    this.#scheduleDescribe()
  }

  /** Takes ownership of the buffer. */
  feed(output: Buffer): void {
    this.#end += output.length
    this.#queue.push(output)
    this.scheduleFlush()
    this.#scheduleDescribe()
  }

  resize(size: TerminalSize): void {
    this.#size = size
    this.#queue.push(size)
    this.scheduleFlush()
  }

  /** Parses all output and blocks changes until the snapshot is released. One holder at a time; others wait.
   *  @throws Error when the screen is unavailable; a retry may succeed. */
  async hold(): Promise<SessionSnapshot> {
    const worker = this.#flushQueue()
    const query = (request: ScreenQuery) => worker.queryWithTimeout(this, request)
    const held = (await query({ type: 'hold' }).catch((error: Error) =>
      this.#discardScreen(worker, error),
    )) as HeldScreen
    return {
      ...held,
      draw: async (withImages = false) => asBuffer((await query({ type: 'draw', withImages })) as Uint8Array),
      history: async (maxBytes, withImages = false) =>
        ((await query({ type: 'history', maxBytes, withImages })) as Uint8Array[]).map(asBuffer),
      // A worker that has exited has released the screen.
      release: () => void query({ type: 'release' }).catch(() => undefined),
    }
  }

  /** Stores the screen for the next holder; ends recording. */
  async store(): Promise<void> {
    if (!this.#options.recording) return
    const worker = this.#flushQueue()
    this.#describe(worker)
    await worker.query(this.number, { type: 'store' })
  }

  async deleteRecording(): Promise<void> {
    if (!this.#options.recording) return
    clearTimeout(this.#describeTimer)
    await this.#ensureOpen().query(this.number, { type: 'deleteRecording' })
  }

  /** End of output. */
  freeze(): void {
    if (this.#isClosed || (!this.#isOpen && this.#queue.isEmpty)) return
    this.#flushQueue().send({ type: 'freeze', screen: this.number })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#flushTimer)
    clearTimeout(this.#describeTimer)
    this.#queue.take()
    this.#closeOnWorker()
  }

  /** Handles a message of the worker. */
  receive(message: Extract<WorkerEvent, { readonly screen: number }>): void {
    if (message.type === 'reply') this.#options.onReply(message.reply)
    else if (message.type === 'command') this.#options.onCommand(message.command)
    else {
      this.title = message.title
      this.shell = message.shell
      this.#scheduleDescribe()
    }
  }

  /** Sends queued output after a short delay. */
  scheduleFlush(): void {
    if (this.#isClosed || this.#queue.isEmpty) return
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined
      const worker = this.#ensureOpen()
      if (!worker.isAlive) this.scheduleFlush()
      else if (worker.hasRoom(this)) this.#flushQueue()
    }, batchMs)
  }

  #flushQueue(): ScreenWorkerClient {
    const worker = this.#ensureOpen()
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    if (this.#queue.isEmpty || !worker.isAlive) return worker
    const input = mergeOutput(this.#queue.take())
    worker.send({ type: 'feed', screen: this.number, input, end: this.#end, isTyping: this.#options.isTyping() })
    return worker
  }

  /** The current worker, with the screen open unless the worker has exited. */
  #ensureOpen(): ScreenWorkerClient {
    const worker = this.#currentWorker()
    if (!worker.isAlive || (this.#isOpen && worker === this.#worker)) return worker
    const previous = this.#worker
    this.#wasOpened ||= previous?.hasStarted === true
    // A worker that never started did not crash on the output.
    const mayResend = previous?.hasStarted === false || performance.now() - this.#openedAt > crashWindowMs
    this.#open(worker, previous ? this.#size : this.#options.size)
    if (!previous) return worker
    this.#queue.take()
    if (mayResend) this.#queue.push(this.#options.recent())
    this.scheduleFlush()
    return worker
  }

  #open(worker: ScreenWorkerClient, size: TerminalSize): void {
    this.#worker = worker
    this.#isOpen = true
    this.#openedAt = performance.now()
    const { nonce, recording } = this.#options
    const isRestored = recording?.isRestored === true && !this.#wasOpened
    worker.add(this)
    worker.send({
      type: 'open',
      screen: this.number,
      options: { size, nonce, isRestored, ...(recording && { folder: recording.folder }) },
    })
    if (recording) this.#describe(worker)
  }

  /** A screen that cannot be held is closed; the next use opens it again. */
  #discardScreen(worker: ScreenWorkerClient, error: Error): never {
    if (this.#worker === worker) this.#closeOnWorker()
    throw error
  }

  #closeOnWorker(): void {
    this.#worker?.send({ type: 'close', screen: this.number })
    this.#worker?.remove(this)
    this.#isOpen = false
  }

  #scheduleDescribe(): void {
    if (!this.#options.recording || this.#isClosed) return
    this.#describeTimer ??= setTimeout(() => this.#describe(this.#ensureOpen()), describeMs).unref()
  }

  #describe(worker: ScreenWorkerClient): void {
    clearTimeout(this.#describeTimer)
    this.#describeTimer = undefined
    worker.send({ type: 'describe', screen: this.number, description: this.#options.describe() })
  }
}

/** Copies contiguous output into one transferable buffer. */
function mergeOutput(queue: readonly Queued[]): ScreenInput[] {
  const merged: ScreenInput[] = []
  let outputs: Buffer[] = []
  const flush = () => {
    const bytes = new Uint8Array(outputs.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const output of outputs) {
      bytes.set(output, at)
      at += output.length
    }
    if (at > 0) merged.push(bytes)
    outputs = []
  }
  for (const next of queue) {
    if (isOutput(next)) {
      outputs.push(next)
      continue
    }
    flush()
    merged.push(next)
  }
  flush()
  return merged
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
