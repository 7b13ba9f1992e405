import type { JobStatus } from '../database/schema.ts'

/** Whether a job is queued or in progress. A workspace cannot start a build while its latest build is active. */
export function isActive(job: JobStatus): boolean {
  return job === 'pending' || job === 'running' || job === 'canceling'
}
