// The workspace agent: `coder agent`, and a separate program in the built package. This process becomes the terminal
// holder, which starts the services.

import { agentFolder } from '../lib/container-bridge.ts'
import { ignoreClosedStdio } from '../lib/ignore-closed-stdio.ts'
import { findRoute } from './find-route.ts'
import { holdTerminals } from './holder.ts'
import { readSettings } from './settings.ts'

// Variables for this process only. The token stays in the environment, as with Coder's agent: tools that report for the
// agent read it there.
const ownVariables = /^(?:CODER_AGENT_AUTH|CODER_AGENT_TOKEN_FILE|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE)$/

// The provider of Docker containers mounts the agent there.
const isInContainer = import.meta.dirname.startsWith(`${agentFolder}/`)

/**
 * Runs until SIGTERM, SIGINT or SIGHUP, then stops scripts and terminals gracefully.
 * @param _args command line; this agent reads its settings from the environment.
 * @throws Error naming a missing environment variable.
 */
export async function runAgent(_args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const ending = new AbortController()
  const log = (message: string) => console.error(`${new Date().toISOString()} ${message}`)
  ignoreClosedStdio()
  // An error in one terminal must not end the others: it is logged.
  process.on('uncaughtException', (error) => console.error(`${new Date().toISOString()} ${error.stack}`))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
  const { url } = readSettings(env)
  const routedEnv = isInContainer ? { ...env, CODER_AGENT_URL: await findRoute(url, log, ending.signal) } : env
  await holdTerminals({
    settings: readSettings(routedEnv),
    env: Object.fromEntries(Object.entries(routedEnv).filter(([name]) => !ownVariables.test(name))),
    log,
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
