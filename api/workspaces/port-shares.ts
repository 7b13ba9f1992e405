// Ports of a workspace that others may open too.

import { type Static, Type } from 'typebox'
import { SharingLevel } from '../agents/agents.ts'
import { maybe, oneOf, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

export const PortShareProtocol = oneOf(['http', 'https'])
export type PortShareProtocol = Static<typeof PortShareProtocol>

export const WorkspaceAgentPortShare = Type.Object({
  workspace_id: Uuid,
  agent_name: Type.String(),
  port: Type.Integer(),
  share_level: SharingLevel,
  protocol: PortShareProtocol,
})
export type WorkspaceAgentPortShare = Static<typeof WorkspaceAgentPortShare>

// Below are ports that no program of a person listens on.
const Port = Type.Integer({ minimum: 9, maximum: 65535 })

/** A port that is shared with its owner only is not shared: delete the share instead. */
export const UpsertPortShareRequest = Type.Object({
  agent_name: Type.String({ minLength: 1, maxLength: 64 }),
  port: Port,
  share_level: oneOf(['authenticated', 'organization', 'public']),
  protocol: maybe(PortShareProtocol),
})
export type UpsertPortShareRequest = Static<typeof UpsertPortShareRequest>

export const listPortShares = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/port-share',
  summary: 'Lists the shared ports of a workspace',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: Type.Object({ shares: Type.Array(WorkspaceAgentPortShare) }) },
})

export const upsertPortShare = endpoint({
  method: 'POST',
  path: '/api/v2/workspaces/:workspace/port-share',
  summary: 'Shares a port of an agent, as widely as the template allows',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpsertPortShareRequest,
  responses: { 200: WorkspaceAgentPortShare },
})

export const deletePortShare = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaces/:workspace/port-share',
  summary: 'Stops sharing a port',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ agent_name: Type.String(), port: Port }),
  responses: { 200: Type.Null() },
})
