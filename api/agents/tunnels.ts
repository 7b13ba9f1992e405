// Tunnels: raw sockets of clients into a workspace, for SSH and port forwarding.

import { type Static, Type } from 'typebox'
import { oneOf } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { measureModes } from './agent-protocol.ts'
import { AgentParams } from './agents.ts'

/** A DialTarget of agent-protocol.ts: `tcp` and `udp` require `port`, whose `host` is `localhost` by default; `unix`
 *  requires `path`, `measure` requires `mode`. */
export const TunnelQuery = Type.Object({
  kind: oneOf(['tcp', 'udp', 'unix', 'ssh', 'measure']),
  host: Type.Optional(Type.String({ minLength: 1, maxLength: 253, pattern: '^[^\\x00-\\x20/]+$' })),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  path: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\x00]+$' })),
  mode: Type.Optional(oneOf(measureModes)),
  /** The editor that connects to the SSH server, for the connection log. */
  app: Type.Optional(oneOf(['vscode', 'jetbrains'])),
})
export type TunnelQuery = Static<typeof TunnelQuery>

/** A failed dial is answered with 501, 502, 503 or 504 and the body `{message, code}`; the codes are in
 *  agent-protocol.ts. */
export const openTunnel = endpoint({
  method: 'GET',
  path: '/api/local/workspaceagents/:workspaceagent/tunnel',
  summary: 'Upgrade to a byte stream to a port, a Unix socket or the SSH server of the workspace, or for measurements.',
  access: user('ssh', 'workspace'),
  params: AgentParams,
  query: TunnelQuery,
  upgrade: true,
  responses: { 101: Type.Null() },
})
