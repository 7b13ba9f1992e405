// What agents reported, summed up: users by day, minutes by user and app, latencies. Reads statistics and writes nothing.

import { type RawBuilder, sql } from 'kysely'
import type { InsightsInterval } from '../../api/insights.ts'
import type { Db } from '../database/connect.ts'

export interface UsagePeriod {
  readonly from: Date
  readonly to: Date
  /** Empty means all. */
  readonly templateIds: readonly string[]
}

/** Reports of the period in which somebody had something open. */
function reports({ from, to, templateIds }: UsagePeriod): RawBuilder<unknown> {
  return sql`
    select user_id, template_id, date_trunc('minute', created_at) as minute, connection_median_latency_ms as latency,
      session_count_vscode > 0 as vscode, session_count_jetbrains > 0 as jetbrains,
      session_count_reconnecting_pty > 0 as terminal, session_count_ssh > 0 as ssh
    from workspace_agent_stats
    where created_at >= ${from} and created_at < ${to}
      and (${templateIds.length === 0} or template_id = any(${templateIds as string[]}::uuid[]))
      and session_count_vscode + session_count_jetbrains + session_count_reconnecting_pty + session_count_ssh > 0`
}

export interface Used {
  readonly users: number
  readonly templateIds: readonly string[]
}

export async function countUsers(db: Db, period: UsagePeriod): Promise<Used> {
  const { rows } = await sql<{ users: number; template_ids: string[] }>`
    select count(distinct user_id)::int as users, coalesce(array_agg(distinct template_id), '{}') as template_ids
    from (${reports(period)}) report`.execute(db)
  const [row] = rows
  return { users: row?.users ?? 0, templateIds: row?.template_ids ?? [] }
}

export interface UsedInterval extends Used {
  readonly from: Date
  readonly to: Date
}

/** One entry for each day or week, also where nothing happened; the last one ends with the period.
 *  @param bounds the begins of the intervals, and the end */
export async function countUsersByInterval(
  db: Db,
  period: UsagePeriod,
  bounds: readonly Date[],
): Promise<UsedInterval[]> {
  const { rows } = await sql<{ at: number; users: number; template_ids: string[] }>`
    select width_bucket(minute, ${bounds as Date[]}::timestamptz[]) as at, count(distinct user_id)::int as users,
      array_agg(distinct template_id) as template_ids
    from (${reports(period)}) report group by at`.execute(db)
  const found = new Map(rows.map((row) => [row.at, row]))
  return bounds.slice(0, -1).map((from, index) => {
    const row = found.get(index + 1)
    return { from, to: bounds[index + 1] ?? period.to, users: row?.users ?? 0, templateIds: row?.template_ids ?? [] }
  })
}

/** The begins of the intervals of a period, and its end. Days are those of the offset that the period begins with. */
export function intervalBounds({ from, to }: UsagePeriod, interval: InsightsInterval): Date[] {
  const stepMs = (interval === 'week' ? 7 : 1) * 24 * 60 * 60_000
  const begins: Date[] = []
  for (let at = from.getTime(); at < to.getTime(); at += stepMs) begins.push(new Date(at))
  return [...begins, to]
}

export interface AppUse {
  readonly templateIds: readonly string[]
  readonly minutes: number
  /** Half hours in which it was used, each by one user, which is as near as reports come to "times". */
  readonly times: number
}

const apps = ['vscode', 'jetbrains', 'terminal', 'ssh'] as const
export type BuiltinApp = (typeof apps)[number]

export async function sumAppUse(db: Db, period: UsagePeriod): Promise<Record<BuiltinApp, AppUse>> {
  const entries = await Promise.all(apps.map(async (app) => [app, await sumOneApp(db, period, app)] as const))
  return Object.fromEntries(entries) as Record<BuiltinApp, AppUse>
}

async function sumOneApp(db: Db, period: UsagePeriod, app: BuiltinApp): Promise<AppUse> {
  const { rows } = await sql<{ minutes: number; times: number; template_ids: string[] }>`
    select count(distinct (user_id, minute))::int as minutes,
      count(distinct (user_id, template_id, floor(extract(epoch from minute) / 1800)))::int as times,
      coalesce(array_agg(distinct template_id), '{}') as template_ids
    from (${reports(period)}) report where ${sql.ref(app)}`.execute(db)
  const [row] = rows
  return { minutes: row?.minutes ?? 0, times: row?.times ?? 0, templateIds: row?.template_ids ?? [] }
}

export interface PersonUse {
  readonly user_id: string
  readonly username: string
  readonly avatar_url: string
  readonly template_ids: readonly string[]
}

export async function sumUserActivity(db: Db, period: UsagePeriod): Promise<(PersonUse & { minutes: number })[]> {
  const { rows } = await sql<PersonUse & { minutes: number }>`
    select users.id as user_id, users.username, users.avatar_url, use.template_ids, use.minutes
    from (
      select user_id, count(distinct minute)::int as minutes, array_agg(distinct template_id) as template_ids
      from (${reports(period)}) report group by user_id
    ) use join users on users.id = use.user_id
    order by users.username`.execute(db)
  return rows
}

export async function measureUserLatency(
  db: Db,
  period: UsagePeriod,
): Promise<(PersonUse & { p50: number; p95: number })[]> {
  const { rows } = await sql<PersonUse & { p50: number; p95: number }>`
    select users.id as user_id, users.username, users.avatar_url, use.template_ids, use.p50, use.p95
    from (
      select user_id, array_agg(distinct template_id) as template_ids,
        percentile_cont(0.5) within group (order by latency)::float8 as p50,
        percentile_cont(0.95) within group (order by latency)::float8 as p95
      from (${reports(period)}) report where latency > 0 group by user_id
    ) use join users on users.id = use.user_id
    order by users.username`.execute(db)
  return rows
}
