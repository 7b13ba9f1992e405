// Client of the embedded engine: worker threads, started when needed, so that builds do not delay terminal input. A thread
// runs one task at a time while threads are free, so a stuck task stalls no other. If a thread exits, its tasks fail and
// the next task starts a new one. The threads run engine-worker.ts.

import { Worker } from 'node:worker_threads'
import type { Engine, EngineRunOptions, EngineTask, FormOutcome, FormTask, OutcomeOf } from '../../jobs/engine.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

export interface EngineLimits {
  /** A canceled task stops its processes within seconds. If it still runs after this time, its thread is terminated. */
  readonly cancelMs: number
  /** A thread that does not respond for this time is terminated. The budget of a plan is about half a second of
   *  evaluation. */
  readonly unresponsiveMs: number
  /** A terminated thread exits at once, unless a system call blocks it. Its tasks fail after this time. */
  readonly exitMs: number
  /** Time of one evaluation of a parameter form, including the start of a thread. */
  readonly formMs: number
  /** Time that a form waits for a thread. */
  readonly formQueueMs: number
  /** Threads beyond the first end after this time without a task. */
  readonly idleMs: number
}

const defaultLimits: EngineLimits = {
  cancelMs: 3 * 60_000,
  unresponsiveMs: 60_000,
  exitMs: 5_000,
  formMs: 15_000,
  formQueueMs: 30_000,
  idleMs: 60_000,
}

// The built-in daemons run three jobs at a time. Further jobs share threads.
const maxJobThreads = 4
const maxFormThreads = 2

/** @param entry module of the threads; replaced in tests, like the limits */
export function embeddedEngine(
  entry: URL = new URL('./engine-worker.ts', import.meta.url),
  limits: Partial<EngineLimits> = {},
): Engine {
  const pool = new ThreadPool(entry, { ...defaultLimits, ...limits })
  return {
    name: 'embedded engine',
    warm: () => pool.warm(),
    run: (task, options) => pool.run(task, options),
    close: () => pool.close(),
  }
}

type TaskKind = 'job' | 'form'

class ThreadPool {
  readonly #entry: URL
  readonly #limits: EngineLimits
  #threads: readonly EngineThread[] = []
  readonly #waitingForms: ((thread: EngineThread | undefined) => void)[] = []

  constructor(entry: URL, limits: EngineLimits) {
    this.#entry = entry
    this.#limits = limits
  }

  async warm(): Promise<void> {
    await (this.#alive()[0] ?? this.#start()).ready
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()))
  }

  async run<T extends EngineTask>(task: T, options: EngineRunOptions): Promise<OutcomeOf<T>> {
    if (task.kind === 'form') return (await this.#runForm(task, options)) as OutcomeOf<T>
    const thread = this.#claim('job') ?? leastLoaded(this.#busyWith('job')).claim('job')
    return await this.#runOn(thread, task, options)
  }

  async #runForm(task: FormTask, options: EngineRunOptions): Promise<FormOutcome> {
    const thread = this.#claim('form') ?? (await this.#waitForThread())
    if (!thread) return formFailure('The server is busy with other forms', 'Try again in a moment.')
    const deadline = setTimeout(() => void thread.stop(), this.#limits.formMs)
    const startedAt = performance.now()
    try {
      return await this.#runOn(thread, task, options)
    } catch (error) {
      if (performance.now() - startedAt < this.#limits.formMs) throw error
      return formFailure(
        'The evaluation of the parameters takes too long',
        `It did not end within ${this.#limits.formMs / 1000} s. Ask the author of the template to simplify it.`,
      )
    } finally {
      clearTimeout(deadline)
    }
  }

  async #runOn<T extends EngineTask>(thread: EngineThread, task: T, options: EngineRunOptions): Promise<OutcomeOf<T>> {
    try {
      return await thread.run(task, options)
    } finally {
      this.#release(thread)
    }
  }

  /** Claims an idle or new thread; undefined if all threads for such tasks are busy. */
  #claim(kind: TaskKind): EngineThread | undefined {
    const max = kind === 'job' ? maxJobThreads : maxFormThreads
    if (this.#busyWith(kind).length >= max) return undefined
    return (this.#alive().find((thread) => thread.load === 0) ?? this.#start()).claim(kind)
  }

  #busyWith(kind: TaskKind): readonly EngineThread[] {
    return this.#alive().filter((thread) => thread.load > 0 && thread.kind === kind)
  }

  async #waitForThread(): Promise<EngineThread | undefined> {
    const { promise, resolve } = Promise.withResolvers<EngineThread | undefined>()
    this.#waitingForms.push(resolve)
    const timer = setTimeout(() => {
      this.#waitingForms.splice(this.#waitingForms.indexOf(resolve), 1)
      resolve(undefined)
    }, this.#limits.formQueueMs)
    return await promise.finally(() => clearTimeout(timer))
  }

  #release(thread: EngineThread): void {
    thread.load--
    this.#serveWaitingForms()
    if (thread.load === 0) this.#stopWhenIdle(thread)
  }

  #serveWaitingForms(): void {
    while (this.#waitingForms.length > 0) {
      const thread = this.#claim('form')
      if (!thread) return
      this.#waitingForms.shift()?.(thread)
    }
  }

  #stopWhenIdle(thread: EngineThread): void {
    clearTimeout(thread.idleTimer)
    thread.idleTimer = setTimeout(() => {
      if (thread.load === 0 && this.#alive().length > 1) void thread.stop()
    }, this.#limits.idleMs)
    thread.idleTimer.unref()
  }

  #alive(): readonly EngineThread[] {
    this.#threads = this.#threads.filter((thread) => thread.isAlive)
    return this.#threads
  }

  #start(): EngineThread {
    const thread = new EngineThread(this.#entry, this.#limits)
    this.#threads = [...this.#threads, thread]
    return thread
  }
}

function leastLoaded(threads: readonly EngineThread[]): EngineThread {
  return threads.reduce((least, thread) => (thread.load < least.load ? thread : least))
}

const formFailure = (summary: string, detail: string): FormOutcome => ({
  parameters: [],
  diagnostics: [{ severity: 'error', summary, detail, formatted: `Error: ${summary}\n\n${detail}` }],
  tags: {},
})

interface RunningTask {
  readonly options: EngineRunOptions
  readonly resolve: (outcome: OutcomeOf<EngineTask>) => void
  readonly reject: (error: Error) => void
}

// Unanswered pings are counted, not the time, which also passes while the computer sleeps.
const pingsUntilUnresponsive = 6

class EngineThread {
  isAlive = true
  /** The kind of its current tasks. */
  kind: TaskKind = 'job'
  /** The number of tasks that claimed it. */
  load = 0
  idleTimer: NodeJS.Timeout | undefined
  /** Rejects if the thread exits before it is ready. */
  readonly ready: Promise<void>
  readonly #limits: EngineLimits
  readonly #worker: Worker
  readonly #running = new Map<number, RunningTask>()
  #lastId = 0
  #cause: Error | undefined
  #unanswered = 0
  #pings: NodeJS.Timeout | undefined

  constructor(entry: URL, limits: EngineLimits) {
    this.#limits = limits
    const { promise, resolve: resolveReady, reject: rejectReady } = Promise.withResolvers<void>()
    this.ready = promise
    // Prevents an unhandled rejection; `warm` and tasks report the error.
    promise.catch(() => undefined)
    this.#worker = new Worker(entry, { name: 'embedded engine' })
    this.#worker.on('message', (message: FromWorker) => {
      this.#unanswered = 0
      if (message.type === 'ready') resolveReady()
      else if (message.type !== 'pong') this.#handleMessage(message)
    })
    this.#worker.on('error', (error: Error) => {
      this.#cause = error
    })
    this.#worker.on('exit', (code) => {
      this.isAlive = false
      clearInterval(this.#pings)
      rejectReady(toExitError(code, this.#cause))
      this.#rejectTasks(code)
    })
    // The idle thread must not keep the process alive.
    this.#worker.unref()
  }

  claim(kind: TaskKind): this {
    clearTimeout(this.idleTimer)
    this.kind = kind
    this.load++
    return this
  }

  async run<T extends EngineTask>(task: T, options: EngineRunOptions): Promise<OutcomeOf<T>> {
    const id = ++this.#lastId
    let deadline: NodeJS.Timeout | undefined
    const cancel = () => {
      this.#send({ type: 'cancel', id })
      deadline = setTimeout(() => void this.stop(), this.#limits.cancelMs)
    }
    if (this.#running.size === 0) this.#startPings()
    try {
      return await new Promise((resolve, reject) => {
        this.#running.set(id, { options, resolve: resolve as RunningTask['resolve'], reject })
        this.#send({ type: 'run', id, task })
        if (options.signal.aborted) cancel()
        else options.signal.addEventListener('abort', cancel, { once: true })
      })
    } finally {
      clearTimeout(deadline)
      options.signal.removeEventListener('abort', cancel)
      this.#running.delete(id)
      if (this.#running.size === 0) clearInterval(this.#pings)
    }
  }

  /** From now on, the pool starts no task on this thread. */
  async stop(): Promise<void> {
    this.isAlive = false
    const timer = setTimeout(() => this.#rejectTasks(1), this.#limits.exitMs)
    await this.#worker.terminate()
    clearTimeout(timer)
  }

  #rejectTasks(code: number): void {
    for (const task of this.#running.values()) task.reject(toExitError(code, this.#cause))
  }

  #startPings(): void {
    this.#unanswered = 0
    const everyMs = this.#limits.unresponsiveMs / pingsUntilUnresponsive
    this.#pings = setInterval(() => {
      if (this.#unanswered++ < pingsUntilUnresponsive) return this.#send({ type: 'ping' })
      this.#cause = new Error(`it did not respond for ${this.#limits.unresponsiveMs / 1000} s`)
      void this.stop()
    }, everyMs)
    this.#pings.unref()
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #handleMessage(message: Exclude<FromWorker, { type: 'ready' | 'pong' }>): void {
    const task = this.#running.get(message.id)
    if (!task) return
    if (message.type === 'log') task.options.onLog(message.line)
    else if (message.type === 'timing') task.options.onTiming(message.timing)
    else if (message.type === 'state') task.options.onState(message.state)
    else if (message.type === 'done') task.resolve(message.outcome)
    else task.reject(new Error(`Internal error of the embedded engine: ${message.stack}`))
  }
}

function toExitError(code: number, cause: Error | undefined): Error {
  return new Error(
    `The embedded engine exited during the task (${cause?.message ?? `exit code ${code}`}). ` +
      'The resources created so far are recorded. Try again: a new engine is started.',
    { cause },
  )
}
