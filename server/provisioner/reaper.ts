// Fails jobs that no daemon works on: orphans of a killed coderd, jobs without a heartbeat, jobs that no daemon acquired.
// Resources of such a build remain recorded in its state, which was stored while it ran.

import { sql } from 'kysely'
import { completeJob } from '../builds/complete-job.ts'
import type { Db } from '../database/connect.ts'
import type { Events } from '../events.ts'
import { interruptedByShutdown } from '../jobs/end-job.ts'

// Coder's limit; a running job updates its heartbeat every few seconds.
const heartbeatTimeoutMinutes = 5
// Coder's limit; built-in daemons acquire jobs within seconds.
const acquireTimeoutMinutes = 30

const messages = {
  stale: `The provisioner sent no heartbeat for ${heartbeatTimeoutMinutes} minutes. The resources created so far are recorded: start the workspace again to finish, or delete it to clean up.`,
  unacquired: `No provisioner acquired this job within ${acquireTimeoutMinutes} minutes. Check that a provisioner with the tags of the template is running.`,
} as const

/** Fails jobs whose daemon no longer exists. A coderd that starts replaces the daemons of its predecessor. */
export async function reapOrphans(db: Db, events: Events): Promise<number> {
  const orphans = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is not', null)
    .where('completed_at', 'is', null)
    .where('worker_id', 'not in', (query) => query.selectFrom('provisioner_daemons').select('id'))
    .execute()
  return await failAll(db, events, orphans, interruptedByShutdown)
}

/** Fails jobs without a recent heartbeat and jobs that waited too long. */
export async function reapStale(db: Db, events: Events): Promise<number> {
  const stale = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is not', null)
    .where('completed_at', 'is', null)
    .where('updated_at', '<', sql<Date>`now() - make_interval(mins => ${heartbeatTimeoutMinutes})`)
    .execute()
  const unacquired = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is', null)
    .where('completed_at', 'is', null)
    .where('created_at', '<', sql<Date>`now() - make_interval(mins => ${acquireTimeoutMinutes})`)
    .execute()
  return (
    (await failAll(db, events, stale, messages.stale)) + (await failAll(db, events, unacquired, messages.unacquired))
  )
}

async function failAll(db: Db, events: Events, jobs: readonly { id: string }[], error: string): Promise<number> {
  let failed = 0
  for (const { id } of jobs) {
    const isFailed = await db.transaction().execute((tx) => completeJob(tx, events, id, { error }))
    if (isFailed) failed += 1
  }
  return failed
}
