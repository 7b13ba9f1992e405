// Ends jobs that nobody works on any more: those of a coderd that was killed, those that fell silent, those that no
// daemon ever took. What such a build had made stands in its state, which was stored while it ran; nothing of it is
// touched here.

import { sql } from 'kysely'
import { completeJob } from '../builds/complete-job.ts'
import type { Db } from '../database/connect.ts'
import type { Events } from '../events.ts'
import { interruptedByShutdown } from '../jobs/end-job.ts'

// A running job writes a heartbeat every few seconds; Coder's limit.
const silentMinutes = 5
// Coder's limit; with the built-in daemons a job waits for seconds.
const waitingMinutes = 30

const messages = {
  silent: `The provisioner has not been heard of for ${silentMinutes} minutes. What it had made by then is remembered: start again, or delete the workspace to clean up.`,
  neverTaken: `No provisioner took this within ${waitingMinutes} minutes. See whether one is running that has the tags the template asks for.`,
} as const

/** Jobs whose daemon is gone: a coderd takes its daemons' rows with it when the next one starts on its data folder. */
export async function reapOrphans(db: Db, events: Events): Promise<number> {
  const orphans = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is not', null)
    .where('completed_at', 'is', null)
    .where('worker_id', 'not in', (query) => query.selectFrom('provisioner_daemons').select('id'))
    .execute()
  return await endAll(db, events, orphans, interruptedByShutdown)
}

/** Jobs that fell silent, and jobs that nobody took. */
export async function reapSilent(db: Db, events: Events): Promise<number> {
  const silent = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is not', null)
    .where('completed_at', 'is', null)
    .where('updated_at', '<', sql<Date>`now() - make_interval(mins => ${silentMinutes})`)
    .execute()
  const neverTaken = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is', null)
    .where('completed_at', 'is', null)
    .where('created_at', '<', sql<Date>`now() - make_interval(mins => ${waitingMinutes})`)
    .execute()
  return (
    (await endAll(db, events, silent, messages.silent)) + (await endAll(db, events, neverTaken, messages.neverTaken))
  )
}

async function endAll(db: Db, events: Events, jobs: readonly { id: string }[], error: string): Promise<number> {
  let ended = 0
  for (const { id } of jobs) {
    const isEnded = await db.transaction().execute((tx) => completeJob(tx, events, id, { error }))
    if (isEnded) ended += 1
  }
  return ended
}
