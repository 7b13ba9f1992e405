// What can be computed is not stored: the status of a workspace from its latest build and job, of an agent from what is
// known of its connection. Pure.

import { pingTimeoutMs } from '../../api/agents/agent-protocol.ts'
import type { WorkspaceAgentStatus } from '../../api/agents/agents.ts'
import type { WorkspaceStatus } from '../../api/workspaces/builds.ts'
import type { JobStatus, LifecycleState, WorkspaceTransition } from '../database/schema.ts'

const whileRunning = { start: 'starting', stop: 'stopping', delete: 'deleting' } as const
const whenSucceeded = { start: 'running', stop: 'stopped', delete: 'deleted' } as const

/** Of a workspace whose latest build has this transition and a job in this state. */
export function deriveWorkspaceStatus(transition: WorkspaceTransition, job: JobStatus): WorkspaceStatus {
  if (job === 'running') return whileRunning[transition]
  if (job === 'succeeded') return whenSucceeded[transition]
  return job
}

/** Whether a build is still under way: then no other may begin. */
export function isActive(job: JobStatus): boolean {
  return job === 'pending' || job === 'running' || job === 'canceling'
}

export interface AgentTimes {
  readonly created_at: Date
  readonly first_connected_at: Date | null
  readonly last_connected_at: Date | null
  readonly disconnected_at: Date | null
  /** 0 for as long as it takes. */
  readonly connection_timeout_seconds: number
}

// An agent is written down as seen every so often, not with every ping. Silent for this long on paper, it is gone even
// if nobody lived to write that down.
export const silentMs = 2 * pingTimeoutMs

/** @param isConnectedHere whether this very coderd holds the agent: that knows better than the last thing written. */
export function deriveAgentStatus(agent: AgentTimes, isConnectedHere: boolean, now: Date): WorkspaceAgentStatus {
  if (isConnectedHere) return 'connected'
  const { first_connected_at: first, last_connected_at: last, disconnected_at: disconnected } = agent
  if (!first || !last) {
    const waitedMs = now.getTime() - agent.created_at.getTime()
    const limitMs = agent.connection_timeout_seconds * 1000
    return limitMs > 0 && waitedMs > limitMs ? 'timeout' : 'connecting'
  }
  if (disconnected && disconnected >= last) return 'disconnected'
  return now.getTime() - last.getTime() > silentMs ? 'disconnected' : 'connected'
}

const lost =
  'The connection to the agent was lost. It comes back by itself when the agent answers again; a restart ends what runs there.'

export interface AgentHealth {
  readonly healthy: boolean
  readonly reason?: string
}

/** Of an agent of the latest build. One that has not connected yet is given its time.
 *  @param death what is known to have become of its process. */
export function deriveAgentHealth(
  status: WorkspaceAgentStatus,
  lifecycle: LifecycleState,
  death?: string,
): AgentHealth {
  const unhealthy = (reason: string) => ({ healthy: false, reason })
  if (status !== 'connected' && lifecycle === 'off') return unhealthy('The agent is not running.')
  if (status === 'timeout')
    return unhealthy('The agent has not connected in the time it was given. It may only be slow; the logs may say why.')
  if (status === 'disconnected') return unhealthy(death ?? lost)
  if (lifecycle === 'start_error') return unhealthy('A startup script failed.')
  if (leaving.has(lifecycle)) return unhealthy('The agent is shutting down.')
  return { healthy: true }
}

const leaving: ReadonlySet<LifecycleState> = new Set(['shutting_down', 'shutdown_timeout', 'shutdown_error', 'off'])
