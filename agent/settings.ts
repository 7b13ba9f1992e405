// The agent's environment as typed values. The variables have Coder's names, so that a template written for it works.

import { readFileSync } from 'node:fs'
import { ApiError } from '../api/errors.ts'
import { findRunning } from '../lib/run-file.ts'

export interface AgentSettings {
  /** Where coderd answers at the moment, without a trailing slash. Reading it throws an ApiError of status 0 while the
   *  deployment of this computer is known not to run: its old port may be anybody's by now, and is not sent the token. */
  readonly url: string
  readonly token: string
  /** Whether coderd runs on this computer. */
  readonly isLocal: boolean
  /** The data folder of the deployment, where it is on this computer and says so. */
  readonly dataDir: string | undefined
}

/** @throws Error that names the missing variable. */
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
    // A deployment of this computer whose port was taken comes back on another: its data folder says on which.
    get url() {
      return dataDir ? urlOfRunning(dataDir) : url
    },
  }
}

function urlOfRunning(dataDir: string): string {
  const running = findRunning(dataDir)
  if (running) return running.url
  throw new ApiError(0, 'The deployment of this computer does not run at the moment.')
}

const isSameMachine = (url: string): boolean => /^(localhost|127\..+|\[::1\])$/.test(new URL(url).hostname)

const readTokenFile = (path: string | undefined) => (path ? readFileSync(path, 'utf8').trim() : '')
