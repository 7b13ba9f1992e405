// Guards for requests that need the result of a completed import.

import { ApiError } from '../../api/errors.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { isActive } from '../jobs/job-status.ts'

/** @throws ApiError 425 while the import runs */
export async function requireCompletedImport(db: Db, { job_id: jobId }: Row<'template_versions'>): Promise<void> {
  const job = await db
    .selectFrom('provisioner_jobs')
    .select('job_status')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  if (!isActive(job.job_status)) return
  throw new ApiError(425, 'The template version is still being imported.', {
    detail: 'Try again when the import has finished.',
  })
}

/** @throws ApiError 412 while the job is pending or running */
export async function requireCompletedJob(db: Db, jobId: string): Promise<void> {
  const { completed_at } = await db
    .selectFrom('provisioner_jobs')
    .select('completed_at')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  if (completed_at) return
  throw new ApiError(412, "Job hasn't completed!", { detail: 'Follow its log, and try again when it has finished.' })
}
