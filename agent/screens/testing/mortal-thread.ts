// The thread of the screens, which output can stop: for tests of what the holder does then.

import { parentPort } from 'node:worker_threads'
import type { ToThread } from '../messages.ts'
import '../thread.ts'

const says = (message: ToThread, text: string) =>
  message.type === 'feed' && message.fed.some((fed) => fed instanceof Uint8Array && Buffer.from(fed).includes(text))

parentPort?.on('message', (message: ToThread) => {
  if (says(message, 'die now')) process.exit(1)
  while (says(message, 'hang now'));
})
