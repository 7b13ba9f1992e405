// Usage statistics by user, template and time, computed from agent reports.

import { type Static, Type } from 'typebox'
import { oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { TemplateVersionParameterOption } from '../templates/template-versions.ts'
import { DAUsResponse, timeZoneQuery } from '../templates/templates.ts'

const period = { start_time: Timestamp, end_time: Timestamp, template_ids: Type.Array(Uuid) }

/** Whole days, bounded by midnight in the time zone of each bound; the end may also be a full hour of today. */
const periodQuery = {
  start_time: Timestamp,
  end_time: Timestamp,
  /** Comma-separated; all templates if omitted. */
  template_ids: Type.Optional(Type.String()),
}

export const InsightsInterval = oneOf(['day', 'week'])
export type InsightsInterval = Static<typeof InsightsInterval>

/** `seconds` counts each minute with any open connection once. */
export const TemplateAppUsage = Type.Object({
  template_ids: Type.Array(Uuid),
  type: oneOf(['builtin', 'app']),
  display_name: Type.String(),
  slug: Type.String(),
  icon: Type.String(),
  seconds: Type.Integer(),
  times_used: Type.Integer(),
})
export type TemplateAppUsage = Static<typeof TemplateAppUsage>

export const TemplateParameterUsage = Type.Object({
  template_ids: Type.Array(Uuid),
  display_name: Type.String(),
  name: Type.String(),
  type: Type.String(),
  description: Type.String(),
  options: Type.Optional(Type.Array(TemplateVersionParameterOption)),
  values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
})
export type TemplateParameterUsage = Static<typeof TemplateParameterUsage>

export const TemplateInsightsResponse = Type.Object({
  report: Type.Optional(
    Type.Object({
      ...period,
      active_users: Type.Integer(),
      apps_usage: Type.Array(TemplateAppUsage),
      parameters_usage: Type.Array(TemplateParameterUsage),
    }),
  ),
  interval_reports: Type.Optional(
    Type.Array(Type.Object({ ...period, interval: InsightsInterval, active_users: Type.Integer() })),
  ),
})
export type TemplateInsightsResponse = Static<typeof TemplateInsightsResponse>

const userUsage = {
  template_ids: Type.Array(Uuid),
  user_id: Uuid,
  username: Type.String(),
  avatar_url: Type.String(),
}

export const UserActivityInsightsResponse = Type.Object({
  report: Type.Object({ ...period, users: Type.Array(Type.Object({ ...userUsage, seconds: Type.Integer() })) }),
})
export type UserActivityInsightsResponse = Static<typeof UserActivityInsightsResponse>

export const UserLatencyInsightsResponse = Type.Object({
  report: Type.Object({
    ...period,
    users: Type.Array(
      Type.Object({ ...userUsage, latency_ms: Type.Object({ p50: Type.Number(), p95: Type.Number() }) }),
    ),
  }),
})
export type UserLatencyInsightsResponse = Static<typeof UserLatencyInsightsResponse>

const StatusCounts = Type.Array(Type.Object({ date: Timestamp, count: Type.Integer() }))

export const GetUserStatusCountsResponse = Type.Object({
  status_counts: Type.Object({ active: StatusCounts, dormant: StatusCounts, suspended: StatusCounts }),
})
export type GetUserStatusCountsResponse = Static<typeof GetUserStatusCountsResponse>

export const getDeploymentDaus = endpoint({
  method: 'GET',
  path: '/api/v2/insights/daus',
  summary: 'Count active users by day for the last sixty days.',
  access: user('read', 'deployment_stats'),
  query: Type.Object(timeZoneQuery),
  responses: { 200: DAUsResponse },
})

export const getTemplateInsights = endpoint({
  method: 'GET',
  path: '/api/v2/insights/templates',
  summary: 'Get template usage by app, parameter and interval.',
  access: user('view_insights', 'template'),
  query: Type.Object({
    ...periodQuery,
    interval: Type.Optional(InsightsInterval),
    /** Comma-separated: `report`, `interval_reports`; both if omitted. */
    sections: Type.Optional(Type.String()),
  }),
  responses: { 200: TemplateInsightsResponse },
})

export const getUserActivity = endpoint({
  method: 'GET',
  path: '/api/v2/insights/user-activity',
  summary: 'Get the active time of each user.',
  access: user('view_insights', 'template'),
  query: Type.Object(periodQuery),
  responses: { 200: UserActivityInsightsResponse },
})

export const getUserLatency = endpoint({
  method: 'GET',
  path: '/api/v2/insights/user-latency',
  summary: 'Get the connection latency of each user.',
  access: user('view_insights', 'template'),
  query: Type.Object(periodQuery),
  responses: { 200: UserLatencyInsightsResponse },
})

export const getUserStatusCounts = endpoint({
  method: 'GET',
  path: '/api/v2/insights/user-status-counts',
  summary: 'Count users by status for each of the last sixty days.',
  access: user('read', 'user'),
  query: Type.Object(timeZoneQuery),
  responses: { 200: GetUserStatusCountsResponse },
})
