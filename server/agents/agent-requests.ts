// JSON requests from coderd to agents. A truncated response is an error.

import type { ClientHttp2Stream } from 'node:http2'
import { type AgentTarget, agentTargets } from '../../api/agents/agent-protocol.ts'
import { AgentError, agentConnectionLost } from '../relay/agent-error.ts'
import { hasEndedCleanly, type Query } from '../relay/open-stream.ts'
import type { Relay } from '../relay/relay.ts'

type AgentDialer = Pick<Relay, 'dial' | 'waitFor'>

/** @param body complete request body. @throws AgentError if the agent is not connected, rejects the request or
 *  disconnects; in the last case the request may have been executed */
export async function callAgent<T>(
  connections: Pick<AgentDialer, 'dial'>,
  agentId: string,
  target: AgentTarget,
  query: Query = {},
  body = '',
): Promise<T> {
  return JSON.parse(await readResponse(await connections.dial(agentId, target, query, body))) as T
}

// Agents reconnect within a second after a restart of the relay.
const reconnectTimeoutMs = 5_000

/** Like `callAgent` for read-only requests; retries once if the agent disconnects and reconnects. */
export async function queryAgent<T>(
  connections: AgentDialer,
  agentId: string,
  target: AgentTarget,
  query?: Query,
): Promise<T> {
  try {
    return await callAgent<T>(connections, agentId, target, query)
  } catch (error) {
    if (!(error instanceof AgentError) || error.reason !== 'lost') throw error
    await connections.waitFor(agentId, agentTargets[target], reconnectTimeoutMs)
    return await callAgent<T>(connections, agentId, target, query)
  }
}

async function readResponse(stream: ClientHttp2Stream): Promise<string> {
  let isComplete = false
  stream.once('end', () => {
    isComplete = hasEndedCleanly(stream)
  })
  const chunks = await stream.toArray().catch(() => [])
  if (!isComplete) throw agentConnectionLost()
  return Buffer.concat(chunks).toString()
}
