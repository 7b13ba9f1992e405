// Takes the next job for a daemon, so that no two daemons ever hold the same one.

import type { Pool } from 'pg'
import type { ProvisionerJobType } from '../../api/organizations/provisioner-jobs.ts'

/** A job that the calling daemon now holds. */
export interface AcquiredJob {
  readonly id: string
  readonly type: ProvisionerJobType
  readonly organizationId: string
  readonly initiatorId: string
  readonly fileId: string
  /** The daemon. */
  readonly workerId: string
}

/** What a daemon of ours offers: jobs that ask for more wait for a daemon that has it. */
export const daemonTags = { scope: 'organization', owner: '' } as const

// A named statement: every wake-up of every daemon asks it. SKIP LOCKED passes over what another daemon is just taking.
const acquire = {
  name: 'acquire-job',
  text: `
    update provisioner_jobs
    set started_at = now(), updated_at = now(), worker_id = $1
    where id = (
      select id from provisioner_jobs
      where started_at is null and completed_at is null and canceled_at is null and tags <@ $2::jsonb
      order by created_at, id
      limit 1
      for update skip locked
    )
    returning id, type, organization_id, initiator_id, file_id`,
}

interface AcquiredRow {
  readonly id: string
  readonly type: ProvisionerJobType
  readonly organization_id: string
  readonly initiator_id: string
  readonly file_id: string
}

/** The oldest waiting job, marked as started; null when there is none. */
export async function acquireJob(pool: Pool, workerId: string): Promise<AcquiredJob | null> {
  const { rows } = await pool.query<AcquiredRow>({ ...acquire, values: [workerId, JSON.stringify(daemonTags)] })
  const [row] = rows
  if (!row) return null
  return {
    id: row.id,
    type: row.type,
    organizationId: row.organization_id,
    initiatorId: row.initiator_id,
    fileId: row.file_id,
    workerId,
  }
}
