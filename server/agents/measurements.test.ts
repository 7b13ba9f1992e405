// Reports of a running agent as clients receive them: metadata, app health, scripts, ports and statistics.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  getAgentConnection,
  getConnection,
  getListeningPorts,
  getOwnGitSshKey,
  listContainers,
  patchOwnAppStatus,
  recreateDevcontainer,
  type WorkspaceAgentMetadata,
} from '../../api/agents/agent-measurements.ts'
import { getAgent, getAgentLogs, type WorkspaceAgent } from '../../api/agents/agents.ts'
import { reportStats } from '../../api/local.ts'
import { getBuildTimings } from '../../api/workspaces/builds.ts'
import { getWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { type RunningAgent, startAgent } from './testing/terminal-harness.ts'

const templateFor = (port: number) =>
  templateWithAgent({
    agentArguments: `
  metadata {
    key          = "count"
    display_name = "Counted"
    script       = "cat /proc/self/stat | cut -d' ' -f1"
    interval     = 1
    timeout      = 5
  }
  metadata {
    key      = "broken"
    script   = "echo partly; exit 3"
    interval = 60
  }`,
    blocks: `
resource "coder_app" "web" {
  agent_id = coder_agent.main.id
  slug     = "web"
  url      = "http://127.0.0.1:${port}"
  healthcheck {
    url       = "http://127.0.0.1:${port}/health"
    interval  = 1
    threshold = 1
  }
}
resource "coder_script" "ticking" {
  agent_id     = coder_agent.main.id
  display_name = "Ticking"
  script       = "echo tick"
  cron         = "* * * * * *"
}`,
  })

let server: TestServer
let app: Server
let status = 200
let workspace: Workspace
let agentId: string
let token: string
let running: RunningAgent

beforeAll(async () => {
  app = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
  await once(app, 'listening')
  server = await startTestServer()
  const { port } = app.address() as AddressInfo
  const { id } = await createTemplate(server.client, 'measured', { 'main.tf': templateFor(port) })
  workspace = await createWorkspace(server.client, id, 'measured')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agentId = (agentsOf(build)[0] as WorkspaceAgent).id
  token = await server.agentToken(agentId)
  running = startAgent(server.url, { token })
  await server.context.connections.waitFor(agentId, 'services', 10_000)
})
afterAll(async () => {
  await running.stop()
  await server.close()
  app.close()
})

const show = () => server.client.call(getAgent, { params: { workspaceagent: agentId } })
const params = () => ({ workspaceagent: agentId })

/** Resolves with the first event that matches the predicate. */
async function watchUntil(matches: (items: WorkspaceAgentMetadata[]) => boolean): Promise<WorkspaceAgentMetadata[]> {
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agentId}/watch-metadata-ws`
  const socket = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  return await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (frame: Buffer) => {
      const { type, data } = JSON.parse(frame.toString())
      if (type !== 'data' || !matches(data)) return
      socket.close()
      resolve(data)
    })
  })
}

const item = (items: WorkspaceAgentMetadata[], key: string) =>
  items.find(({ description }) => description.key === key) as WorkspaceAgentMetadata

test('metadata and its errors are collected at the interval and sent to watchers', async () => {
  expect((await show()).environment_variables).toBeNull()
  const first = await watchUntil((items) => item(items, 'count').result.value !== '')
  expect(item(first, 'count').description).toEqual({
    key: 'count',
    display_name: 'Counted',
    script: "cat /proc/self/stat | cut -d' ' -f1",
    interval: 1,
    timeout: 5,
  })
  const { value } = item(first, 'count').result
  expect(value).toMatch(/^\d+\n$/)
  await watchUntil((items) => item(items, 'count').result.value !== value)
  const broken = await watchUntil((items) => item(items, 'broken').result.error !== '')
  expect(item(broken, 'broken').result).toMatchObject({ value: 'partly\n', error: 'The command exited with code 3.' })
})

test('server-sent events contain the same metadata', async () => {
  const response = await fetch(`${server.url}/api/v2/workspaceagents/${agentId}/watch-metadata`, {
    headers: { 'coder-session-token': server.token },
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes('"key":"count"')) text += new TextDecoder().decode((await reader.read()).value)
  expect(text).toMatch(/^event: ping\n\nevent: data\ndata: \[\{"result":/)
  await reader.cancel()
})

test('an app is healthy while it responds with a status below 500, and its statuses are stored', async () => {
  const health = async () => (await show()).apps[0]?.health
  await until('the app to be healthy', async () => (await health()) === 'healthy')
  status = 503
  await until('the app to be unhealthy', async () => (await health()) === 'unhealthy')
  status = 404
  await until('the app to be healthy again', async () => (await health()) === 'healthy')
  const agentClient = server.clientWith(token)
  const report = (state: string, message: string, app_slug = 'web') =>
    agentClient.call(patchOwnAppStatus, { body: { app_slug, state, message, uri: 'https://example.com/pr/1' } })
  await report('working', 'Reading the code')
  await report('complete', 'All is done')
  await expect(report('happy', '')).rejects.toMatchObject({ status: 400, validations: [{ field: 'state' }] })
  await expect(report('idle', 'x'.repeat(161))).rejects.toMatchObject({ validations: [{ field: 'message' }] })
  await expect(report('idle', '', 'nothing')).rejects.toMatchObject({ validations: [{ field: 'app_slug' }] })
  expect((await show()).apps[0]?.statuses.map(({ message }) => message)).toEqual(['All is done', 'Reading the code'])
  const { latest_app_status } = await server.client.call(getWorkspace, { params: { workspace: workspace.id } })
  expect(latest_app_status).toMatchObject({ state: 'complete', uri: 'https://example.com/pr/1' })
})

test('a script runs by its schedule, with its output in the log and its runs in the timings', async () => {
  await until('two ticks', async () => {
    const log = await server.client.call(getAgentLogs, { params: params() })
    return log.filter(({ output }) => output === 'tick').length >= 2
  })
  const { agent_script_timings } = await server.client.call(getBuildTimings, {
    params: { workspacebuild: workspace.latest_build.id },
  })
  expect(agent_script_timings[0]).toMatchObject({ stage: 'cron', status: 'ok', display_name: 'Ticking' })
})

test('listening ports are listed, except the ports of apps', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const found = await until('the port', async () => {
    const { ports } = await server.client.call(getListeningPorts, { params: params() })
    return ports.some((listening) => listening.port === port) && ports
  })
  expect(found.find((listening) => listening.port === port)).toMatchObject({
    network: 'tcp',
    process_name: expect.any(String),
  })
  expect(found.map((listening) => listening.port)).not.toContain((app.address() as AddressInfo).port)
  other.close()
})

test('an open terminal is counted and is workspace activity', async () => {
  const query = `reconnect=${crypto.randomUUID()}&height=24&width=80&command=cat`
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agentId}/pty?${query}`, {
    headers: { 'coder-session-token': server.token },
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ data: 'counted\r' }))
  await once(socket, 'message')
  const agentClient = server.clientWith(token)
  const before = (await server.client.call(getWorkspace, { params: { workspace: workspace.id } })).last_used_at
  const counts = {
    connection_count: 1,
    connections_by_proto: { TCP: 1 },
    connection_median_latency_ms: 0.4,
    rx_packets: 1,
    rx_bytes: 10,
    tx_packets: 2,
    tx_bytes: 20,
    session_count_vscode: 0,
    session_count_jetbrains: 0,
    session_count_reconnecting_pty: 1,
    session_count_ssh: 0,
  }
  expect(await agentClient.call(reportStats, { body: counts })).toEqual({ report_interval_ms: 30_000 })
  const after = (await server.client.call(getWorkspace, { params: { workspace: workspace.id } })).last_used_at
  expect(after > before).toBe(true)
  const rows = await until('the report of the agent', async () => {
    const all = await server.context.db.selectFrom('workspace_agent_stats').selectAll().orderBy('id').execute()
    return all.length >= 2 && all
  })
  expect(rows.find(({ rx_bytes }) => rx_bytes === 10)).toMatchObject({
    connections_by_proto: { TCP: 1 },
    session_count_reconnecting_pty: 1,
    usage: false,
  })
  const agentReport = rows.find(({ rx_bytes }) => rx_bytes !== 10)
  expect(agentReport).toMatchObject({ agent_id: agentId, workspace_id: workspace.id })
  expect(agentReport?.connection_median_latency_ms).toBeGreaterThan(0)
  socket.close()
})

test('containers are empty, and a connection has no DERP regions', async () => {
  expect(await server.client.call(listContainers, { params: params() })).toEqual({
    containers: [],
    devcontainers: [],
    warnings: [],
  })
  await expect(
    server.client.call(recreateDevcontainer, { params: { ...params(), devcontainer: 'none' } }),
  ).rejects.toMatchObject({ status: 404 })
  const info = await server.client.call(getConnection)
  expect(info.derp_map.Regions).toEqual({})
  expect(await server.client.call(getAgentConnection, { params: params() })).toEqual(info)
  const key = await server.clientWith(token).call(getOwnGitSshKey)
  expect(key.public_key).toMatch(/^ssh-ed25519 /)
  expect(key.private_key).toContain('BEGIN OPENSSH PRIVATE KEY')
})
