// Settings of the agent from its environment. The variables have Coder's names, so that Coder's templates work.

import { readFileSync } from 'node:fs'
import { ApiError } from '../api/errors.ts'
import { findRunning } from '../lib/run-file.ts'

export interface AgentSettings {
  /** Current address of coderd, without a trailing slash. Reading it throws an ApiError with status 0 while the
   *  deployment on this computer is not running: another program may use its port and must not receive the token. */
  readonly url: string
  readonly token: string
  /** Whether coderd runs on this computer. */
  readonly isLocal: boolean
  /** Data folder of the deployment, if it is on this computer and configured. */
  readonly dataDir: string | undefined
}

/** @throws Error naming the missing variable. */
export function readSettings(env: NodeJS.ProcessEnv): AgentSettings {
  const url = (env.CODER_AGENT_URL ?? '').replace(/\/+$/, '')
  if (!URL.canParse(url))
    throw new Error('Set CODER_AGENT_URL to the address of the deployment, such as http://127.0.0.1:3000.')
  const token = env.CODER_AGENT_TOKEN || readTokenFile(env.CODER_AGENT_TOKEN_FILE)
  if (!token) throw new Error('Set CODER_AGENT_TOKEN, or CODER_AGENT_TOKEN_FILE to a file that holds the token.')
  const isLocal = isSameMachine(url)
  const dataDir = isLocal ? env.CODER_LOCAL_DATA_DIR : undefined
  return {
    token,
    isLocal,
    dataDir,
    // A deployment on this computer may restart on another port: its data folder contains the current one.
    get url() {
      return dataDir ? urlOfRunning(dataDir) : url
    },
  }
}

function urlOfRunning(dataDir: string): string {
  const running = findRunning(dataDir)
  if (running) return running.url
  throw new ApiError(0, 'The deployment on this computer is not running.')
}

const isSameMachine = (url: string): boolean => /^(localhost|127\..+|\[::1\])$/.test(new URL(url).hostname)

const readTokenFile = (path: string | undefined) => (path ? readFileSync(path, 'utf8').trim() : '')
