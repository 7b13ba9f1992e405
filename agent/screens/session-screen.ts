// The screen of one session, in the terminal holder. Batches output for a few milliseconds and sends it
// to the screen worker; screen events come back.

import type { ScreenSize } from '../screen-size.ts'
import { type FinishedCommand, idleShell, type ShellState } from './drawing/marks.ts'
import type { HeldScreen, ScreenInput, ScreenQuery, WorkerEvent } from './messages.ts'
import type { SessionDescription } from './record/session-files.ts'
import { isOutput, type Queued, ScreenQueue } from './screen/queue.ts'
import type { ScreenEndpoint, ScreenWorkerClient } from './screen-worker-client.ts'

// The worker is not woken before the echo of a keystroke was sent.
const gatherMs = 10
// Delay of recording a changed description.
const describeMs = 1_000
// A thread that died earlier than this may have crashed on the output, which is not sent again.
const harmlessMs = 10_000

export interface KeptPlace {
  /** The session's own folder. */
  readonly folder: string
  /** Whether to restore the recording in the folder. */
  readonly isRestored: boolean
}

export interface SessionScreenOptions {
  readonly size: ScreenSize
  /** Nonce of the session's shell marks; empty without shell integration. */
  readonly nonce: string
  /** Undefined when nothing is stored. */
  readonly keptIn: KeptPlace | undefined
  /** Whether a user is typing in any session. */
  readonly isTyping: () => boolean
  /** The most recent output. */
  readonly recent: () => Buffer
  readonly describe: () => SessionDescription
  /** What the terminal would answer to a program's question. */
  readonly onAnswer: (reply: string) => void
  readonly onCommand: (command: FinishedCommand) => void
}

export interface SessionSnapshot extends HeldScreen {
  /** What is visible, and how the terminal is set. */
  draw(withImages?: boolean): Promise<Buffer>
  /** The lines above, oldest first; of more than `maxBytes` the newest. Ends so that what `draw` gives goes on. */
  history(maxBytes: number, withImages?: boolean): Promise<Buffer[]>
  /** Goes on with what was fed meanwhile. */
  release(): void
}

export class SessionScreen implements ScreenEndpoint {
  readonly number: number
  /** Title set by a program, from the parsed output. */
  title = ''
  /** Shell state from its marks in the parsed output. */
  shell: ShellState = idleShell
  readonly #options: SessionScreenOptions
  readonly #current: () => ScreenWorkerClient
  /** The thread on which the screen was last opened. */
  #thread: ScreenWorkerClient | undefined
  #isOpen = false
  /** The screen was open on a thread that had started. */
  #hasBegun = false
  #openedAt = 0
  #size: ScreenSize
  readonly #queue = new ScreenQueue()
  /** Bytes received so far. */
  #end = 0
  #flushing: NodeJS.Timeout | undefined
  #describing: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param current the thread, started if necessary; it may have ended */
  constructor(number: number, options: SessionScreenOptions, current: () => ScreenWorkerClient) {
    this.number = number
    this.#options = options
    this.#current = current
    this.#size = options.size
    this.#describeSoon()
  }

  /** Takes ownership of the buffer. */
  feed(output: Buffer): void {
    this.#end += output.length
    this.#queue.push(output)
    this.scheduleFlush()
    this.#describeSoon()
  }

  resize(size: ScreenSize): void {
    this.#size = size
    this.#queue.push(size)
    this.scheduleFlush()
  }

  /** Parses all output and blocks changes until the snapshot is released. One holder at a time; others wait.
   *  @throws Error when the screen is unavailable; a retry may succeed. */
  async hold(): Promise<SessionSnapshot> {
    const thread = this.#handOver()
    const ask = (what: ScreenQuery) => thread.queryWithTimeout(this, what)
    const held = (await ask({ type: 'hold' }).catch((error: Error) => this.#loseOn(thread, error))) as HeldScreen
    return {
      ...held,
      draw: async (withImages = false) => asBuffer((await ask({ type: 'draw', withImages })) as Uint8Array),
      history: async (maxBytes, withImages = false) =>
        ((await ask({ type: 'history', maxBytes, withImages })) as Uint8Array[]).map(asBuffer),
      // A thread that died has released the screen.
      release: () => void ask({ type: 'release' }).catch(() => undefined),
    }
  }

  /** Stores the screen for the next holder; ends recording. */
  async keep(): Promise<void> {
    if (!this.#options.keptIn) return
    const thread = this.#handOver()
    this.#describe(thread)
    await thread.query(this.number, { type: 'keep' })
  }

  /** Deletes the recording. */
  async forget(): Promise<void> {
    if (!this.#options.keptIn) return
    clearTimeout(this.#describing)
    await this.#reach().query(this.number, { type: 'forget' })
  }

  /** End of output. */
  freeze(): void {
    if (this.#isClosed || (!this.#isOpen && this.#queue.isEmpty)) return
    this.#handOver().send({ type: 'freeze', screen: this.number })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#flushing)
    clearTimeout(this.#describing)
    this.#queue.take()
    this.#leave()
  }

  /** Handles a message of the worker. */
  receive(message: Extract<WorkerEvent, { readonly screen: number }>): void {
    if (message.type === 'reply') this.#options.onAnswer(message.reply)
    else if (message.type === 'command') this.#options.onCommand(message.command)
    else {
      this.title = message.title
      this.shell = message.shell
      this.#describeSoon()
    }
  }

  /** Sends the batch after a short delay. */
  scheduleFlush(): void {
    if (this.#isClosed || this.#queue.isEmpty) return
    this.#flushing ??= setTimeout(() => {
      this.#flushing = undefined
      const thread = this.#reach()
      if (!thread.isAlive) this.scheduleFlush()
      else if (thread.hasRoom(this)) this.#handOver()
    }, gatherMs)
  }

  #handOver(): ScreenWorkerClient {
    const thread = this.#reach()
    clearTimeout(this.#flushing)
    this.#flushing = undefined
    if (this.#queue.isEmpty || !thread.isAlive) return thread
    const fed = joined(this.#queue.take())
    thread.send({ type: 'feed', screen: this.number, fed, end: this.#end, isTyping: this.#options.isTyping() })
    return thread
  }

  /** Opens the screen on the thread unless it has ended. */
  #reach(): ScreenWorkerClient {
    const thread = this.#current()
    if (!thread.isAlive || (this.#isOpen && thread === this.#thread)) return thread
    const before = this.#thread
    this.#hasBegun ||= before?.hasStarted === true
    // A thread that never started did not crash on the output.
    const isHarmless = before?.hasStarted === false || performance.now() - this.#openedAt > harmlessMs
    this.#open(thread, before ? this.#size : this.#options.size)
    if (!before) return thread
    this.#queue.take()
    if (isHarmless) this.#queue.push(this.#options.recent())
    this.scheduleFlush()
    return thread
  }

  #open(thread: ScreenWorkerClient, size: ScreenSize): void {
    this.#thread = thread
    this.#isOpen = true
    this.#openedAt = performance.now()
    const { nonce, keptIn } = this.#options
    const isRestored = keptIn?.isRestored === true && !this.#hasBegun
    thread.add(this)
    thread.send({
      type: 'open',
      screen: this.number,
      opening: { size, nonce, isRestored, ...(keptIn && { folder: keptIn.folder }) },
    })
    if (keptIn) this.#describe(thread)
  }

  /** A screen that cannot be held is lost. */
  #loseOn(thread: ScreenWorkerClient, error: Error): never {
    if (this.#thread === thread) this.#leave()
    throw error
  }

  /** Reopened on next use. */
  #leave(): void {
    this.#thread?.send({ type: 'close', screen: this.number })
    this.#thread?.remove(this)
    this.#isOpen = false
  }

  #describeSoon(): void {
    if (!this.#options.keptIn || this.#isClosed) return
    this.#describing ??= setTimeout(() => this.#describe(this.#reach()), describeMs).unref()
  }

  #describe(thread: ScreenWorkerClient): void {
    clearTimeout(this.#describing)
    this.#describing = undefined
    thread.send({ type: 'describe', screen: this.number, description: this.#options.describe() })
  }
}

/** Transferable copies; one for contiguous output. */
function joined(queue: readonly Queued[]): ScreenInput[] {
  const fed: ScreenInput[] = []
  let outputs: Buffer[] = []
  const join = () => {
    const bytes = new Uint8Array(outputs.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const output of outputs) {
      bytes.set(output, at)
      at += output.length
    }
    if (at > 0) fed.push(bytes)
    outputs = []
  }
  for (const next of queue) {
    if (isOutput(next)) {
      outputs.push(next)
      continue
    }
    join()
    fed.push(next)
  }
  join()
  return fed
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
