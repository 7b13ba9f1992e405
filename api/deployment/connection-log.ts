// The connection log: users, workspaces, connection types, addresses and durations.

import { type Static, Type } from 'typebox'
import { User } from '../account/users.ts'
import { nullable, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { LogQuery, MinimalOrganization } from './audit.ts'

export const ConnectionType = oneOf([
  'ssh',
  'vscode',
  'jetbrains',
  'reconnecting_pty',
  'workspace_app',
  'port_forwarding',
])
export type ConnectionType = Static<typeof ConnectionType>

export const ConnectionLog = Type.Object({
  id: Uuid,
  connect_time: Timestamp,
  organization: MinimalOrganization,
  workspace_owner_id: Uuid,
  workspace_owner_username: Type.String(),
  workspace_id: Uuid,
  /** Name at the time of the connection. */
  workspace_name: Type.String(),
  agent_name: Type.String(),
  ip: Type.Optional(Type.String()),
  type: ConnectionType,
  /** For connections made of individual requests: applications and ports. */
  web_info: Type.Optional(
    Type.Object({
      user_agent: Type.String(),
      /** Null if not signed in. */
      user: nullable(User),
      slug_or_port: Type.String(),
      status_code: Type.Integer(),
    }),
  ),
  /** For persistent connections; the disconnect fields are absent while connected. */
  ssh_info: Type.Optional(
    Type.Object({
      connection_id: Uuid,
      disconnect_time: Type.Optional(Timestamp),
      disconnect_reason: Type.Optional(Type.String()),
      exit_code: Type.Optional(Type.Integer()),
    }),
  ),
})
export type ConnectionLog = Static<typeof ConnectionLog>

export const ConnectionLogResponse = Type.Object({
  connection_logs: Type.Array(ConnectionLog),
  /** Total on all pages. */
  count: Type.Integer(),
})
export type ConnectionLogResponse = Static<typeof ConnectionLogResponse>

export const listConnectionLogs = endpoint({
  method: 'GET',
  path: '/api/v2/connectionlog',
  summary: 'List the connections to workspaces, newest first.',
  access: user('list', 'connection_log'),
  query: LogQuery,
  responses: { 200: ConnectionLogResponse },
})
