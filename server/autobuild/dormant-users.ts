// Marks users as dormant after long inactivity. Their next request makes them active again.

import type { ServerContext } from '../context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db } from '../database/connect.ts'
import type { PeriodicTask } from '../periodic-task.ts'

// Coder's values.
const inactivityLimitMs = 90 * 24 * 60 * 60_000
const intervalMs = 60 * 60_000

export const dormantUsers = ({ db, sessions }: Pick<ServerContext, 'db' | 'sessions'>): PeriodicTask => ({
  name: 'dormant users',
  lock: advisoryLocks.dormantUsers,
  intervalMs,
  async run(now) {
    for (const id of await markDormant(db, now)) sessions.evict(id)
  },
})

/** @returns the IDs of users that became dormant */
export async function markDormant(db: Db, now: Date): Promise<string[]> {
  const since = new Date(now.getTime() - inactivityLimitMs)
  const rows = await db
    .updateTable('users')
    .set({ status: 'dormant', updated_at: now })
    .where('status', '=', 'active')
    .where('deleted', '=', false)
    .where((eb) => eb(eb.fn.coalesce('last_seen_at', 'created_at'), '<', since))
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}
