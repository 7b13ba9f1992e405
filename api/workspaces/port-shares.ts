// Workspace ports that are shared with other users.

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

// User programs do not listen on lower ports.
const Port = Type.Integer({ minimum: 9, maximum: 65535 })

/** To unshare a port, delete the share: `owner` is not a valid level. */
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
  summary: 'List the shared ports of a workspace.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: Type.Object({ shares: Type.Array(WorkspaceAgentPortShare) }) },
})

export const upsertPortShare = endpoint({
  method: 'POST',
  path: '/api/v2/workspaces/:workspace/port-share',
  summary: 'Share a port of an agent, up to the level that the template allows.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpsertPortShareRequest,
  responses: { 200: WorkspaceAgentPortShare },
})

export const deletePortShare = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaces/:workspace/port-share',
  summary: 'Stop sharing a port.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ agent_name: Type.String(), port: Port }),
  responses: { 200: Type.Null() },
})
