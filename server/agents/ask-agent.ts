// What coderd itself asks of agents, as JSON that arrives whole or not at all.

import type { ClientHttp2Stream } from 'node:http2'
import { type AgentTarget, agentTargets } from '../../api/agents/agent-protocol.ts'
import { AgentError, agentConnectionLost } from '../relay/agent-error.ts'
import { hasEndedCleanly, type Query } from '../relay/open-stream.ts'
import type { AgentConnections } from './connections.ts'

type Reached = Pick<AgentConnections, 'dial' | 'waitFor'>

/** @param body all that is said. @throws AgentError when the agent is not connected, refuses, or is lost meanwhile: then nobody
 *  knows whether it did what it was asked for */
export async function askAgent<T>(
  connections: Pick<Reached, 'dial'>,
  agentId: string,
  target: AgentTarget,
  query: Query = {},
  body = '',
): Promise<T> {
  return JSON.parse(await readWhole(await connections.dial(agentId, target, query, body))) as T
}

// After a restart of the relay its agents are back within a second.
const backWithinMs = 5_000

/** As `askAgent`, for what changes nothing: an agent that is lost meanwhile is asked once more when it is back. */
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
