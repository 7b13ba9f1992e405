// What a workspace is doing, in a word and a tone: the same word in the list, in its header and in the palette.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { agentsOf } from '../api/agents.ts'
import type { Tone } from '../components/status-dot.tsx'

export interface WorkspaceState {
  readonly tone: Tone
  readonly word: string
  /** When what is changing began. */
  readonly since?: string
}

/** The agent that a terminal opens on when none is named. */
export const mainAgent = (workspace: Workspace): WorkspaceAgent | undefined => agentsOf(workspace.latest_build)[0]

/** Where a terminal is: `shop`, or `shop.gpu` where the workspace has several agents, as in addresses.
 *  @param workspace null when it is gone, undefined while it is not known */
export function placeName(workspace: Workspace | null | undefined, agentName: string): string {
  if (!workspace) return workspace === null ? 'gone' : ''
  return agentsOf(workspace.latest_build).length > 1 ? `${workspace.name}.${agentName}` : workspace.name
}

/** Where a terminal can be opened. */
export interface TerminalPlace {
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
  readonly name: string
}

export const terminalPlaces = (workspaces: readonly Workspace[]): TerminalPlace[] =>
  workspaces
    .filter(isRunning)
    .flatMap((workspace) =>
      agentsOf(workspace.latest_build).map((agent) => ({ workspace, agent, name: placeName(workspace, agent.name) })),
    )

/** The folder a workspace works in, as the agent found it or as the template says. */
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
  if (agent.status === 'timeout') return { tone: 'attention', word: 'Never connected' }
  if (agent.status === 'connecting') return { tone: 'changing', word: 'Connecting', since: agent.created_at }
  if (agent.status === 'disconnected') return { tone: 'attention', word: 'Disconnected' }
  switch (agent.lifecycle_state) {
    case 'starting':
      return { tone: 'changing', word: 'Running its startup script', since: agent.started_at ?? agent.created_at }
    case 'start_timeout':
      return { tone: 'attention', word: 'Startup takes too long' }
    case 'start_error':
      return { tone: 'attention', word: 'Startup script failed' }
    case 'shutting_down':
      return { tone: 'changing', word: 'Shutting down' }
    case 'shutdown_timeout':
    case 'shutdown_error':
      return { tone: 'attention', word: 'Shutdown had trouble' }
    case 'off':
      return { tone: 'stopped', word: 'Off' }
    default:
      return { tone: 'running', word: 'Ready' }
  }
}

/** A running workspace is as well as its agents. */
function runningState(workspace: Workspace): WorkspaceState {
  const states = agentsOf(workspace.latest_build).map(agentState)
  const connecting = states.find((state) => state.word === 'Connecting')
  if (connecting) return connecting
  if (!workspace.health.healthy || states.some((state) => state.tone === 'attention')) {
    return { tone: 'attention', word: 'Unhealthy' }
  }
  return { tone: 'running', word: 'Running' }
}

export function workspaceState(workspace: Workspace): WorkspaceState {
  const { latest_build: build } = workspace
  const since = build.job.started_at ?? build.created_at
  switch (build.status) {
    case 'pending':
      return { tone: 'changing', word: 'Waiting', since: build.created_at }
    case 'starting':
      return { tone: 'changing', word: 'Starting', since }
    case 'stopping':
      return { tone: 'changing', word: 'Stopping', since }
    case 'deleting':
      return { tone: 'changing', word: 'Deleting', since }
    case 'canceling':
      return { tone: 'changing', word: 'Canceling', since: build.job.canceled_at ?? since }
    case 'running':
      return runningState(workspace)
    case 'failed':
      return { tone: 'failed', word: 'Failed' }
    case 'canceled':
      return { tone: 'stopped', word: 'Canceled' }
    case 'stopped':
      return { tone: 'stopped', word: 'Stopped' }
    case 'deleted':
      return { tone: 'stopped', word: 'Deleted' }
  }
}

/** Whether a build is under way, so that none can be asked for. */
export const isBuilding = (workspace: Workspace): boolean =>
  ['pending', 'starting', 'stopping', 'deleting', 'canceling'].includes(workspace.latest_build.status)

export const isRunning = (workspace: Workspace): boolean => workspace.latest_build.status === 'running'

export const mayOpenTerminal = (workspace: Workspace): boolean =>
  isRunning(workspace) && mainAgent(workspace) !== undefined

/** Whether a start would do something: stopped, or lost what made it run. */
export const mayStart = (workspace: Workspace): boolean =>
  !isBuilding(workspace) && workspaceState(workspace).tone !== 'running' && workspace.latest_build.status !== 'deleted'

export const mayStop = (workspace: Workspace): boolean =>
  isRunning(workspace) || workspace.latest_build.status === 'failed'
