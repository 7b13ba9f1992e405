// Cancels a job. A pending job is completed immediately; a running one when its engine has stopped.

import { sql } from 'kysely'
import { ApiError } from '../../api/errors.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { JobStatus } from '../database/schema.ts'
import type { Events } from '../events.ts'
import { jobCanceled } from '../jobs/job-channels.ts'
import { completeJob, publishBuild } from './complete-job.ts'

/** @param expected status that the job must have
 *  @throws ApiError 412 if the job has another status, 400 if it is completed or already being canceled */
export async function cancelJob(
  { db, events }: { readonly db: Db; readonly events: Events },
  jobId: string,
  expected?: 'pending' | 'running',
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const job = await tx
      .selectFrom('provisioner_jobs')
      .select(['job_status', 'started_at', 'canceled_at', 'completed_at'])
      .where('id', '=', jobId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    requireStatus(job.job_status, expected)
    if (job.completed_at) throw new ApiError(400, 'Job has already completed!')
    if (job.canceled_at) throw new ApiError(400, 'Job has already been marked as canceled!')
    await tx.updateTable('provisioner_jobs').set({ canceled_at: sql<Date>`now()` }).where('id', '=', jobId).execute()
    if (job.started_at) await notifyWorker(tx, events, jobId)
    else await completeJob(tx, events, jobId, { error: null })
  })
}

function requireStatus(status: JobStatus, expected: 'pending' | 'running' | undefined): void {
  if (expected === undefined || status === expected) return
  throw new ApiError(412, `The job is ${status}, not ${expected}.`, { detail: 'Reload the job before canceling it.' })
}

async function notifyWorker(tx: Tx, events: Events, jobId: string): Promise<void> {
  await notifyChannel(tx, jobCanceled, jobId)
  await publishBuild(tx, events, jobId)
}
