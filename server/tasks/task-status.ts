// Derives the status of a task from its workspace. Pure.

import type { WorkspaceAgent, WorkspaceApp } from '../../api/agents/agents.ts'
import type { TaskStatus } from '../../api/tasks/tasks.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'

/** @param workspace undefined before it is created. @param app app of the AI tool */
export function deriveTaskStatus(
  workspace: Workspace | undefined,
  agent: WorkspaceAgent | undefined,
  app: WorkspaceApp | undefined,
): TaskStatus {
  switch (workspace?.latest_build.status) {
    case undefined:
    case 'pending':
      return 'pending'
    case 'starting':
      return 'initializing'
    case 'running':
      return agent ? statusWhileRunning(agent, app) : 'initializing'
    case 'stopping':
    case 'stopped':
    case 'deleting':
    case 'deleted':
      return 'paused'
    case 'failed':
    case 'canceling':
    case 'canceled':
      return 'error'
  }
}

function statusWhileRunning(agent: WorkspaceAgent, app: WorkspaceApp | undefined): TaskStatus {
  if (agent.status === 'connecting') return 'initializing'
  if (agent.status !== 'connected') return 'unknown'
  switch (agent.lifecycle_state) {
    case 'created':
    case 'starting':
      return 'initializing'
    case 'ready':
    case 'start_timeout':
    case 'start_error':
      return statusOfApp(app)
    default:
      return 'unknown'
  }
}

function statusOfApp(app: WorkspaceApp | undefined): TaskStatus {
  if (app?.health === 'initializing') return 'initializing'
  return app?.health === 'unhealthy' ? 'error' : 'active'
}
