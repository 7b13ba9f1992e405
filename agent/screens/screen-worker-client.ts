// Client of one screen worker thread: sends messages, limits unacknowledged output and tracks pending queries. The
// worker keeps parsing, drawing and recording off the path of a keystroke. The other end is screen-worker.ts.

import { Worker } from 'node:worker_threads'
import type { QueryResult, ScreenQuery, WorkerEvent, WorkerRequest } from './messages.ts'

// Parsed data is short-lived; by default V8 would take 48 MB before a collection.
const maxYoungGenerationSizeMb = 12

// Limit of output sent to the worker and not parsed yet. Further output waits in the holder, where it is compacted.
const maxUnacknowledgedBytes = 1024 * 1024

interface PendingQuery {
  readonly resolve: (result: QueryResult) => void
  readonly reject: (error: Error) => void
}

/** The holder's end of a screen. */
export interface ScreenEndpoint {
  readonly number: number
  /** Handles a message of the worker. */
  receive(message: Extract<WorkerEvent, { readonly screen: number }>): void
  /** Sends queued output soon: the worker has room, or was replaced. */
  scheduleFlush(): void
}

export class ScreenWorkerClient {
  isAlive = true
  /** The worker has started; it may have received messages. */
  hasStarted = false
  /** Value of `performance.now()`. */
  readonly createdAt = performance.now()
  readonly #worker: Worker
  readonly #timeoutMs: number
  readonly #onError: (message: string) => void
  readonly #screens = new Map<number, ScreenEndpoint>()
  readonly #pending = new Map<number, PendingQuery>()
  /** Screens with queued output. */
  readonly #waiting = new Set<ScreenEndpoint>()
  #lastQueryId = 0
  #unacknowledgedBytes = 0
  #isStopping = false

  constructor(entry: URL, timeoutMs: number, onError: (message: string) => void) {
    this.#timeoutMs = timeoutMs
    this.#onError = onError
    this.#worker = new Worker(entry, { name: 'screens', resourceLimits: { maxYoungGenerationSizeMb } })
    let cause: Error | undefined
    this.#worker.on('message', (message: WorkerEvent) => this.#receive(message))
    this.#worker.on('error', (error) => (cause = error as Error))
    this.#worker.on('exit', () => this.#end(cause))
    // The worker must not keep the holder process alive.
    this.#worker.unref()
  }

  /** Registers the receiver of a screen's messages. */
  add(screen: ScreenEndpoint): void {
    this.#screens.set(screen.number, screen)
  }

  remove(screen: ScreenEndpoint): void {
    this.#screens.delete(screen.number)
    this.#waiting.delete(screen)
  }

  /** Whether the backlog is small; otherwise `scheduleFlush` of the screen is called later. */
  hasRoom(screen: ScreenEndpoint): boolean {
    if (this.#unacknowledgedBytes < maxUnacknowledgedBytes) return true
    this.#waiting.add(screen)
    return false
  }

  send(message: WorkerRequest): void {
    if (!this.isAlive) return
    const bytes = message.type === 'feed' ? message.input.filter((next) => next instanceof Uint8Array) : []
    for (const { length } of bytes) this.#unacknowledgedBytes += length
    this.#worker.postMessage(
      message,
      bytes.map(({ buffer }) => buffer as ArrayBuffer),
    )
  }

  /** @throws Error when the query fails or the worker has exited. */
  query(screen: number, query: ScreenQuery): Promise<QueryResult> {
    const id = ++this.#lastQueryId
    return new Promise((resolve, reject) => {
      if (!this.isAlive) return reject(workerExited())
      this.#pending.set(id, { resolve, reject })
      this.send({ type: 'query', screen, id, query })
    })
  }

  /** Like `query`, with a timeout. A worker that does not respond to any query is terminated.
   *  @throws Error after the timeout */
  async queryWithTimeout(screen: ScreenEndpoint, query: ScreenQuery): Promise<QueryResult> {
    const late = new Error(`The screen of a terminal did not answer. ${recoveryHint}`)
    try {
      return await withTimeout(this.query(screen.number, query), this.#timeoutMs, late)
    } catch (error) {
      if (error === late) void this.#terminateIfUnresponsive(late)
      throw error
    }
  }

  async #terminateIfUnresponsive(cause: Error): Promise<void> {
    try {
      await withTimeout(this.query(0, { type: 'ping' }), this.#timeoutMs, cause)
    } catch {
      await this.#worker.terminate()
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#worker.terminate()
  }

  #receive(message: WorkerEvent): void {
    if (message.type === 'ready') this.hasStarted = true
    else if (message.type === 'error') this.#onError(message.message)
    else if (message.type === 'acknowledge') this.#acknowledge(message.bytes)
    else if (message.type === 'answer') this.#settle(message.id)?.resolve(message.result)
    else if (message.type === 'failed') this.#settle(message.id)?.reject(new Error(message.message))
    else this.#screens.get(message.screen)?.receive(message)
  }

  /** Removes and returns the pending query. */
  #settle(id: number): PendingQuery | undefined {
    const query = this.#pending.get(id)
    this.#pending.delete(id)
    return query
  }

  #acknowledge(bytes: number): void {
    this.#unacknowledgedBytes -= bytes
    if (this.#unacknowledgedBytes >= maxUnacknowledgedBytes) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const screen of waiting) screen.scheduleFlush()
  }

  #end(cause: Error | undefined): void {
    this.isAlive = false
    const error = workerExited(cause)
    if (!this.#isStopping) this.#onError(error.message)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    for (const screen of this.#waiting) screen.scheduleFlush()
  }
}

const recoveryHint = 'The terminals keep running; their screens restart with the most recent output.'

const workerExited = (cause?: Error) =>
  new Error(
    `The screens of all terminals were lost (${cause?.message ?? 'the screen worker exited'}). ${recoveryHint}`,
    {
      cause,
    },
  )

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number, late: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), timeoutMs)
  })
  return await Promise.race([promise, expired]).finally(() => clearTimeout(timer))
}
