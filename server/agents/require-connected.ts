// Guard for requests that need a connected agent.

import { ApiError } from '../../api/errors.ts'
import type { Row } from '../database/schema.ts'
import { deriveAgentStatus } from './agent-status.ts'
import type { AgentConnections } from './connections.ts'

/** @throws ApiError 400 with the agent's current status */
export async function requireConnected(
  { connections }: { readonly connections: AgentConnections },
  agent: Row<'workspace_agents'>,
): Promise<void> {
  const isHere = await connections.reach(agent.id).then(
    () => true,
    () => false,
  )
  const status = deriveAgentStatus(agent, isHere, new Date())
  if (status === 'connected') return
  throw new ApiError(400, `Agent state is ${JSON.stringify(status)}, it must be in the "connected" state.`)
}
