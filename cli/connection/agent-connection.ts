// Connects with the agent token of the workspace, for commands that act as the workspace instead of a user.

import { readFileSync } from 'node:fs'
import { type Client, createClient } from '../../api/client.ts'
import { nodeRequest } from '../../lib/node-request.ts'
import { CommandError } from '../output/errors.ts'
import type { GlobalOptions } from './local-deployment.ts'

export interface AgentOptions extends GlobalOptions {
  readonly agentUrl?: string
  readonly agentToken?: string
  readonly agentTokenFile?: string
}

/** @throws CommandError outside a workspace. */
export function connectAsAgent(options: AgentOptions): Client {
  const { agentUrl: url = options.url, agentToken, agentTokenFile } = options
  const token = agentToken ?? (agentTokenFile && readFileSync(agentTokenFile, 'utf8').trim())
  if (url && token) return createClient({ baseUrl: url.replace(/\/+$/, ''), token, send: nodeRequest })
  throw new CommandError('This command must run inside a workspace.', {
    detail: 'CODER_AGENT_URL and CODER_AGENT_TOKEN are not set.',
    hint: 'run it in a terminal of a workspace.',
  })
}
