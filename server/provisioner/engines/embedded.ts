// Client of the embedded engine: one worker thread, started on first use, so that builds do not delay terminal input.
// If the thread exits, its tasks fail and the next task starts a new one. The thread runs engine-worker.ts.

import { Worker } from 'node:worker_threads'
import type { Engine, EngineRunOptions, EngineTask, OutcomeOf } from '../../jobs/engine.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

// A canceled task stops its processes within seconds. A task that still runs after this time is unresponsive,
// so its thread is terminated.
const cancelTimeoutMs = 3 * 60_000

/** @param entry module of the thread; replaced in tests */
export function embeddedEngine(entry: URL = new URL('./engine-worker.ts', import.meta.url)): Engine {
  let thread: EngineThread | null = null
  const current = () => {
    if (!thread?.isAlive) thread = new EngineThread(entry)
    return thread
  }
  return {
    name: 'embedded engine',
    warm: () => current().ready,
    run: (task, options) => current().run(task, options),
    close: async () => await thread?.stop(),
  }
}

interface RunningTask {
  readonly options: EngineRunOptions
  readonly resolve: (outcome: OutcomeOf<EngineTask>) => void
  readonly reject: (error: Error) => void
}

class EngineThread {
  isAlive = true
  /** Rejects if the thread exits before it is ready. */
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #running = new Map<number, RunningTask>()
  #lastId = 0

  constructor(entry: URL) {
    const { promise, resolve: resolveReady, reject: rejectReady } = Promise.withResolvers<void>()
    this.ready = promise
    // Prevents an unhandled rejection; `warm` and tasks report the error.
    promise.catch(() => undefined)
    let cause: Error | undefined
    this.#worker = new Worker(entry, { name: 'embedded engine' })
    this.#worker.on('message', (message: FromWorker) =>
      message.type === 'ready' ? resolveReady() : this.#handleMessage(message),
    )
    this.#worker.on('error', (error: Error) => {
      cause = error
    })
    this.#worker.on('exit', (code) => {
      this.isAlive = false
      const error = toExitError(code, cause)
      rejectReady(error)
      for (const task of this.#running.values()) task.reject(error)
    })
    // The idle thread must not keep the process alive.
    this.#worker.unref()
  }

  async run<T extends EngineTask>(task: T, options: EngineRunOptions): Promise<OutcomeOf<T>> {
    const id = ++this.#lastId
    let deadline: NodeJS.Timeout | undefined
    const cancel = () => {
      this.#send({ type: 'cancel', id })
      deadline = setTimeout(() => void this.stop(), cancelTimeoutMs)
    }
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
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #handleMessage(message: Exclude<FromWorker, { type: 'ready' }>): void {
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
