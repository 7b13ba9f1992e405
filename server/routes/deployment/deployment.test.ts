// Information about the deployment, from a real coderd.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listInterceptions } from '../../../api/deployment/ai-bridge.ts'
import { getAppearance, updateAppearance } from '../../../api/deployment/appearance.ts'
import { listAuditLogs } from '../../../api/deployment/audit.ts'
import {
  checkForUpdate,
  getBuildInfo,
  getDeploymentConfig,
  getDeploymentStats,
  getPrebuildsSettings,
  getSshConfig,
  listAvailableExperiments,
  reportPolicyViolation,
  updatePrebuildsSettings,
} from '../../../api/deployment/deployment.ts'
import {
  getEntitlements,
  listLicenses,
  listReplicas,
  refreshEntitlements,
} from '../../../api/deployment/entitlements.ts'
import { getHealth, getHealthSettings, updateHealthSettings } from '../../../api/deployment/health.ts'
import { listRegions, listWorkspaceProxies } from '../../../api/deployment/regions.ts'
import { settings } from '../../config.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

let server: TestServer
let member: TestServer['client']
let clock: FakeClock

beforeAll(async () => {
  clock = fakeClock(new Date())
  server = await startTestServer(
    { emailAuthPassword: 'swordfish', emailSmarthost: 'mail.example.com:587', sshConfigOptions: 'ForwardAgent=yes' },
    clock,
  )
  member = (await server.createUser('ada')).client
})
afterAll(() => server.close())

const fetchPath = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init)

describe('settings', () => {
  test('are returned with their values, names, sources and descriptions, without secrets', async () => {
    const response = await server.client.call(getDeploymentConfig)
    expect(JSON.stringify(response)).not.toContain('swordfish')
    expect(JSON.stringify(response)).not.toContain(server.context.config.postgresUrl)
    expect(response.config).toMatchObject({
      access_url: server.url,
      session_lifetime: { default_duration: 86_400_000_000_000 },
      notifications: { email: { smarthost: 'mail.example.com:587', auth: { password: '' } } },
      healthcheck: { threshold_database: 15_000_000 },
    })
    const optionOf = (name: string) => response.options.find((option) => option.name === name)
    expect(optionOf('Email: Smarthost')).toMatchObject({
      flag: 'email-smarthost',
      env: 'CODER_EMAIL_SMARTHOST',
      value: 'mail.example.com:587',
      value_source: 'flag',
      group: { name: 'Email', yaml: 'email' },
    })
    expect(optionOf('SSH Config Options')).toMatchObject({ value: ['ForwardAgent=yes'] })
    expect(optionOf('Email Auth: Password')).toMatchObject({ annotations: { secret: 'true' } })
    expect(optionOf('Email Auth: Password')).not.toHaveProperty('value')
    expect(optionOf('Session Duration')).toMatchObject({ default: '24h0m0s', value_source: 'default' })
    expect(optionOf('Audit Logs Retention')).toMatchObject({ default: '0', value: 0 })
    expect(optionOf('API Keys Retention')).toMatchObject({ default: '7d', value: 604_800e9 })
    expect(optionOf('API Rate Limit')).toMatchObject({
      hidden: true,
      annotations: { external_workspace_proxies: 'true' },
    })
    expect(response.config).not.toHaveProperty('pg_connection_url')
    expect(response.config).not.toHaveProperty('verbose')
    expect(optionOf('Health Check Threshold: Database')).toMatchObject({
      value: 15_000_000,
      value_source: 'default',
      annotations: { format_duration: 'true' },
      group: { name: 'Health Check', parent: { name: 'Introspection' } },
    })
    // Coder's dashboard looks these options up by name and shows an error page without them.
    expect(optionOf('Experiments')).toMatchObject({ value: null })
    expect(optionOf('Experiments')).not.toHaveProperty('value_source')
    for (const name of ['OIDC Client ID', 'OAuth2 GitHub Client ID'])
      expect(optionOf(name)).toMatchObject({ value: '' })
    expect(optionOf('Trace Enable')).toMatchObject({ value: false, group: { name: 'Tracing' } })
    for (const option of response.options) expect(option.description).toMatch(/\.$/)
    expect(new Set(response.options.map(({ env }) => env)).size).toBe(response.options.length)
    expect(response.options.length).toBeGreaterThan(Object.keys(settings).length)
  })

  test('are hidden from members', async () => {
    await expect(member.call(getDeploymentConfig)).rejects.toMatchObject({ status: 403 })
    await expect(member.call(getDeploymentStats)).rejects.toMatchObject({ status: 403 })
  })

  test('of SSH are visible to members', async () => {
    expect(await member.call(getSshConfig)).toEqual({
      hostname_prefix: 'coder.',
      hostname_suffix: 'coder',
      ssh_config_options: { ForwardAgent: 'yes' },
    })
  })

  test('of prebuilt workspaces are stored, and an unchanged update returns 304', async () => {
    const body = { reconciliation_paused: true }
    expect(await server.client.call(getPrebuildsSettings)).toEqual({ reconciliation_paused: false })
    expect(await server.client.call(updatePrebuildsSettings, { body })).toEqual(body)
    expect(await server.client.call(getPrebuildsSettings)).toEqual(body)
    const again = await fetchPath('/api/v2/prebuilds/settings', {
      method: 'PUT',
      headers: { 'coder-session-token': server.token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(again.status).toBe(304)
    const { count } = await server.client.call(listAuditLogs, { query: { q: 'prebuilds_settings' } })
    expect(count).toBe(1)
  })
})

test('statistics count workspaces by state once a minute', async () => {
  const before = await server.client.call(getDeploymentStats)
  expect(before.workspaces).toMatchObject({ pending: 0, building: 0, running: 0, failed: 0, stopped: 0 })
  const { id } = await createTemplate(server.client, 'plain', { 'main.tf': 'resource "terraform_data" "a" {}' })
  for (const name of ['one', 'two', 'three']) {
    const workspace = await createWorkspace(server.client, id, name)
    await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
    if (name === 'two') await build(server.client, workspace.id, 'stop')
    if (name === 'three') await build(server.client, workspace.id, 'delete')
  }
  expect(await server.client.call(getDeploymentStats)).toEqual(before)
  clock.advance(60_000)
  const after = await server.client.call(getDeploymentStats)
  expect(after.workspaces).toMatchObject({ pending: 0, building: 0, running: 1, failed: 0, stopped: 1 })
  expect(after.session_count).toEqual({ vscode: 0, ssh: 0, jetbrains: 0, reconnecting_pty: 0 })
  expect(new Date(after.next_update_at).getTime() - new Date(after.collected_at).getTime()).toBe(60_000)
})

test('statistics sum the agent reports of the last 15 minutes', async () => {
  const { db } = server.context
  const workspace = await db.selectFrom('workspaces').selectAll().limit(1).executeTakeFirstOrThrow()
  const report = (agentId: string, minutesAgo: number, ssh: number, latency: number) =>
    db
      .insertInto('workspace_agent_stats')
      .values({
        agent_id: agentId,
        workspace_id: workspace.id,
        template_id: workspace.template_id,
        user_id: workspace.owner_id,
        created_at: new Date(clock.now().getTime() - minutesAgo * 60_000),
        rx_bytes: 100,
        tx_bytes: 10,
        session_count_ssh: ssh,
        connection_median_latency_ms: latency,
      })
      .execute()
  const [firstAgent, secondAgent] = ['6a5b7c1e-0000-4000-8000-000000000001', '6a5b7c1e-0000-4000-8000-000000000002']
  await report(firstAgent, 20, 9, 1000)
  await report(firstAgent, 10, 5, 10)
  await report(firstAgent, 5, 1, 20)
  await report(secondAgent, 5, 2, 30)
  clock.advance(60_000)
  const { workspaces, session_count } = await server.client.call(getDeploymentStats)
  expect(workspaces).toMatchObject({ rx_bytes: 300, tx_bytes: 30, connection_latency_ms: { P50: 20, P95: 29 } })
  expect(session_count.ssh).toBe(3)
})

describe('appearance', () => {
  test('is public, and changed by administrators only', async () => {
    const anonymous = server.clientWith(undefined)
    expect(await anonymous.call(getAppearance)).toMatchObject({
      application_name: '',
      service_banner: { enabled: false },
      announcement_banners: [],
    })
    const banner = { enabled: true, message: 'Maintenance tonight', background_color: '#ff0000' }
    const body = { application_name: 'Our place', logo_url: '/logo.svg', announcement_banners: [banner] }
    await expect(member.call(updateAppearance, { body })).rejects.toMatchObject({ status: 403 })
    await server.client.call(updateAppearance, { body })
    expect(await anonymous.call(getAppearance)).toMatchObject({ ...body, service_banner: banner })
  })

  test('with an invalid color is rejected', async () => {
    const body = { announcement_banners: [{ enabled: true, background_color: 'red;}' }] }
    await expect(server.client.call(updateAppearance, { body })).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'announcement_banners.0.background_color' }],
    })
  })
})

test('clients receive versions, regions and features at startup', async () => {
  const { deployment_id } = await member.call(getBuildInfo)
  expect(await member.call(listRegions)).toMatchObject({
    regions: [{ id: deployment_id, name: 'primary', healthy: true, path_app_url: server.url }],
  })
  expect(await member.call(listWorkspaceProxies)).toMatchObject({ regions: [{ status: { status: 'ok' } }] })
  const { features, has_license } = await member.call(getEntitlements)
  expect(has_license).toBe(true)
  expect(Object.values(features).every(({ entitlement }) => entitlement === 'entitled')).toBe(true)
  const off = Object.entries(features).filter(([, { enabled }]) => !enabled)
  expect(off.map(([name]) => name)).toEqual(['browser_only'])
  expect(await server.client.call(listLicenses)).toEqual([])
  await server.client.call(refreshEntitlements)
  expect(await member.call(listInterceptions)).toEqual({ count: 0, results: [] })
  expect(await server.client.call(listReplicas)).toMatchObject([{ id: server.context.boot, error: '' }])
  expect(await server.clientWith(undefined).call(checkForUpdate)).toMatchObject({ current: true })
  expect(await member.call(listAvailableExperiments)).toEqual({ safe: [] })
  await member.call(reportPolicyViolation, { body: { 'csp-report': { 'blocked-uri': 'https://example.com' } } })
})

test('the latency check needs no sign-in and is readable from other origins', async () => {
  const response = await fetchPath('/latency-check')
  expect([response.status, await response.text(), response.headers.get('timing-allow-origin')]).toEqual([
    200,
    'OK',
    '*',
  ])
})

test('the init script is served for supported platforms only', async () => {
  const script = await fetchPath('/api/v2/init-script/linux/amd64')
  expect(script.status).toBe(200)
  expect(script.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(script.headers.get('content-digest')).toMatch(/^sha-256=:[A-Za-z0-9+/]{43}=:$/)
  expect(await script.text()).toContain(server.url)
  for (const pair of ['plan9/amd64', 'linux/z80', 'constructor/amd64', '__proto__/x']) {
    expect((await fetchPath(`/api/v2/init-script/${pair}`)).status).toBe(400)
  }
})

describe('health', () => {
  test('is good when everything works, and cached for 10 minutes', async () => {
    const report = await server.client.call(getHealth, { query: {} })
    expect(report).toMatchObject({
      healthy: true,
      access_url: { healthy: true, reachable: true, status_code: 200, healthz_response: 'OK', access_url: server.url },
      websocket: { healthy: true, code: 101 },
      database: { healthy: true, reachable: true, threshold_ms: 15 },
      workspace_proxy: { healthy: true },
      derp: { healthy: true, regions: {} },
      provisioner_daemons: { severity: 'ok', warnings: [] },
      agents: { severity: 'ok', missing: [] },
    })
    expect(report.database.version).toMatch(/^18/)
    expect(report.database.connections).toBeGreaterThan(0)
    expect(report.provisioner_daemons.items).toHaveLength(3)
    clock.advance(9 * 60_000)
    expect((await server.client.call(getHealth, { query: {} })).time).toBe(report.time)
    expect((await server.client.call(getHealth, { query: { force: true } })).time).toBe(clock.now().toISOString())
    clock.advance(10 * 60_000)
    expect((await server.client.call(getHealth, { query: {} })).time).toBe(clock.now().toISOString())
    const headers = { 'coder-session-token': server.token }
    const text = await (await fetch(`${server.url}/api/v2/debug/health?format=text`, { headers })).text()
    expect(text).toBe(
      `time: ${clock.now().toISOString()}\nhealthy: true\nderp: true\naccess_url: true\nwebsocket: true\ndatabase: true\n`,
    )
  })

  test('is hidden from members', async () => {
    await expect(member.call(getHealth, { query: {} })).rejects.toMatchObject({ status: 403 })
    const body = { dismissed_healthchecks: [] }
    await expect(member.call(updateHealthSettings, { body })).rejects.toMatchObject({ status: 403 })
  })

  test('reports a wrong access URL and missing provisioner daemons, unless dismissed', async () => {
    const otherServer = createServer((_request, response) => response.writeHead(502).end('not coderd'))
    otherServer.listen(0, '127.0.0.1')
    await once(otherServer, 'listening')
    const { port } = otherServer.address() as AddressInfo
    const unhealthy = await startTestServer({
      accessUrl: `http://127.0.0.1:${port}`,
      provisionerDaemons: '0',
      // Tolerates a busy test machine.
      healthCheckThresholdDatabase: '1h',
    })
    const report = await unhealthy.client.call(getHealth, { query: {} })
    expect(report).toMatchObject({
      healthy: false,
      severity: 'error',
      access_url: { healthy: false, reachable: true, status_code: 502, error: expect.stringMatching(/^EACS04: /) },
      websocket: { healthy: false, code: 502, body: 'not coderd', error: expect.stringMatching(/^EWS01: /) },
      provisioner_daemons: { severity: 'error', error: expect.stringMatching(/^EPD01: .*CODER_PROVISIONER_DAEMONS/) },
    })
    const dismissed_healthchecks = ['AccessURL', 'Websocket', 'ProvisionerDaemons'] as const
    await unhealthy.client.call(updateHealthSettings, { body: { dismissed_healthchecks: [...dismissed_healthchecks] } })
    expect(await unhealthy.client.call(getHealthSettings)).toEqual({ dismissed_healthchecks })
    const dismissed = await unhealthy.client.call(getHealth, { query: {} })
    expect(dismissed).toMatchObject({
      healthy: true,
      severity: 'ok',
      access_url: { dismissed: true, severity: 'error' },
    })
    await unhealthy.client.call(updateHealthSettings, { body: { dismissed_healthchecks: null } })
    expect(await unhealthy.client.call(getHealthSettings)).toEqual({ dismissed_healthchecks: [] })
    await unhealthy.close()
    otherServer.close()
    const unreachable = await startTestServer({ accessUrl: `http://127.0.0.1:${port}` })
    expect((await unreachable.client.call(getHealth, { query: {} })).access_url).toMatchObject({
      reachable: false,
      error: expect.stringMatching(/^EACS03: /),
    })
    await unreachable.close()
  })

  test('reports a slow database', async () => {
    const slow = await startTestServer({ healthCheckThresholdDatabase: '0ms' })
    expect((await slow.client.call(getHealth, { query: {} })).database).toMatchObject({
      severity: 'warning',
      healthy: true,
      warnings: [{ code: 'EDB02' }],
    })
    await slow.close()
  })
})
