// The agent's environment as typed values. The variables have Coder's names, so that a template written for it works.

import { readFileSync } from 'node:fs'
import { findRunning } from '../lib/run-file.ts'

export interface AgentSettings {
  /** Where coderd answers at the moment, without a trailing slash. */
  readonly url: string
  readonly token: string
}

/** @throws Error that names the missing variable. */
export function readSettings(env: NodeJS.ProcessEnv): AgentSettings {
  const url = (env.CODER_AGENT_URL ?? '').replace(/\/+$/, '')
  if (!URL.canParse(url))
    throw new Error('Set CODER_AGENT_URL to the address of the deployment, such as http://127.0.0.1:3000.')
  const token = env.CODER_AGENT_TOKEN || readTokenFile(env.CODER_AGENT_TOKEN_FILE)
  if (!token) throw new Error('Set CODER_AGENT_TOKEN, or CODER_AGENT_TOKEN_FILE to a file that holds the token.')
  const dataDir = env.CODER_LOCAL_DATA_DIR
  return {
    token,
    // A deployment of this computer whose port was taken comes back on another: its data folder says on which.
    get url() {
      return dataDir && isSameMachine(url) ? (findRunning(dataDir)?.url ?? url) : url
    },
  }
}

export const isSameMachine = (url: string): boolean => /^(localhost|127\..+|\[::1\])$/.test(new URL(url).hostname)

const readTokenFile = (path: string | undefined) => (path ? readFileSync(path, 'utf8').trim() : '')
