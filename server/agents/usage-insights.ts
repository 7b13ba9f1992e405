// Usage insights from agent reports: users by day, minutes by user and app, latencies. Read-only.

import { type RawBuilder, sql } from 'kysely'
import type { InsightsInterval } from '../../api/deployment/insights.ts'
import type { Db } from '../database/connect.ts'
import { rolledUntil, sumByHalfHour } from './roll-up-usage.ts'

export interface UsagePeriod {
  readonly from: Date
  readonly to: Date
  /** Empty selects all templates. */
  readonly templateIds: readonly string[]
}

/** Usage by half hour, template and user: rolled-up rows and reports that are not rolled up yet. */
function usage({ from, to, templateIds }: UsagePeriod): RawBuilder<unknown> {
  const isSelected = sql`(${templateIds.length === 0} or template_id = any(${templateIds as string[]}::uuid[]))`
  const recent = sql`created_at >= greatest(${from}, ${rolledUntil}) and created_at < ${to} and ${isSelected}`
  return sql`
    select * from template_usage_stats where start_time >= ${from} and start_time < ${to} and ${isSelected}
    union all (${sumByHalfHour(recent)})`
}

export interface UsageCount {
  readonly users: number
  readonly templateIds: readonly string[]
}

export async function countUsers(db: Db, period: UsagePeriod): Promise<UsageCount> {
  const { rows } = await sql<{ users: number; template_ids: string[] }>`
    select count(distinct user_id)::int as users, coalesce(array_agg(distinct template_id), '{}') as template_ids
    from (${usage(period)}) used`.execute(db)
  const [row] = rows
  return { users: row?.users ?? 0, templateIds: row?.template_ids ?? [] }
}

export interface IntervalUsage extends UsageCount {
  readonly from: Date
  readonly to: Date
}

/** One entry per day or week, including those without usage; the last one ends with the period.
 *  @param bounds starts of the intervals, and the end of the period */
export async function countUsersByInterval(
  db: Db,
  period: UsagePeriod,
  bounds: readonly Date[],
): Promise<IntervalUsage[]> {
  const { rows } = await sql<{ at: number; users: number; template_ids: string[] }>`
    select width_bucket(start_time, ${bounds as Date[]}::timestamptz[]) as at, count(distinct user_id)::int as users,
      array_agg(distinct template_id) as template_ids
    from (${usage(period)}) used group by at`.execute(db)
  const found = new Map(rows.map((row) => [row.at, row]))
  return bounds.slice(0, -1).map((from, index) => {
    const row = found.get(index + 1)
    return { from, to: bounds[index + 1] ?? period.to, users: row?.users ?? 0, templateIds: row?.template_ids ?? [] }
  })
}

/** Starts of the intervals of a period, and its end. Days use the UTC offset at the start of the period. */
export function intervalBounds({ from, to }: UsagePeriod, interval: InsightsInterval): Date[] {
  const stepMs = (interval === 'week' ? 7 : 1) * 24 * 60 * 60_000
  const starts: Date[] = []
  for (let at = from.getTime(); at < to.getTime(); at += stepMs) starts.push(new Date(at))
  return [...starts, to]
}

export interface AppUsage {
  readonly templateIds: readonly string[]
  readonly minutes: number
  /** Number of half hours with usage, per user: the closest approximation of Coder's "times used". */
  readonly times: number
}

const apps = ['vscode', 'jetbrains', 'reconnecting_pty', 'ssh'] as const
export type BuiltinApp = (typeof apps)[number]

export async function sumAppUsage(db: Db, period: UsagePeriod): Promise<Record<BuiltinApp, AppUsage>> {
  const entries = await Promise.all(apps.map(async (app) => [app, await sumOneApp(db, period, app)] as const))
  return Object.fromEntries(entries) as Record<BuiltinApp, AppUsage>
}

async function sumOneApp(db: Db, period: UsagePeriod, app: BuiltinApp): Promise<AppUsage> {
  const minutes = sql.ref(`${app}_mins`)
  const { rows } = await sql<{ minutes: number; times: number; template_ids: string[] }>`
    select coalesce(sum(minutes), 0)::int as minutes, coalesce(sum(times), 0)::int as times,
      (select coalesce(array_agg(distinct template_id), '{}') from (${usage(period)}) used where ${minutes} > 0)
        as template_ids
    from (
      select least(sum(${minutes}), 30) as minutes, count(*) as times
      from (${usage(period)}) used where ${minutes} > 0 group by user_id, start_time
    ) half_hour`.execute(db)
  const [row] = rows
  return { minutes: row?.minutes ?? 0, times: row?.times ?? 0, templateIds: row?.template_ids ?? [] }
}

export interface UserUsage {
  readonly user_id: string
  readonly username: string
  readonly avatar_url: string
  readonly template_ids: readonly string[]
}

/** Time with several open workspaces counts once. */
export async function sumUserActivity(db: Db, period: UsagePeriod): Promise<(UserUsage & { minutes: number })[]> {
  const { rows } = await sql<UserUsage & { minutes: number }>`
    with used as (${usage(period)}), half_hour as (
      select user_id, start_time, least(sum(usage_mins), 30) as minutes from used group by user_id, start_time
    )
    select users.id as user_id, users.username, users.avatar_url, sum(half_hour.minutes)::int as minutes,
      (select array_agg(distinct template_id) from used where used.user_id = users.id) as template_ids
    from half_hour join users on users.id = half_hour.user_id
    group by users.id order by users.username`.execute(db)
  return rows
}

export async function measureUserLatency(
  db: Db,
  period: UsagePeriod,
): Promise<(UserUsage & { p50: number; p95: number })[]> {
  const { rows } = await sql<UserUsage & { p50: number; p95: number }>`
    select users.id as user_id, users.username, users.avatar_url, latency.template_ids, latency.p50, latency.p95
    from (
      select user_id, array_agg(distinct template_id) as template_ids,
        percentile_cont(0.5) within group (order by median_latency_ms)::float8 as p50,
        percentile_cont(0.95) within group (order by median_latency_ms)::float8 as p95
      from (${usage(period)}) used where median_latency_ms is not null group by user_id
    ) latency join users on users.id = latency.user_id
    order by users.username`.execute(db)
  return rows
}
