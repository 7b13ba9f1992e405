// Worker thread of the embedded engine: receives tasks from coderd and returns their results, without database
// access. A bug in one task does not affect others.

import { parentPort } from 'node:worker_threads'
import type { EngineTask } from '../../jobs/engine.ts'
import { runEmbeddedTask } from './embedded-task.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const port = parentPort
if (!port) throw new Error('engine-worker is the entry of a worker thread')

const running = new Map<number, AbortController>()
const say = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') running.get(message.id)?.abort()
  else void run(message.id, message.task)
})

async function run(id: number, task: EngineTask): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const outcome = await runEmbeddedTask(task, {
      signal: controller.signal,
      onLog: (line) => say({ type: 'log', id, line }),
      onTiming: (timing) => say({ type: 'timing', id, timing }),
      onState: (state) => say({ type: 'state', id, state }),
    })
    say({ type: 'done', id, outcome })
  } catch (error) {
    say({ type: 'broke', id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  } finally {
    running.delete(id)
  }
}

say({ type: 'ready' })
