// Insights over REST, computed from agent reports.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { suspendUser } from '../../../api/account/users.ts'
import {
  getDeploymentDaus,
  getTemplateInsights,
  getUserActivity,
  getUserLatency,
  getUserStatusCounts,
} from '../../../api/deployment/insights.ts'
import { getTemplateDaus, type Template } from '../../../api/templates/templates.ts'
import { rollUpUsage } from '../../agents/roll-up-usage.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, waitForBuild } from '../../testing/workspace-fixtures.ts'

const dayMs = 24 * 60 * 60_000
const main = `
data "coder_parameter" "size" {
  name    = "size"
  default = "s"
  option {
    name  = "Small"
    value = "s"
  }
  option {
    name  = "Large"
    value = "l"
  }
}`

let server: TestServer
let template: Template
let other: Template
let ada: { id: string }
let bob: { id: string }
const today = Math.floor(Date.now() / dayMs) * dayMs
const day = (ago: number, minutes = 0) => new Date(today - ago * dayMs + minutes * 60_000)

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'counted', { 'main.tf': main })
  other = await createTemplate(server.client, 'other', { 'main.tf': '' })
  ada = (await server.createUser('ada')).user
  bob = (await server.createUser('bob')).user
  for (const [name, size] of [
    ['one', 's'],
    ['two', 'l'],
    ['three', 'l'],
  ] as const) {
    const workspace = await createWorkspace(server.client, template.id, name, { size })
    await waitForBuild(server.client, workspace.latest_build.id)
  }
  const { id: workspaceId } = await server.context.db
    .selectFrom('workspaces')
    .select('id')
    .limit(1)
    .executeTakeFirstOrThrow()
  const report = (user: { id: string }, at: Date, of: Template, counts: object, latency = -1) => ({
    user_id: user.id,
    agent_id: workspaceId,
    workspace_id: workspaceId,
    template_id: of.id,
    created_at: at,
    connection_median_latency_ms: latency,
    ...counts,
  })
  // The reports below are older than the last rollup, so the rollup must start over.
  await server.context.db.deleteFrom('site_configs').where('key', '=', 'usage_rolled_until').execute()
  await server.context.db
    .insertInto('workspace_agent_stats')
    .values([
      // Two reports of the same minute count as one minute.
      report(ada, day(2, 600), template, { session_count_ssh: 1 }, 10),
      report(
        ada,
        new Date(day(2, 600).getTime() + 30_000),
        template,
        { session_count_ssh: 1, session_count_vscode: 1 },
        30,
      ),
      report(ada, day(2, 601), template, { session_count_ssh: 1 }),
      report(ada, day(2, 700), other, { session_count_reconnecting_pty: 2 }, 20),
      report(bob, day(1, 5), template, { session_count_jetbrains: 1 }, 100),
      // No session was open.
      report(bob, day(1, 700), template, {}, 5000),
    ])
    .execute()
})
afterAll(() => server.close())

const period = { start_time: day(7).toISOString(), end_time: day(0).toISOString() }

test('daily active users are counted once per day in the requested time zone', async () => {
  const daus = await server.client.call(getDeploymentDaus, { query: {} })
  expect(daus.entries).toHaveLength(61)
  const byDate = Object.fromEntries(daus.entries.map(({ date, amount }) => [date, amount]))
  expect(byDate[day(2).toISOString().slice(0, 10)]).toBe(1)
  expect(byDate[day(1).toISOString().slice(0, 10)]).toBe(1)
  expect(daus.entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(2)
  const west = await server.client.call(getTemplateDaus, {
    params: { template: template.id },
    query: { tz_offset: -2 },
  })
  expect(west.tz_hour_offset).toBe(-2)
  // 00:05 UTC belongs to the previous day in UTC-2.
  expect(west.entries.find(({ date }) => date === day(2).toISOString().slice(0, 10))?.amount).toBe(2)
})

test('the template report contains usage minutes by app and parameter values of builds', async () => {
  const tomorrow = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000).toISOString()
  const { report, interval_reports } = await server.client.call(getTemplateInsights, {
    query: { start_time: period.start_time, end_time: tomorrow, interval: 'day' },
  })
  expect(report?.active_users).toBe(2)
  expect([...(report?.template_ids ?? [])].sort()).toEqual([template.id, other.id].sort())
  expect(report?.apps_usage.map(({ slug, seconds, times_used }) => [slug, seconds, times_used])).toEqual([
    ['vscode', 60, 1],
    ['jetbrains', 60, 1],
    ['reconnecting-pty', 60, 1],
    ['ssh', 120, 1],
    ['sftp', 0, 0],
  ])
  expect(report?.parameters_usage).toEqual([
    {
      template_ids: [template.id],
      name: 'size',
      display_name: '',
      description: '',
      type: 'string',
      options: [expect.objectContaining({ value: 's' }), expect.objectContaining({ value: 'l' })],
      values: [
        { value: 'l', count: 2 },
        { value: 's', count: 1 },
      ],
    },
  ])
  expect(interval_reports?.map(({ active_users }) => active_users)).toEqual(expect.arrayContaining([0, 1]))
})

test('activity and latency are reported by user, optionally for selected templates', async () => {
  const activity = await server.client.call(getUserActivity, { query: period })
  expect(activity.report.users.map(({ username, seconds }) => [username, seconds])).toEqual([
    ['ada', 180],
    ['bob', 60],
  ])
  const latency = await server.client.call(getUserLatency, { query: { ...period, template_ids: template.id } })
  expect(latency.report.users.map(({ username, latency_ms }) => [username, latency_ms])).toEqual([
    ['ada', { p50: 20, p95: 20 }],
    ['bob', { p50: 100, p95: 100 }],
  ])
})

test('users are counted by their status at the end of each day', async () => {
  await server.client.call(suspendUser, { params: { user: bob.id } })
  const { status_counts } = await server.client.call(getUserStatusCounts, { query: {} })
  expect(status_counts.active).toHaveLength(61)
  expect(status_counts.active.at(-2)?.count).toBe(0)
  expect(status_counts.active.at(-1)?.count).toBe(2)
  expect(status_counts.suspended.at(-1)?.count).toBe(1)
})

test('a rollup does not change the results', async () => {
  const { db } = server.context
  const readInsights = async () => [
    (await server.client.call(getUserActivity, { query: period })).report,
    (await server.client.call(getUserLatency, { query: period })).report,
    (await server.client.call(getDeploymentDaus, { query: {} })).entries,
    (await server.client.call(getTemplateInsights, { query: period })).report?.apps_usage,
  ]
  const before = await readInsights()
  // Roll up half of the reports, the rest, and nothing.
  for (const until of [day(2, 620), new Date(), new Date()]) {
    await rollUpUsage(db, until)
    expect(await readInsights()).toEqual(before)
  }
  // The rollup outlives the reports.
  await db.deleteFrom('workspace_agent_stats').execute()
  expect(await readInsights()).toEqual(before)
  const old = { ...(await db.selectFrom('template_usage_stats').selectAll().executeTakeFirstOrThrow()) }
  await rollUpUsage(db, new Date(0))
  expect(await db.selectFrom('template_usage_stats').selectAll().executeTakeFirstOrThrow()).toEqual(old)
})

describe('a request is rejected', () => {
  test.each([
    [{ start_time: day(7, 5).toISOString() }, 'start_time'],
    [{ start_time: day(-3).toISOString() }, 'start_time'],
    [{ start_time: 'yesterday' }, 'start_time'],
    [{ end_time: day(3, 61).toISOString() }, 'end_time'],
    [{ end_time: day(9).toISOString() }, 'end_time'],
    [{ template_ids: 'x' }, 'template_ids'],
    [{ sections: 'everything' }, 'sections'],
    [{ interval: 'week', start_time: day(2).toISOString() }, 'interval'],
    [{ interval: 'month' }, 'interval'],
    [{ interval: 'day', start_time: '0001-01-01T00:00:00Z' }, 'start_time'],
  ])('with %j', async (changes, field) => {
    const query = new URLSearchParams({ ...period, ...(changes as Record<string, string>) })
    const response = await fetch(`${server.url}/api/v2/insights/templates?${query}`, {
      headers: { 'coder-session-token': server.token },
    })
    expect(response.status).toBe(400)
    expect(
      ((await response.json()) as { validations: { field: string }[] }).validations.map(({ field }) => field),
    ).toContain(field)
  })

  test('from a member', async () => {
    const { client } = await server.createUser('curious')
    await expect(client.call(getUserActivity, { query: period })).rejects.toMatchObject({ status: 404 })
  })
})
