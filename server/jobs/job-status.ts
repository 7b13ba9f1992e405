import type { JobStatus } from '../database/schema.ts'

/** Whether a job is queued or in progress. A workspace takes no further build while its latest one is active. */
export function isActive(job: JobStatus): boolean {
  return job === 'pending' || job === 'running' || job === 'canceling'
}
