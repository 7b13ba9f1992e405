// Worker thread of the embedded engine: receives tasks from coderd and returns their results, without database
// access. A bug in one task does not affect others.

import { parentPort } from 'node:worker_threads'
import type { EngineTask } from '../../jobs/engine.ts'
import { runEmbeddedTask } from './embedded-task.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const port = parentPort
if (!port) throw new Error('engine-worker is the entry of a worker thread')

const running = new Map<number, AbortController>()
const send = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.type === 'ping') send({ type: 'pong' })
  else if (message.type === 'cancel') running.get(message.id)?.abort()
  else void run(message.id, message.task)
})

async function run(id: number, task: EngineTask): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const outcome = await runEmbeddedTask(task, {
      signal: controller.signal,
      onLog: (line) => send({ type: 'log', id, line }),
      onTiming: (timing) => send({ type: 'timing', id, timing }),
      onState: (state) => send({ type: 'state', id, state }),
    })
    send({ type: 'done', id, outcome })
  } catch (error) {
    send({ type: 'failed', id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  } finally {
    running.delete(id)
  }
}

send({ type: 'ready' })
