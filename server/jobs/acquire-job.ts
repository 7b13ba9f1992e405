// Assigns the oldest pending job to a daemon. A job is assigned to one daemon only.

import type { Pool } from 'pg'
import type { ProvisionerJobType } from '../../api/organizations/provisioner-jobs.ts'

/** A job assigned to the calling daemon. */
export interface AcquiredJob {
  readonly id: string
  readonly type: ProvisionerJobType
  readonly organizationId: string
  readonly initiatorId: string
  readonly fileId: string
  /** ID of the daemon. */
  readonly workerId: string
}

/** Tags of the built-in daemons. Jobs that require other tags stay pending until a daemon has them. */
export const daemonTags = { scope: 'organization', owner: '' } as const

// A named statement, because every daemon runs it on each wake-up. SKIP LOCKED skips jobs that another daemon is
// acquiring.
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

/** Marks the oldest pending job as started by this daemon. @returns null if no job is pending */
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
