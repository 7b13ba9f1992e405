// JSON requests from coderd to agents; responses are complete or fail.

import type { ClientHttp2Stream } from 'node:http2'
import { type AgentTarget, agentTargets } from '../../api/agents/agent-protocol.ts'
import { AgentError, agentConnectionLost } from '../relay/agent-error.ts'
import { hasEndedCleanly, type Query } from '../relay/open-stream.ts'
import type { AgentConnections } from './connections.ts'

type Reached = Pick<AgentConnections, 'dial' | 'waitFor'>

/** @param body complete request body. @throws AgentError if the agent is not connected, rejects the request or
 *  disconnects; in the last case the request may have been executed */
export async function askAgent<T>(
  connections: Pick<Reached, 'dial'>,
  agentId: string,
  target: AgentTarget,
  query: Query = {},
  body = '',
): Promise<T> {
  return JSON.parse(await readWhole(await connections.dial(agentId, target, query, body))) as T
}

// Agents reconnect within a second after a restart of the relay.
const backWithinMs = 5_000

/** Like `askAgent` for read-only requests: retried once if the agent disconnects and reconnects. */
export async function readFromAgent<T>(
  connections: Reached,
  agentId: string,
  target: AgentTarget,
  query?: Query,
): Promise<T> {
  try {
    return await askAgent<T>(connections, agentId, target, query)
  } catch (error) {
    if (!(error instanceof AgentError) || error.reason !== 'lost') throw error
    await connections.waitFor(agentId, agentTargets[target], backWithinMs)
    return await askAgent<T>(connections, agentId, target, query)
  }
}

async function readWhole(stream: ClientHttp2Stream): Promise<string> {
  let isComplete = false
  stream.once('end', () => {
    isComplete = hasEndedCleanly(stream)
  })
  const chunks = await stream.toArray().catch(() => [])
  if (!isComplete) throw agentConnectionLost()
  return Buffer.concat(chunks).toString()
}
