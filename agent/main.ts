// The workspace agent: what `coder agent` runs, and a program of its own in the built package. This process becomes the
// holder of the terminals, which starts the rest of the agent.

import { ignoreClosedStdio } from '../lib/ignore-closed-stdio.ts'
import { holdTerminals } from './holder.ts'
import { readSettings } from './settings.ts'

// What was meant for this process alone. The token itself stays: Coder's agents leave it to the shells, and tools that
// report on behalf of the agent read it there.
const ownVariables = /^(?:CODER_AGENT_AUTH|CODER_AGENT_TOKEN_FILE|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE)$/

/**
 * Runs until SIGTERM, SIGINT or SIGHUP, then ends scripts and terminals in good order.
 * @param _args of the command line: what the official agent takes as flags comes by environment here.
 * @throws Error when the environment lacks what an agent has to know.
 */
export async function runAgent(_args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const settings = readSettings(env)
  const ending = new AbortController()
  ignoreClosedStdio()
  // A fault on one terminal's road must not end all the others: it is written down, and goes no further.
  process.on('uncaughtException', (error) => console.error(`${new Date().toISOString()} ${error.stack}`))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
  await holdTerminals({
    settings,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !ownVariables.test(name))),
    log: (message) => console.error(`${new Date().toISOString()} ${message}`),
    signal: ending.signal,
  })
}

if (import.meta.main) {
  runAgent(process.argv.slice(2)).then(
    () => process.exit(0),
    (error: Error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
}
