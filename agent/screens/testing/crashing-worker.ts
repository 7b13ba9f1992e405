// Screen worker that crashes or hangs on certain output, for tests of the holder.

import { parentPort } from 'node:worker_threads'
import type { WorkerRequest } from '../messages.ts'
import '../screen-worker.ts'

const contains = (message: WorkerRequest, text: string) =>
  message.type === 'feed' &&
  message.input.some((next) => next instanceof Uint8Array && Buffer.from(next).includes(text))

parentPort?.on('message', (message: WorkerRequest) => {
  if (contains(message, 'die now')) process.exit(1)
  while (contains(message, 'hang now'));
})
