// Derives the status of a workspace from its latest build and the build's job; it is not stored.

import type { WorkspaceStatus, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { JobStatus } from '../database/schema.ts'

const whileRunning = { start: 'starting', stop: 'stopping', delete: 'deleting' } as const
const whenSucceeded = { start: 'running', stop: 'stopped', delete: 'deleted' } as const

/** Status of a workspace whose latest build has this transition and job status. */
export function deriveWorkspaceStatus(transition: WorkspaceTransition, job: JobStatus): WorkspaceStatus {
  if (job === 'running') return whileRunning[transition]
  if (job === 'succeeded') return whenSucceeded[transition]
  return job
}
