// The embedded engine as coderd sees it: one thread, started when it is first needed, so that a build never delays a
// keystroke. A thread that dies fails the tasks it ran and is replaced by the next task. What happens inside of it is
// embedded-task.ts.

import { Worker } from 'node:worker_threads'
import type { Engine, EngineTask, EngineWatch, OutcomeOf } from '../engine.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

// A task that was asked to end stops its processes within seconds. One that has not ended by now no longer listens, and
// the only way to stop it is to stop its thread.
const unheardCancelMs = 3 * 60_000

interface Running {
  readonly watch: EngineWatch
  readonly resolve: (outcome: OutcomeOf<EngineTask>) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  readonly running: Map<number, Running>
  readonly ready: Promise<void>
}

/** @param entry the thread's program; another one only in tests. */
export function embeddedEngine(entry: URL = new URL('../engine-worker.ts', import.meta.url)): Engine {
  let thread: Thread | null = null
  let lastId = 0

  function currentThread(): Thread {
    thread ??= startThread(entry, (ended) => {
      if (thread === ended) thread = null
    })
    return thread
  }

  return {
    name: 'embedded engine',
    warm: () => currentThread().ready,
    run<T extends EngineTask>(task: T, watch: EngineWatch): Promise<OutcomeOf<T>> {
      const { worker, running } = currentThread()
      const id = ++lastId
      const send = (message: ToWorker) => worker.postMessage(message)
      return new Promise<OutcomeOf<T>>((resolve, reject) => {
        const stopListening = onAbort(watch.signal, () => {
          send({ type: 'cancel', id })
          return setTimeout(() => running.has(id) && worker.terminate(), unheardCancelMs)
        })
        running.set(id, {
          watch,
          resolve: (outcome) => {
            stopListening()
            resolve(outcome as OutcomeOf<T>)
          },
          reject: (error) => {
            stopListening()
            reject(error)
          },
        })
        send({ type: 'run', id, task })
        if (watch.signal.aborted) send({ type: 'cancel', id })
      })
    },
    async close() {
      await thread?.worker.terminate()
    },
  }
}

/** Calls `cancel` once when the signal aborts. @returns forgets it, and the timer that `cancel` started. */
function onAbort(signal: AbortSignal, cancel: () => NodeJS.Timeout): () => void {
  let timer: NodeJS.Timeout | undefined
  const listener = () => {
    timer = cancel()
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => {
    signal.removeEventListener('abort', listener)
    clearTimeout(timer)
  }
}

function startThread(entry: URL, onEnd: (thread: Thread) => void): Thread {
  const worker = new Worker(entry, { name: 'embedded engine' })
  const running = new Map<number, Running>()
  const { promise: ready, resolve: becomeReady, reject: neverReady } = Promise.withResolvers<void>()
  ready.catch(() => undefined) // whoever warms hears of it; a task hears by its own rejection
  const thread: Thread = { worker, running, ready }
  let cause: Error | undefined
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'ready') becomeReady()
    else hear(running, message)
  })
  worker.on('error', (error: Error) => {
    cause = error
  })
  worker.on('exit', (code) => {
    onEnd(thread)
    const error = new Error(
      `The embedded engine stopped in the middle of its work (${cause?.message ?? `exit code ${code}`}). ` +
        'What was made so far is kept. Try again: a new engine is started.',
      { cause },
    )
    neverReady(error)
    for (const task of running.values()) task.reject(error)
    running.clear()
  })
  // coderd ends when it was told to, not when its engine has nothing to do.
  worker.unref()
  return thread
}

function hear(running: Map<number, Running>, message: Exclude<FromWorker, { type: 'ready' }>): void {
  const task = running.get(message.id)
  if (!task) return
  switch (message.type) {
    case 'log':
      return task.watch.onLog(message.line)
    case 'timing':
      return task.watch.onTiming(message.timing)
    case 'state':
      return task.watch.onState(message.state)
    case 'done':
      running.delete(message.id)
      return task.resolve(message.outcome)
    case 'broke':
      running.delete(message.id)
      return task.reject(new Error(`The embedded engine has a defect: ${message.stack}`))
  }
}
