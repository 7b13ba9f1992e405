// Guard for requests that need a connected agent.

import { ApiError } from '../../api/errors.ts'
import type { Row } from '../database/schema.ts'
import type { Relay } from '../relay/relay.ts'
import { deriveAgentStatus } from './agent-status.ts'

/** @throws ApiError 400 with the agent's current status */
export async function requireConnected(
  { connections }: { readonly connections: Relay },
  agent: Row<'workspace_agents'>,
): Promise<void> {
  const isConnectedHere = await connections.requireConnection(agent.id, 'terminals').then(
    () => true,
    () => false,
  )
  const status = deriveAgentStatus(agent, isConnectedHere, new Date())
  if (status === 'connected') return
  throw new ApiError(400, `Agent state is ${JSON.stringify(status)}, it must be in the "connected" state.`)
}
