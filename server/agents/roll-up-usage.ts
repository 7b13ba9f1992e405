// Rolls up agent reports by half hour: insights over months read fewer rows, and survive the removal of the reports
// by autobuild/purge.ts.

import { type RawBuilder, sql } from 'kysely'
import type { BaseContext } from '../base-context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db } from '../database/connect.ts'
import type { PeriodicTask } from '../periodic-task.ts'

export const usageRollUp = ({ db }: Pick<BaseContext, 'db'>): PeriodicTask => ({
  name: 'usage',
  lock: advisoryLocks.usage,
  intervalMs: 5 * 60_000,
  run: (now) => rollUpUsage(db, now),
})

const halfHourMs = 30 * 60_000

/** Key of the deployment setting with the end of the last roll-up. */
const rolledUntilKey = 'usage_rolled_until'

export const rolledUntil = sql<Date>`coalesce(
  (select value::timestamptz from site_configs where key = ${rolledUntilKey}), '-infinity'
)`

/** Reports with an open session or app, by half hour, template and user. */
export const sumByHalfHour = (where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select to_timestamp(floor(extract(epoch from created_at) / 1800) * 1800) as start_time, template_id, user_id,
    count(distinct date_trunc('minute', created_at))::smallint as usage_mins,
    ${minutesOf('vscode')} as vscode_mins, ${minutesOf('jetbrains')} as jetbrains_mins,
    ${minutesOf('reconnecting_pty')} as reconnecting_pty_mins, ${minutesOf('ssh')} as ssh_mins,
    percentile_cont(0.5) within group (order by connection_median_latency_ms)
      filter (where connection_median_latency_ms > 0) as median_latency_ms
  from workspace_agent_stats
  where session_count_vscode + session_count_jetbrains + session_count_reconnecting_pty + session_count_ssh > 0
    and ${where}
  group by 1, 2, 3`

const minutesOf = (app: string) => sql`
  count(distinct date_trunc('minute', created_at)) filter (where ${sql.ref(`session_count_${app}`)} > 0)::smallint`

/** Rolls up completed half hours. Idempotent: if the clock is set back, existing sums are not changed. */
export async function rollUpUsage(db: Db, now: Date): Promise<void> {
  const until = new Date(Math.floor(now.getTime() / halfHourMs) * halfHourMs)
  await db.transaction().execute(async (tx) => {
    const period = sql`created_at >= ${rolledUntil} and created_at < ${until}`
    await sql`
      insert into template_usage_stats (start_time, template_id, user_id, usage_mins, vscode_mins, jetbrains_mins,
        reconnecting_pty_mins, ssh_mins, median_latency_ms)
      ${sumByHalfHour(period)}
      on conflict do nothing`.execute(tx)
    await sql`
      insert into site_configs (key, value) values (${rolledUntilKey}, ${until.toISOString()})
      on conflict (key) do update set value = excluded.value
      where site_configs.value::timestamptz < excluded.value::timestamptz`.execute(tx)
  })
}
