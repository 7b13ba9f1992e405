// The screen of one session as the session has it. What the session says is gathered for some milliseconds and handed
// over to the thread of the screens; what the screen tells comes back.

import type { ScreenSize } from '../screen-size.ts'
import { type FinishedCommand, idleShell, type ShellState } from './drawing/marks.ts'
import type { HeldScreen, ScreenInput, ScreenQuery, WorkerEvent } from './messages.ts'
import type { SessionDescription } from './record/session-files.ts'
import { isOutput, type Queued, ScreenQueue } from './screen/queue.ts'
import type { ScreenEndpoint, ScreenWorkerClient } from './screen-worker-client.ts'

// A keystroke's echo wakes nobody else until it has gone where it should.
const gatherMs = 10
// The list of terminals to restore need not know at once.
const describeMs = 1_000
// A thread that lived for a shorter time may have died of what was said, and is not told it again.
const harmlessMs = 10_000

export interface KeptPlace {
  /** The session's own folder. */
  readonly folder: string
  /** Whether the session goes on from what is written down there. */
  readonly isRestored: boolean
}

export interface SessionScreenOptions {
  readonly size: ScreenSize
  /** What the marks of its own shell carry; empty where no shell was told any. */
  readonly nonce: string
  /** Undefined where nothing is written down. */
  readonly keptIn: KeptPlace | undefined
  /** Whether somebody waits for echoes. */
  readonly isTyping: () => boolean
  /** The newest output of all that was fed. */
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
  /** The title that a program gave its terminal, as far as parsed. */
  title = ''
  /** What the shell does, as far as it tells and as far as parsed. */
  shell: ShellState = idleShell
  readonly #options: SessionScreenOptions
  readonly #current: () => ScreenWorkerClient
  /** The life of the thread on which it was opened last, and whether it still is. */
  #thread: ScreenWorkerClient | undefined
  #isOpen = false
  /** It was on a thread that lived. */
  #hasBegun = false
  #openedAt = 0
  #size: ScreenSize
  readonly #queue = new ScreenQueue()
  /** Bytes fed so far. */
  #end = 0
  #flushing: NodeJS.Timeout | undefined
  #describing: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param current the thread, started where there is none; it may have ended */
  constructor(number: number, options: SessionScreenOptions, current: () => ScreenWorkerClient) {
    this.number = number
    this.#options = options
    this.#current = current
    this.#size = options.size
    this.#describeSoon()
  }

  /** The memory must not be written again. */
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

  /** Parses all that was fed, and holds still until it is released. Only one holds it: the next waits.
   *  @throws Error when the screen cannot be had; asking again may help. */
  async hold(): Promise<SessionSnapshot> {
    const thread = this.#handOver()
    const ask = (what: ScreenQuery) => thread.queryWithTimeout(this, what)
    const held = (await ask({ type: 'hold' }).catch((error: Error) => this.#loseOn(thread, error))) as HeldScreen
    return {
      ...held,
      draw: async (withImages = false) => asBuffer((await ask({ type: 'draw', withImages })) as Uint8Array),
      history: async (maxBytes, withImages = false) =>
        ((await ask({ type: 'history', maxBytes, withImages })) as Uint8Array[]).map(asBuffer),
      // A thread that died meanwhile has let go of it.
      release: () => void ask({ type: 'release' }).catch(() => undefined),
    }
  }

  /** Writes down what is on the screen, for the next holder; nothing afterwards. */
  async keep(): Promise<void> {
    if (!this.#options.keptIn) return
    const thread = this.#handOver()
    this.#describe(thread)
    await thread.query(this.number, { type: 'keep' })
  }

  /** Takes away what is written down. */
  async forget(): Promise<void> {
    if (!this.#options.keptIn) return
    clearTimeout(this.#describing)
    await this.#reach().query(this.number, { type: 'forget' })
  }

  /** Nothing more is said. */
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

  /** What the thread says of it. */
  receive(message: Extract<WorkerEvent, { readonly screen: number }>): void {
    if (message.type === 'reply') this.#options.onAnswer(message.reply)
    else if (message.type === 'command') this.#options.onCommand(message.command)
    else {
      this.title = message.title
      this.shell = message.shell
      this.#describeSoon()
    }
  }

  /** Hands over what is queued, when there has been time for more to come. */
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

  /** The thread, on which the screen is open unless it has ended. */
  #reach(): ScreenWorkerClient {
    const thread = this.#current()
    if (!thread.isAlive || (this.#isOpen && thread === this.#thread)) return thread
    const before = this.#thread
    this.#hasBegun ||= before?.hasStarted === true
    // A thread that never lived has not died of what was said.
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

  /** A screen that cannot be held is no good to the next one either. */
  #loseOn(thread: ScreenWorkerClient, error: Error): never {
    if (this.#thread === thread) this.#leave()
    throw error
  }

  /** Opened again by whoever needs it next. */
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

/** Copies that can be given away, one for output that nothing parts. */
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
