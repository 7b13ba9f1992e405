// Derived statuses are not stored: the status of a workspace follows from its latest build and that build's job.

import type { WorkspaceStatus, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { JobStatus } from '../database/schema.ts'

const whileRunning = { start: 'starting', stop: 'stopping', delete: 'deleting' } as const
const whenSucceeded = { start: 'running', stop: 'stopped', delete: 'deleted' } as const

/** Of a workspace whose latest build has this transition and a job in this state. */
export function deriveWorkspaceStatus(transition: WorkspaceTransition, job: JobStatus): WorkspaceStatus {
  if (job === 'running') return whileRunning[transition]
  if (job === 'succeeded') return whenSucceeded[transition]
  return job
}
