// The Prometheus metrics of a complete coderd.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { sendTestNotification } from '../../api/account/notifications.ts'
import { getUser } from '../../api/account/users.ts'
import { reportLifecycle, reportMetadata } from '../../api/local.ts'
import { createWorkspace as createWorkspaceEndpoint } from '../../api/workspaces/workspaces.ts'
import { notificationTemplates } from '../notifications/templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'

const template = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_parameter" "size" {
  name    = "size"
  default = "s"
  option {
    name  = "small"
    value = "s"
  }
  option {
    name  = "large"
    value = "l"
  }
}
data "coder_parameter" "secret" {
  name    = "secret"
  default = "hidden away"
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "terraform_data" "machine" {
  input = coder_agent.main.token
}
`

let server: TestServer
let address: string

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

beforeAll(async () => {
  address = `127.0.0.1:${await freePort()}`
  server = await startTestServer({
    prometheusEnable: 'true',
    prometheusAddress: address,
    prometheusCollectAgentStats: 'true',
    prometheusCollectDbMetrics: 'true',
  })
})
afterAll(() => server.close())

const readMetrics = async () => (await fetch(`http://${address}/metrics`)).text()

/** Value of the first series that has all of these labels. */
function valueOfSeries(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  for (const line of text.split('\n')) {
    const [, found, inside = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (found !== name) continue
    if (Object.entries(labels).every(([key, wanted]) => inside.includes(`${key}="${wanted}"`))) return Number(value)
  }
  return undefined
}

test('requests are counted by route, with their duration', async () => {
  for (let n = 0; n < 3; n++) await server.client.call(getUser, { params: { user: 'me' } })
  await fetch(`${server.url}/api/v2/users/me`)
  await fetch(`${server.url}/api/v2/made-up/${crypto.randomUUID()}`)
  const text = await readMetrics()
  const labels = { method: 'GET', path: '/api/v2/users/{user}' }
  expect(valueOfSeries(text, 'coderd_api_requests_processed_total', { ...labels, code: '200' })).toBe(3)
  expect(valueOfSeries(text, 'coderd_api_requests_processed_total', { ...labels, code: '401' })).toBe(1)
  expect(valueOfSeries(text, 'coderd_api_request_latencies_seconds_count', labels)).toBe(4)
  expect(valueOfSeries(text, 'coderd_api_concurrent_requests', labels)).toBe(0)
  expect(text).not.toContain('made-up')
  expect(valueOfSeries(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
})

test('WebSockets are counted while they are open', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v2/debug/ws`, {
    headers: { 'coder-session-token': server.token },
  })
  await once(socket, 'open')
  const labels = { path: '/api/v2/debug/ws' }
  expect(valueOfSeries(await readMetrics(), 'coderd_api_concurrent_websockets', labels)).toBe(1)
  socket.close()
  await once(socket, 'close')
  await until(
    'the socket to be closed',
    async () => valueOfSeries(await readMetrics(), 'coderd_api_concurrent_websockets', labels) === 0,
  )
  expect(valueOfSeries(await readMetrics(), 'coderd_api_websocket_durations_seconds_count', labels)).toBe(1)
})

test('workspaces, builds, agents and parameter options are counted, without free-text values', async () => {
  const { id } = await createTemplate(server.client, 'sized', { 'main.tf': template })
  const workspace = await createWorkspace(server.client, id, 'dev', { size: 'l' })
  const first = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const agentId = agentsOf(first)[0]?.id ?? ''
  await server.context.db
    .insertInto('workspace_agent_stats')
    .values({
      agent_id: agentId,
      workspace_id: workspace.id,
      template_id: id,
      user_id: workspace.owner_id,
      rx_bytes: 7,
      connection_count: 2,
      session_count_ssh: 1,
      connection_median_latency_ms: 5,
    })
    .execute()
  await server.context.db.updateTable('users').set({ last_seen_at: new Date() }).execute()
  const text = await readMetrics()
  const of = (name: string, labels = {}) => valueOfSeries(text, name, labels)
  const start = { workspace_transition: 'start', template_name: 'sized', status: 'succeeded' }
  expect(of('coderd_workspace_latest_build_status', start)).toBe(1)
  expect(of('coderd_api_workspace_latest_build', { status: 'succeeded' })).toBe(1)
  expect(of('coderd_api_total_user_count', { status: 'active' })).toBe(1)
  expect(of('coderd_api_active_users_duration_hour')).toBe(1)
  expect(of('coderd_provisionerd_num_daemons')).toBe(3)
  expect(of('coderd_provisionerd_jobs_current', { provisioner: 'terraform' })).toBe(0)
  expect(of('coderd_agents_up', { template_name: 'sized', workspace_name: 'dev' })).toBe(1)
  expect(of('coderd_agents_connections', { status: 'connecting', workspace_name: 'dev' })).toBe(1)
  expect(of('coderd_agentstats_rx_bytes', { agent_name: 'main' })).toBe(7)
  expect(of('coderd_agentstats_session_count_ssh', { agent_name: 'main' })).toBe(1)
  expect(of('coderd_agents_connection_latencies_seconds', { agent_name: 'main' })).toBe(0.005)
  expect(of('coderd_agentstats_connection_median_latency_seconds', { agent_name: 'main' })).toBe(0.005)
  expect(of('coderd_insights_templates_active_users', { template_name: 'sized' })).toBe(1)
  expect(of('coderd_insights_applications_usage_seconds', { slug: 'ssh' })).toBe(60)
  expect(of('coderd_insights_parameters', { parameter_name: 'size', parameter_value: 'l' })).toBe(1)
  expect(text).not.toContain('hidden away')
  const built = { workspace_transition: 'START', status: 'success', workspace_name: 'dev' }
  expect(of('coderd_workspace_builds_total', built)).toBe(1)
  expect(of('coderd_api_workspace_latest_build_total', { status: 'succeeded' })).toBe(1)
  const created = { organization_name: 'coder', preset_name: '', template_name: 'sized' }
  expect(of('coderd_workspace_creation_total', created)).toBe(1)
  expect(of('coderd_workspace_creation_duration_seconds_count', { ...created, type: 'regular' })).toBe(1)
  const timed = { template_name: 'sized', workspace_transition: 'START' }
  expect(of('coderd_provisionerd_workspace_build_timings_seconds_count', timed)).toBe(1)
  await build(server.client, workspace.id, 'delete')
  const later = await readMetrics()
  expect(valueOfSeries(later, 'coderd_workspace_builds_total', built)).toBe(1)
  expect(valueOfSeries(later, 'coderd_workspace_builds_total', { ...built, workspace_transition: 'DELETE' })).toBe(1)
  expect(valueOfSeries(later, 'coderd_agents_up')).toBeUndefined()
})

test('queries and transactions are counted by operation and result', async () => {
  const { id } = await createTemplate(server.client, 'counted', { 'main.tf': '' })
  const workspace = await createWorkspace(server.client, id, 'counted')
  await waitForBuild(server.client, workspace.latest_build.id)
  const text = await readMetrics()
  const queries = (query: string) => valueOfSeries(text, 'coderd_db_query_latencies_seconds_count', { query })
  for (const query of ['signed-in', 'acquire-job', 'insert workspace_builds', 'update provisioner_jobs'])
    expect([query, queries(query)]).toEqual([query, expect.any(Number)])
  const committed = { success: 'true', retries: '0' }
  expect(valueOfSeries(text, 'coderd_db_tx_executions_count', committed)).toBeGreaterThan(0)
  expect(valueOfSeries(text, 'coderd_db_tx_duration_seconds_count', { success: 'true' })).toBeGreaterThan(0)
  const again = { params: { user: 'me' }, body: { name: 'counted', template_id: id } }
  await expect(server.client.call(createWorkspaceEndpoint, again)).rejects.toMatchObject({ status: 409 })
  const rolledBack = { success: 'false', retries: '0' }
  expect(valueOfSeries(await readMetrics(), 'coderd_db_tx_executions_count', rolledBack)).toBeGreaterThan(0)
})

test('queries are counted by route', async () => {
  await server.client.call(getUser, { params: { user: 'me' } })
  const labels = { method: 'GET', route: '/api/v2/users/{user}', query: 'signed-in' }
  const text = await readMetrics()
  expect(valueOfSeries(text, 'coderd_db_query_counts_total', labels)).toBeGreaterThan(0)
  expect(valueOfSeries(text, 'coderd_db_query_counts_total', { ...labels, method: 'DELETE' })).toBeUndefined()
  expect(valueOfSeries(text, 'go_sql_max_open_connections', { db_name: '' })).toBe(10)
  expect(valueOfSeries(text, 'go_sql_open_connections', { db_name: '' })).toBeGreaterThan(0)
})

test('database notifications are counted, and their latency is measured with each scrape', async () => {
  const of = (text: string, name: string, labels = {}) => valueOfSeries(text, `coder_pubsub_${name}`, labels) ?? 0
  const first = await readMetrics()
  expect([of(first, 'connected'), of(first, 'current_subscribers') > 1, of(first, 'disconnections_total')]).toEqual([
    1,
    true,
    0,
  ])
  const second = await readMetrics()
  expect(of(second, 'latency_measures_total')).toBe(of(first, 'latency_measures_total') + 1)
  expect(of(second, 'latency_measure_errs_total')).toBe(0)
  expect(of(second, 'receive_latency_seconds')).toBeLessThan(5)
  for (const name of ['messages_total', 'received_bytes_total', 'publishes_total', 'published_bytes_total'])
    expect([name, of(second, name) > of(first, name)]).toEqual([name, true])
})

test('delivery attempts are counted by result, and periodic tasks by duration', async () => {
  await server.client.call(sendTestNotification)
  const labels = { method: 'inbox', notification_template_id: notificationTemplates.test.id }
  const attempts = (text: string, result: string) =>
    valueOfSeries(text, 'coderd_notifications_dispatch_attempts_total', { ...labels, result })
  await until('the notification to be sent', async () => attempts(await readMetrics(), 'success') === 1)
  const text = await readMetrics()
  expect(attempts(text, 'temp_fail')).toBeUndefined()
  expect(valueOfSeries(text, 'coderd_notifications_inflight_dispatches', labels)).toBe(0)
  expect(valueOfSeries(text, 'coderd_notifications_queued_seconds_count', { method: 'inbox' })).toBe(1)
  expect(valueOfSeries(text, 'coderd_notifications_dispatcher_send_seconds_count', { method: 'inbox' })).toBe(1)
  await until('the first run of the periodic tasks', async () => {
    const now = await readMetrics()
    const autobuilds = valueOfSeries(now, 'coderd_lifecycle_autobuild_execution_duration_seconds_count') ?? 0
    const purges = valueOfSeries(now, 'coderd_dbpurge_iteration_duration_seconds_count', { success: 'true' }) ?? 0
    return autobuilds > 0 && purges > 0
  })
  const records = { record_type: 'workspace_agent_logs' }
  expect(valueOfSeries(await readMetrics(), 'coderd_dbpurge_records_purged_total', records)).toBe(0)
})

test('the queue time of jobs and the start time of workspaces are counted once', async () => {
  const { id } = await createTemplate(server.client, 'ready', { 'main.tf': template })
  const workspace = await createWorkspace(server.client, id, 'ready')
  const built = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const token = await server.agentToken(agentsOf(built)[0]?.id ?? '')
  const agent = server.clientWith(token)
  await agent.call(reportLifecycle, { body: { state: 'ready', changed_at: new Date().toISOString() } })
  const ofTemplate = { template_name: 'ready', status: 'success', organization_name: 'coder' }
  const wait = { job_type: 'workspace_build', transition: 'start', build_reason: 'initiator' }
  for (const text of [await readMetrics(), await readMetrics()]) {
    expect(valueOfSeries(text, 'coderd_template_workspace_build_duration_seconds_count', ofTemplate)).toBe(1)
    expect(valueOfSeries(text, 'coderd_provisioner_job_queue_wait_seconds_count', wait)).toBeGreaterThan(0)
  }
})

test('metadata reports are counted, and unknown keys as dropped', async () => {
  const files = { 'main.tf': template.replace('arch = "amd64"', `arch = "amd64"\n  ${item}`) }
  const { id } = await createTemplate(server.client, 'measured', files)
  const workspace = await createWorkspace(server.client, id, 'measured')
  const built = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const agent = server.clientWith(await server.agentToken(agentsOf(built)[0]?.id ?? ''))
  const value = (key: string) => ({ key, value: '1', error: '', collected_at: new Date().toISOString() })
  await agent.call(reportMetadata, { body: { values: [value('load'), value('other')] } })
  const text = await readMetrics()
  const of = (name: string, labels = {}) => valueOfSeries(text, `coderd_agentapi_metadata_${name}`, labels)
  expect([of('batches_total', { reason: 'scheduled' }), of('flushed_total'), of('dropped_keys_total')]).toEqual([
    1, 1, 1,
  ])
  expect([of('batch_size_sum'), of('flush_duration_seconds_count')]).toEqual([2, 1])
})

const item = 'metadata {\n    key      = "load"\n    script   = "true"\n    interval = 60\n  }'

test('requests of other sites, and methods other than GET, are rejected', async () => {
  const page = await fetch(`http://${address}/metrics`, { headers: { 'sec-fetch-site': 'same-origin' } })
  expect(page.status).toBe(403)
  expect((await fetch(`http://${address}/metrics`, { method: 'POST' })).status).toBe(404)
  expect((await fetch(`http://${address}/other`)).status).toBe(404)
})

test('administrators read enabled metrics through the API', async () => {
  const request = (url: string, token: string) =>
    fetch(`${url}/api/v2/debug/metrics`, { headers: { 'coder-session-token': token } })
  const response = await request(server.url, server.token)
  expect(response.headers.get('content-type')).toContain('text/plain')
  expect(await response.text()).toContain('coderd_api_requests_processed_total')
  const { token } = await server.createUser('eve')
  expect((await request(server.url, token)).status).toBe(403)
  const without = await startTestServer()
  const rejected = await request(without.url, without.token)
  expect(rejected.status).toBe(404)
  expect(await rejected.json()).toMatchObject({ message: 'Metrics are disabled.' })
  await without.close()
})

test.each([
  ['127.0.0.1', 200],
  ['prometheus', 200],
  ['host.docker.internal:2112', 200],
  ['rebound.example.com', 403],
  ['rebound.example.com.', 403],
  ['127.0.0.1.example.com', 403],
  ['two names', 403],
])('a request for the host name "%s" is answered with %i', async (host, status) => {
  const asking = request({ host: '127.0.0.1', port: address.split(':')[1], path: '/metrics', headers: { host } }).end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBe(status)
})

test('the start fails with an error that states the next step if the metrics address is in use', async () => {
  await expect(startTestServer({ prometheusEnable: 'true', prometheusAddress: address })).rejects.toThrow(
    /CODER_PROMETHEUS_ADDRESS/,
  )
})
