// What one connection of an agent is, for those who hold connections and those who watch them.

import type { ClientHttp2Session } from 'node:http2'
import type { AgentIdentity } from '../../api/agent-protocol.ts'

/** Whose connection it is. */
export interface AgentOfWorkspace {
  readonly agentId: string
  readonly workspaceId: string
}

export interface Connection {
  readonly agent: AgentOfWorkspace
  readonly identity: AgentIdentity
  readonly session: ClientHttp2Session
  /** How long the last ping was under way, in milliseconds; undefined before the first is answered. */
  latencyMs: number | undefined
}

/** What liveness.ts hears. */
export interface ConnectionObserver {
  connected(connection: Connection): void
  /** The agent's last connection of that role is gone. */
  disconnected(connection: Connection): void
  close(): Promise<void>
}
