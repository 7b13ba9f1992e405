// The connection log: who connected to which workspace, how, from where and for how long.

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
  /** As it was then. */
  workspace_name: Type.String(),
  agent_name: Type.String(),
  ip: Type.Optional(Type.String()),
  type: ConnectionType,
  /** Of what is asked with requests of their own: applications and ports. */
  web_info: Type.Optional(
    Type.Object({
      user_agent: Type.String(),
      /** Null for somebody who is not signed in. */
      user: nullable(User),
      slug_or_port: Type.String(),
      status_code: Type.Integer(),
    }),
  ),
  /** Of a connection that lasts; without its end while it does. */
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
  /** On all pages. */
  count: Type.Integer(),
})
export type ConnectionLogResponse = Static<typeof ConnectionLogResponse>

export const listConnectionLogs = endpoint({
  method: 'GET',
  path: '/api/v2/connectionlog',
  summary: 'Lists who connected to workspaces, newest first',
  access: user('list', 'connection_log'),
  query: LogQuery,
  responses: { 200: ConnectionLogResponse },
})
