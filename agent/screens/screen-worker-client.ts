// Client of one screen worker thread, which keeps parsing, drawing and recording off the path of a keystroke:
// sends messages, tracks unacknowledged output and pending requests. The other end is screen-worker.ts.

import { Worker } from 'node:worker_threads'
import type { QueryResult, ScreenQuery, WorkerEvent, WorkerRequest } from './messages.ts'

// Parsed data is short-lived; by default V8 would take 48 MB before a collection.
const maxYoungGenerationSizeMb = 12

// Further output waits in the holder, where it is compacted.
const maxOnTheWayBytes = 1024 * 1024

interface Question {
  readonly resolve: (answer: QueryResult) => void
  readonly reject: (error: Error) => void
}

/** The holder's end of a screen. */
export interface ScreenEndpoint {
  readonly number: number
  /** Handles a message of the worker. */
  receive(message: Extract<WorkerEvent, { readonly screen: number }>): void
  /** Sends queued output: there is room, or a new thread. */
  scheduleFlush(): void
}

export class ScreenWorkerClient {
  isAlive = true
  /** The thread has started; it may have received messages. */
  hasStarted = false
  /** As of `performance.now`. */
  readonly createdAt = performance.now()
  readonly #worker: Worker
  readonly #patienceMs: number
  readonly #onTrouble: (message: string) => void
  readonly #screens = new Map<number, ScreenEndpoint>()
  readonly #questions = new Map<number, Question>()
  /** Screens with queued output. */
  readonly #waiting = new Set<ScreenEndpoint>()
  #lastQuestion = 0
  #onTheWayBytes = 0
  #isStopping = false

  constructor(entry: URL, patienceMs: number, onTrouble: (message: string) => void) {
    this.#patienceMs = patienceMs
    this.#onTrouble = onTrouble
    this.#worker = new Worker(entry, { name: 'screens', resourceLimits: { maxYoungGenerationSizeMb } })
    let cause: Error | undefined
    this.#worker.on('message', (message: WorkerEvent) => this.#hear(message))
    this.#worker.on('error', (error) => (cause = error as Error))
    this.#worker.on('exit', () => this.#end(cause))
    // The thread does not keep the holder process alive.
    this.#worker.unref()
  }

  /** Dispatches a message to its screen. */
  add(screen: ScreenEndpoint): void {
    this.#screens.set(screen.number, screen)
  }

  remove(screen: ScreenEndpoint): void {
    this.#screens.delete(screen.number)
    this.#waiting.delete(screen)
  }

  /** Whether the backlog is small; otherwise the screen is called again later. */
  hasRoom(screen: ScreenEndpoint): boolean {
    if (this.#onTheWayBytes < maxOnTheWayBytes) return true
    this.#waiting.add(screen)
    return false
  }

  send(message: WorkerRequest): void {
    if (!this.isAlive) return
    const bytes = message.type === 'feed' ? message.fed.filter((fed) => fed instanceof Uint8Array) : []
    for (const { length } of bytes) this.#onTheWayBytes += length
    this.#worker.postMessage(
      message,
      bytes.map(({ buffer }) => buffer as ArrayBuffer),
    )
  }

  /** @throws Error when the request fails or the thread has died. */
  query(screen: number, ask: ScreenQuery): Promise<QueryResult> {
    const question = ++this.#lastQuestion
    return new Promise((resolve, reject) => {
      if (!this.isAlive) return reject(threadEnded())
      this.#questions.set(question, { resolve, reject })
      this.send({ type: 'ask', screen, question, ask })
    })
  }

  /** Like `ask`, with a timeout.
   *  @throws Error after the timeout: the screen is lost, and the thread too when it does not respond at all. */
  async queryWithTimeout(screen: ScreenEndpoint, ask: ScreenQuery): Promise<QueryResult> {
    const late = new Error(`The screen of a terminal did not answer. ${goesOn}`)
    try {
      return await inTime(this.query(screen.number, ask), this.#patienceMs, late)
    } catch (error) {
      if (error === late) void this.#endUnlessHeard(late)
      throw error
    }
  }

  async #endUnlessHeard(cause: Error): Promise<void> {
    try {
      await inTime(this.query(0, { type: 'hear' }), this.#patienceMs, cause)
    } catch {
      await this.#worker.terminate()
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#worker.terminate()
  }

  #hear(message: WorkerEvent): void {
    if (message.type === 'ready') this.hasStarted = true
    else if (message.type === 'trouble') this.#onTrouble(message.message)
    else if (message.type === 'taken') this.#taken(message.bytes)
    else if (message.type === 'answer') this.#close(message.question)?.resolve(message.answer)
    else if (message.type === 'failed') this.#close(message.question)?.reject(new Error(message.message))
    else this.#screens.get(message.screen)?.receive(message)
  }

  #close(number: number): Question | undefined {
    const question = this.#questions.get(number)
    this.#questions.delete(number)
    return question
  }

  #taken(bytes: number): void {
    this.#onTheWayBytes -= bytes
    if (this.#onTheWayBytes >= maxOnTheWayBytes) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const screen of waiting) screen.scheduleFlush()
  }

  #end(cause: Error | undefined): void {
    this.isAlive = false
    const error = threadEnded(cause)
    if (!this.#isStopping) this.#onTrouble(error.message)
    for (const { reject } of this.#questions.values()) reject(error)
    this.#questions.clear()
    for (const screen of this.#waiting) screen.scheduleFlush()
  }
}

const goesOn = 'The terminals keep running; their screens restart with the most recent output.'

const threadEnded = (cause?: Error) =>
  new Error(`The screens of all terminals were lost (${cause?.message ?? 'the screen worker exited'}). ${goesOn}`, {
    cause,
  })

async function inTime<T>(asked: Promise<T>, patienceMs: number, late: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), patienceMs)
  })
  return await Promise.race([asked, isLate]).finally(() => clearTimeout(timer))
}
