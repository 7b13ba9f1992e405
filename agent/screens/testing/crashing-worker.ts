// The thread of the screens, which output can stop: for tests of what the holder does then.

import { parentPort } from 'node:worker_threads'
import type { WorkerRequest } from '../messages.ts'
import '../screen-worker.ts'

const says = (message: WorkerRequest, text: string) =>
  message.type === 'feed' && message.fed.some((fed) => fed instanceof Uint8Array && Buffer.from(fed).includes(text))

parentPort?.on('message', (message: WorkerRequest) => {
  if (says(message, 'die now')) process.exit(1)
  while (says(message, 'hang now'));
})
