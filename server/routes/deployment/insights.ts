// Insights: validates report periods and returns usage counts.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ValidationError } from '../../../api/common.ts'
import {
  type GetUserStatusCountsResponse,
  getDeploymentDaus,
  getTemplateInsights,
  getUserActivity,
  getUserLatency,
  getUserStatusCounts,
  type InsightsInterval,
  type TemplateAppUsage,
} from '../../../api/deployment/insights.ts'
import { ApiError, invalidQuery } from '../../../api/errors.ts'
import { type DAUsResponse, getTemplateDaus } from '../../../api/templates/templates.ts'
import { isUuid } from '../../../lib/uuid.ts'
import {
  type BuiltinApp,
  countUsers,
  countUsersByInterval,
  intervalBounds,
  measureUserLatency,
  sumAppUsage,
  sumUserActivity,
  type UsagePeriod,
} from '../../agents/usage-insights.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import { serve } from '../../http/serve.ts'
import { requireTemplate } from '../../lookup/templates.ts'
import { type AuthzContext, authorize } from '../../policy/policy.ts'
import { sumParameterUse } from '../../templates/parameter-insights.ts'

const dayMs = 24 * 60 * 60_000
const hourMs = 60 * 60_000
/** Days shown by a page. */
const shownDays = 60
/** Limit of a report by interval, which has one entry per interval. */
const maxDays = 3660

export function registerInsightRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, clock } = context

  serve(app, getDeploymentDaus, async (request) => {
    authorize(request, 'read', { resource: 'deployment_stats' })
    return await countByDay(db, clock.now(), request.query.tz_offset ?? 0, [])
  })

  serve(app, getTemplateDaus, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'view_insights')
    return await countByDay(db, clock.now(), request.query.tz_offset ?? 0, [template.id])
  })

  serve(app, getTemplateInsights, async (request) => {
    const { interval } = request.query
    const period = await requirePeriod(request, request.query, interval)
    const sections = readSections(request.query.sections)
    return {
      ...(sections.has('report') && { report: await report(period, request.query) }),
      ...(sections.has('interval_reports') && interval && { interval_reports: await byInterval(period, interval) }),
    }
  })

  serve(app, getUserActivity, async (request) => {
    const period = await requirePeriod(request, request.query)
    const users = await sumUserActivity(db, period)
    return {
      report: {
        ...reportPeriod(request.query, users),
        users: users.map(({ minutes, ...user }) => ({ ...withLists(user), seconds: minutes * 60 })),
      },
    }
  })

  serve(app, getUserLatency, async (request) => {
    const period = await requirePeriod(request, request.query)
    const users = await measureUserLatency(db, period)
    return {
      report: {
        ...reportPeriod(request.query, users),
        users: users.map(({ p50, p95, ...user }) => ({ ...withLists(user), latency_ms: { p50, p95 } })),
      },
    }
  })

  serve(app, getUserStatusCounts, async (request) => {
    authorize(request, 'read', { resource: 'user' })
    return await countStatuses(db, clock.now(), request.query.tz_offset ?? 0)
  })

  async function report(period: UsagePeriod, { start_time, end_time }: PeriodQuery) {
    const [active, apps, parameters] = await Promise.all([
      countUsers(db, period),
      sumAppUsage(db, period),
      sumParameterUse(db, period),
    ])
    return {
      start_time,
      end_time,
      template_ids: [...active.templateIds],
      active_users: active.users,
      apps_usage: builtinApps.map(([app, about]): TemplateAppUsage => {
        const { templateIds, minutes, times } = app ? apps[app] : noUsage
        return { ...about, type: 'builtin', template_ids: [...templateIds], seconds: minutes * 60, times_used: times }
      }),
      parameters_usage: parameters,
    }
  }

  async function byInterval(period: UsagePeriod, interval: InsightsInterval) {
    const intervals = await countUsersByInterval(db, period, intervalBounds(period, interval))
    return intervals.map(({ from, to, users, templateIds }) => ({
      start_time: from.toISOString(),
      end_time: to.toISOString(),
      template_ids: [...templateIds],
      interval,
      active_users: users,
    }))
  }

  /** Authorizes each named template, or all templates if none is named. @throws ApiError 400 or 404 */
  async function requirePeriod(
    request: AuthzContext,
    query: PeriodQuery,
    interval?: InsightsInterval,
  ): Promise<UsagePeriod> {
    const templateIds = (query.template_ids ?? '').split(',').filter((id) => id !== '')
    validatePeriod(query, templateIds, clock.now(), interval)
    if (templateIds.length === 0) authorize(request, 'view_insights', { resource: 'template' })
    for (const id of templateIds) await requireTemplate(context, request, id, 'view_insights')
    return { from: new Date(query.start_time), to: new Date(query.end_time), templateIds }
  }
}

interface PeriodQuery {
  readonly start_time: string
  readonly end_time: string
  readonly template_ids?: string
}

function validatePeriod(
  { start_time: start, end_time: end }: PeriodQuery,
  templateIds: readonly string[],
  now: Date,
  interval: InsightsInterval | undefined,
): void {
  const [from, to] = [Date.parse(start), Date.parse(end)]
  const validations: ValidationError[] = []
  if (from > now.getTime()) validations.push({ field: 'start_time', detail: 'must not be in the future' })
  if (!isMidnight(start)) validations.push({ field: 'start_time', detail: 'must be midnight in its time zone' })
  if (to > now.getTime() + hourMs) validations.push({ field: 'end_time', detail: 'must not be in the future' })
  if (!isMidnight(end) && !(isFullHour(end) && now.getTime() - to < dayMs))
    validations.push({ field: 'end_time', detail: 'must be midnight in its time zone, or a full hour of today' })
  if (to <= from) validations.push({ field: 'end_time', detail: 'must be later than start_time' })
  if (interval && to - from > maxDays * dayMs)
    validations.push({ field: 'start_time', detail: `must not be more than ${maxDays} days before end_time` })
  if (interval === 'week' && to - from < 6 * dayMs)
    validations.push({ field: 'interval', detail: 'the interval "week" requires a period of at least seven days' })
  for (const id of templateIds)
    if (!isUuid(id)) validations.push({ field: 'template_ids', detail: `"${id}" is not a UUID` })
  if (validations.length > 0) throw invalidQuery(validations)
}

/** In the time zone of the timestamp. */
const isMidnight = (time: string) => /T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/i.test(time)
const isFullHour = (time: string) => /T\d\d:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/i.test(time)

const allSections = ['report', 'interval_reports']

function readSections(text: string | undefined): ReadonlySet<string> {
  const sections = text ? text.split(',') : allSections
  const unknown = sections.find((section) => !allSections.includes(section))
  if (unknown === undefined) return new Set(sections)
  throw invalidQuery([{ field: 'sections', detail: `"${unknown}" is not one of ${allSections.join(', ')}` }])
}

const noUsage = { templateIds: [], minutes: 0, times: 0 }

// Names that clients know. File copies run over SSH and are counted there.
const builtinApps: readonly [BuiltinApp | null, Pick<TemplateAppUsage, 'display_name' | 'slug' | 'icon'>][] = [
  ['vscode', { display_name: 'Visual Studio Code', slug: 'vscode', icon: '/icon/code.svg' }],
  ['jetbrains', { display_name: 'JetBrains', slug: 'jetbrains', icon: '/icon/intellij.svg' }],
  ['reconnecting_pty', { display_name: 'Web Terminal', slug: 'reconnecting-pty', icon: '/icon/terminal.svg' }],
  ['ssh', { display_name: 'SSH', slug: 'ssh', icon: '/icon/terminal.svg' }],
  [null, { display_name: 'SFTP', slug: 'sftp', icon: '/icon/terminal.svg' }],
]

const withLists = <T extends { readonly template_ids: readonly string[] }>(user: T) => ({
  ...user,
  template_ids: [...user.template_ids],
})

const reportPeriod = (
  { start_time, end_time }: PeriodQuery,
  users: readonly { readonly template_ids: readonly string[] }[],
) => ({
  start_time,
  end_time,
  template_ids: [...new Set(users.flatMap(({ template_ids }) => template_ids))].sort(),
})

/** Start of each of the last days in a time zone with this offset from UTC, and the end of the current hour. */
function lastDays(now: Date, offsetHours: number): { bounds: Date[]; offsetMs: number } {
  const offsetMs = offsetHours * hourMs
  const today = Math.floor((now.getTime() + offsetMs) / dayMs) * dayMs - offsetMs
  const starts = Array.from({ length: shownDays + 1 }, (_, at) => new Date(today - (shownDays - at) * dayMs))
  return { bounds: [...starts, new Date(Math.floor(now.getTime() / hourMs) * hourMs + hourMs)], offsetMs }
}

async function countByDay(db: Db, now: Date, offset: number, templateIds: readonly string[]): Promise<DAUsResponse> {
  const { bounds, offsetMs } = lastDays(now, offset)
  const [from, to] = [bounds[0], bounds.at(-1)]
  if (!from || !to) throw new ApiError(400, 'Invalid period.')
  const days = await countUsersByInterval(db, { from, to, templateIds }, bounds)
  return {
    tz_hour_offset: offset,
    entries: days.map((day) => ({
      date: new Date(day.from.getTime() + offsetMs).toISOString().slice(0, 10),
      amount: day.users,
    })),
  }
}

const statuses = ['active', 'dormant', 'suspended'] as const

/** The status of every user at the end of each day. */
async function countStatuses(db: Db, now: Date, offset: number): Promise<GetUserStatusCountsResponse> {
  const { bounds } = lastDays(now, offset)
  const ends = bounds.slice(1)
  const { rows } = await sql<{ at: Date; status: string; count: number }>`
    select day.at, last.new_status as status, count(*)::int as count
    from unnest(${ends}::timestamptz[]) as day (at)
    cross join lateral (
      select distinct on (user_id) user_id, new_status from user_status_changes
      where changed_at < day.at order by user_id, changed_at desc, id desc
    ) last
    where last.new_status is not null
    group by day.at, last.new_status`.execute(db)
  const counts = new Map(rows.map(({ at, status, count }) => [`${status} ${at.getTime()}`, count]))
  const countsOf = (status: string) =>
    ends.map((at) => ({ date: at.toISOString(), count: counts.get(`${status} ${at.getTime()}`) ?? 0 }))
  const [active, dormant, suspended] = statuses.map(countsOf)
  return { status_counts: { active: active ?? [], dormant: dormant ?? [], suspended: suspended ?? [] } }
}
