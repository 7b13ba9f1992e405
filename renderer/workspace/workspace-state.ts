// The display state of workspaces and agents: one label and tone for the list, the page header and the palette.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { agentsOf } from '../api/agents.ts'
import type { Tone } from '../components/status-dot.tsx'

export interface WorkspaceState {
  readonly tone: Tone
  readonly label: string
  /** Start of the current change. */
  readonly since?: string
}

/** The default agent for terminals. */
export const mainAgent = (workspace: Workspace): WorkspaceAgent | undefined => agentsOf(workspace.latest_build)[0]

/** The location of a terminal: `shop`, or `shop.gpu` if the workspace has several agents.
 *  @param workspace null if it was deleted, undefined while it is loading */
export function formatTargetName(workspace: Workspace | null | undefined, agentName: string): string {
  if (!workspace) return workspace === null ? 'Deleted workspace' : ''
  return agentsOf(workspace.latest_build).length > 1 ? `${workspace.name}.${agentName}` : workspace.name
}

/** An agent on which a terminal can be opened. */
export interface TerminalTarget {
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
  readonly name: string
}

export const listTerminalTargets = (workspaces: readonly Workspace[]): TerminalTarget[] =>
  workspaces.filter(isRunning).flatMap((workspace) =>
    agentsOf(workspace.latest_build).map((agent) => ({
      workspace,
      agent,
      name: formatTargetName(workspace, agent.name),
    })),
  )

/** The working folder as resolved by the agent, otherwise as declared by the template. */
export const folderOf = (workspace: Workspace): string => {
  const agent = mainAgent(workspace)
  return agent?.expanded_directory || agent?.directory || ''
}

/** `~/work` instead of `/home/dev/work`. */
export function shortFolder(folder: string, home: string | undefined): string {
  if (!home || !folder.startsWith(home)) return folder
  const rest = folder.slice(home.length)
  return rest === '' ? '~' : rest.startsWith('/') || rest.startsWith('\\') ? `~${rest}` : folder
}

export function agentState(agent: WorkspaceAgent): WorkspaceState {
  if (agent.status === 'timeout') return { tone: 'attention', label: 'Never connected' }
  if (agent.status === 'connecting') return { tone: 'changing', label: 'Connecting', since: agent.created_at }
  if (agent.status === 'disconnected') return { tone: 'attention', label: 'Disconnected' }
  switch (agent.lifecycle_state) {
    case 'starting':
      return { tone: 'changing', label: 'Running startup script', since: agent.started_at ?? agent.created_at }
    case 'start_timeout':
      return { tone: 'attention', label: 'Startup script timed out' }
    case 'start_error':
      return { tone: 'attention', label: 'Startup script failed' }
    case 'shutting_down':
      return { tone: 'changing', label: 'Shutting down' }
    case 'shutdown_timeout':
    case 'shutdown_error':
      return { tone: 'attention', label: 'Shutdown script failed' }
    case 'off':
      return { tone: 'stopped', label: 'Off' }
    default:
      return { tone: 'running', label: 'Ready' }
  }
}

/** The state of a running workspace follows from its agents. */
function runningState(workspace: Workspace): WorkspaceState {
  const states = agentsOf(workspace.latest_build).map(agentState)
  const connecting = states.find((state) => state.label === 'Connecting')
  if (connecting) return connecting
  if (!workspace.health.healthy || states.some((state) => state.tone === 'attention')) {
    return { tone: 'attention', label: 'Unhealthy' }
  }
  return { tone: 'running', label: 'Running' }
}

export function workspaceState(workspace: Workspace): WorkspaceState {
  const { latest_build: build } = workspace
  const since = build.job.started_at ?? build.created_at
  switch (build.status) {
    case 'pending':
      return { tone: 'changing', label: 'Waiting', since: build.created_at }
    case 'starting':
      return { tone: 'changing', label: 'Starting', since }
    case 'stopping':
      return { tone: 'changing', label: 'Stopping', since }
    case 'deleting':
      return { tone: 'changing', label: 'Deleting', since }
    case 'canceling':
      return { tone: 'changing', label: 'Canceling', since: build.job.canceled_at ?? since }
    case 'running':
      return runningState(workspace)
    case 'failed':
      return { tone: 'failed', label: 'Failed' }
    case 'canceled':
      return { tone: 'stopped', label: 'Canceled' }
    case 'stopped':
      return { tone: 'stopped', label: 'Stopped' }
    case 'deleted':
      return { tone: 'stopped', label: 'Deleted' }
  }
}

/** Whether a build is in progress, which prevents another one. */
export const isBuilding = (workspace: Workspace): boolean =>
  ['pending', 'starting', 'stopping', 'deleting', 'canceling'].includes(workspace.latest_build.status)

export const isRunning = (workspace: Workspace): boolean => workspace.latest_build.status === 'running'

export const canOpenTerminal = (workspace: Workspace): boolean =>
  isRunning(workspace) && mainAgent(workspace) !== undefined

/** Whether a start has an effect: the workspace is stopped, failed or unhealthy. */
export const canStart = (workspace: Workspace): boolean =>
  !isBuilding(workspace) &&
  workspace.dormant_at === null &&
  workspaceState(workspace).tone !== 'running' &&
  workspace.latest_build.status !== 'deleted'

export const canStop = (workspace: Workspace): boolean =>
  isRunning(workspace) || workspace.latest_build.status === 'failed'
