// Derived status and health of an agent: not stored, computed from its recorded connection times. Pure.

import { sql } from 'kysely'
import { type LifecycleState, pingTimeoutMs } from '../../api/agents/agent-protocol.ts'
import type { WorkspaceAgentStatus } from '../../api/agents/agents.ts'

export interface AgentTimes {
  readonly created_at: Date
  readonly first_connected_at: Date | null
  readonly last_connected_at: Date | null
  readonly disconnected_at: Date | null
  /** 0 disables the timeout. */
  readonly connection_timeout_seconds: number
}

// Connection times are written periodically, not with every ping. An agent whose last time is older than this is
// disconnected even if no coderd recorded the disconnect.
export const staleMs = 2 * pingTimeoutMs

/** Derives the status of an agent; `agentStatusSql` is the same rule for queries.
 *  @param isConnectedHere whether this coderd holds the connection, which is more recent than the recorded times. */
export function deriveAgentStatus(agent: AgentTimes, isConnectedHere: boolean, now: Date): WorkspaceAgentStatus {
  if (isConnectedHere) return 'connected'
  const { first_connected_at: first, last_connected_at: last, disconnected_at: disconnected } = agent
  if (!first || !last) {
    const waitedMs = now.getTime() - agent.created_at.getTime()
    const limitMs = agent.connection_timeout_seconds * 1000
    return limitMs > 0 && waitedMs > limitMs ? 'timeout' : 'connecting'
  }
  if (disconnected && disconnected >= last) return 'disconnected'
  return now.getTime() - last.getTime() > staleMs ? 'disconnected' : 'connected'
}

/** SQL expression of `deriveAgentStatus` over a row aliased `agent`.
 *  @param connected IDs of the agents connected to this coderd */
export const agentStatusSql = (connected: readonly string[]) => sql<WorkspaceAgentStatus>`case
  when agent.id = any(${connected}::uuid[]) then 'connected'
  when agent.first_connected_at is null or agent.last_connected_at is null then
    case when agent.connection_timeout_seconds > 0
      and now() - agent.created_at > agent.connection_timeout_seconds * interval '1 second'
      then 'timeout' else 'connecting' end
  when agent.disconnected_at >= agent.last_connected_at then 'disconnected'
  when now() - agent.last_connected_at > ${staleMs} * interval '1 millisecond' then 'disconnected'
  else 'connected' end`

const connectionLost =
  'The connection to the agent was lost. The agent reconnects automatically. Restarting the workspace terminates its programs.'

export interface AgentHealth {
  readonly healthy: boolean
  readonly reason?: string
}

/** Derives the health of an agent of the latest build; it is healthy until its connection timeout.
 *  @param exitReason why its process exited, if known */
export function deriveAgentHealth(
  status: WorkspaceAgentStatus,
  lifecycle: LifecycleState,
  exitReason?: string,
): AgentHealth {
  const unhealthy = (reason: string) => ({ healthy: false, reason })
  if (status !== 'connected' && lifecycle === 'off') return unhealthy('The agent is not running.')
  if (status === 'timeout')
    return unhealthy('The agent did not connect before its timeout. It may still be starting: check the agent logs.')
  if (status === 'disconnected') return unhealthy(exitReason ?? connectionLost)
  if (lifecycle === 'start_error') return unhealthy('A startup script failed.')
  if (shuttingDown.has(lifecycle)) return unhealthy('The agent is shutting down.')
  return { healthy: true }
}

const shuttingDown: ReadonlySet<LifecycleState> = new Set([
  'shutting_down',
  'shutdown_timeout',
  'shutdown_error',
  'off',
])
