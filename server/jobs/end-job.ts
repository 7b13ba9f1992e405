// The end of a job: its recorded outcome. A job is completed once; later attempts change nothing.
// builds/complete-job.ts adds the audit log, notifications and events.

import { sql } from 'kysely'
import type { JobErrorCode } from '../../api/organizations/provisioner-jobs.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { EngineFailure } from './engine.ts'
import { jobChanged } from './job-channels.ts'

/** Error of a job that was interrupted because coderd stopped or crashed. */
export const interruptedByShutdown =
  'coderd was stopped while this job was running. The resources created so far are recorded: ' +
  'start the workspace again to finish, or delete it to clean up.'

export interface JobEnd {
  /** Null if the job succeeded or was canceled. */
  readonly error: string | null
  readonly code?: JobErrorCode | undefined
  /** The work finished before the cancellation took effect: the job counts as succeeded. */
  readonly clearCancellation?: boolean
}

/** @param failure of the engine; null if the task succeeded */
export function toJobEnd(failure: EngineFailure | null, abortedBy: 'cancel' | 'stop' | null): JobEnd {
  if (failure === null) return { error: null, clearCancellation: true }
  if (abortedBy === 'cancel') return { error: null }
  return abortedBy === 'stop' ? { error: interruptedByShutdown } : { error: failure.message, code: failure.code }
}

/** Records the end of a job and notifies its log followers.
 *  @returns the type of the job, or null if it was already completed */
export async function markJobEnded(
  tx: Tx,
  jobId: string,
  end: JobEnd,
): Promise<Row<'provisioner_jobs'>['type'] | null> {
  const ended = await tx
    .updateTable('provisioner_jobs')
    .set({
      completed_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
      error: end.error,
      error_code: end.code ?? null,
      ...(end.clearCancellation ? { canceled_at: null } : {}),
      // May be secret, and is not needed again.
      input: sql<string>`input - 'user_variable_values'`,
    })
    .where('id', '=', jobId)
    .where('completed_at', 'is', null)
    .returning('type')
    .executeTakeFirst()
  if (!ended) return null
  await notifyChannel(tx, jobChanged(jobId))
  return ended.type
}
