// What can be asked of an agent only while it is there.

import { ApiError } from '../../api/errors.ts'
import { deriveAgentStatus } from '../builds/workspace-status.ts'
import type { ServerContext } from '../context.ts'
import type { Row } from '../database/schema.ts'

/** @throws ApiError 400 with the status that it has instead */
export function requireConnected({ connections }: ServerContext, agent: Row<'workspace_agents'>): void {
  const status = deriveAgentStatus(agent, connections.isConnected(agent.id), new Date())
  if (status === 'connected') return
  throw new ApiError(400, `Agent state is ${JSON.stringify(status)}, it must be in the "connected" state.`)
}
