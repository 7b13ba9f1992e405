// A program with an agent token that sends as much as it can: coderd bounds what it stores, reads and waits for.

import { once } from 'node:events'
import http from 'node:http'
import http2, { type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { getListeningPorts, patchOwnAppStatus } from '../../api/agents/agent-measurements.ts'
import { type AgentTarget, agentUpgradeProtocol } from '../../api/agents/agent-protocol.ts'
import { getAgent, getAgentLogs, patchOwnLogs, postOwnLogSource } from '../../api/agents/agents.ts'
import { listTerminals } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { connectAgent, reportScript, reportStats } from '../../api/local.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { callAgent } from './agent-requests.ts'

const blocks = `
resource "coder_app" "web" {
  agent_id = coder_agent.main.id
  slug     = "web"
  url      = "http://127.0.0.1:1"
}
resource "coder_script" "cron" {
  agent_id     = coder_agent.main.id
  display_name = "Cron"
  script       = "true"
  cron         = "0 0 0 1 1 *"
}`

let server: TestServer
let agentId: string
let token: string
let agent: Client
const sockets: Socket[] = []
beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'hostile', { 'main.tf': templateWithAgent({ blocks }) })
  const workspace = await createWorkspace(server.client, id, 'hostile')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agentId = agentsOf(build)[0]?.id as string
  token = await server.agentToken(agentId)
  agent = server.clientWith(token)
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await server.close()
})

const show = () => server.client.call(getAgent, { params: { workspaceagent: agentId } })
const time = (at = 0) => new Date(Date.UTC(2030, 0, 1) + at).toISOString()

/** Connects as an agent whose streams are handled by `serve`. */
async function connectAs(role: 'services' | 'terminals', serve: (stream: ServerHttp2Stream) => void): Promise<void> {
  const identity = { version: '', started_at: '', boot_id: '', machine_id: '', hostname: '', os: 'linux', arch: 'x64' }
  const query = new URLSearchParams({ role, pid: '1', ...identity })
  const request = http.request(`${server.url}${connectAgent.path}?${query}`, {
    headers: { connection: 'Upgrade', upgrade: agentUpgradeProtocol, 'coder-session-token': token },
  })
  request.end()
  const [, socket, head] = (await once(request, 'upgrade')) as [unknown, Socket, Buffer]
  sockets.push(socket)
  socket.unshift(head)
  const peer = http2.createServer()
  peer.on('stream', (stream) => stream.on('error', () => undefined))
  peer.on('stream', serve)
  peer.emit('connection', socket)
  await server.context.connections.waitFor(agentId, role, 10_000)
}

const callSilentAgent = (target: AgentTarget) => callAgent(server.context.connections, agentId, target, {}, '', 500)

test('a response without end is aborted at the size limit', async () => {
  let sent = 0
  await connectAs('services', (stream) => {
    stream.respond({ ':status': 200 })
    const send = () => {
      while (!stream.destroyed && stream.write(Buffer.alloc(64 * 1024, 'x'))) sent += 64 * 1024
    }
    stream.on('drain', send)
    send()
  })
  await expect(callAgent(server.context.connections, agentId, '/listening-ports')).rejects.toMatchObject({
    reason: 'invalid',
  })
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})

test('the endless reason of a rejection is truncated', async () => {
  await connectAs('services', (stream) => {
    stream.respond({ ':status': 418 })
    stream.on('drain', () => stream.write('x'.repeat(64 * 1024)))
    while (stream.write('x'.repeat(64 * 1024)));
  })
  await expect(callAgent(server.context.connections, agentId, '/listening-ports')).rejects.toMatchObject({
    message: 'x'.repeat(500),
  })
})

test('an agent that never responds fails the request at the timeout', async () => {
  await connectAs('services', () => undefined)
  await expect(callSilentAgent('/listening-ports')).rejects.toMatchObject({ reason: 'invalid' })
  await connectAs('services', (stream) => stream.respond({ ':status': 200 }))
  await expect(callSilentAgent('/listening-ports')).rejects.toMatchObject({ reason: 'invalid' })
})

test.each(['{"ports":{}}', '{"ports":[{"port":-1,"network":"tcp","process_name":""}]}', 'null', '{', '[]'])(
  'the invalid response %s does not fail the request of a user',
  async (text) => {
    const answer = (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200 })
      stream.end(text)
    }
    await connectAs('services', answer)
    await connectAs('terminals', answer)
    const params = { workspaceagent: agentId }
    expect(await server.client.call(getListeningPorts, { params })).toEqual({ ports: [] })
    expect(await server.client.call(listTerminals, { params })).toEqual({ terminals: [] })
  },
)

test('empty log lines count toward the limit, and are read in pages', async () => {
  const [source] = (await show()).log_sources
  const logs = Array.from({ length: 20_000 }, () => ({ created_at: time(), level: 'info' as const, output: '' }))
  const send = () => agent.call(patchOwnLogs, { body: { log_source_id: source?.id as string, logs } })
  await send()
  await expect(send()).rejects.toMatchObject({ status: 413 })
  await expect(send()).rejects.toMatchObject({ status: 413 })
  const lines = await server.client.call(getAgentLogs, { params: { workspaceagent: agentId }, query: {} })
  expect(lines).toHaveLength(32_768)
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agentId}/logs?follow`
  const follower = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  let count = 0
  let longest = 0
  await new Promise<void>((resolve, reject) => {
    follower.on('error', reject)
    follower.on('message', (frame: Buffer) => {
      const { length } = JSON.parse(frame.toString())
      longest = Math.max(longest, length)
      count += length
      if (count === lines.length) resolve()
    })
  })
  follower.close()
  expect(longest).toBe(1_000)
})

test('log sources are limited in number and size', async () => {
  const post = (display_name: string) =>
    agent.call(postOwnLogSource, { body: { id: crypto.randomUUID(), display_name } })
  await expect(post('x'.repeat(128))).rejects.toMatchObject({ status: 400 })
  const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => post('More')))
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
  const { log_sources } = await show()
  expect(log_sources).toHaveLength(256)
  const known = { id: log_sources[0]?.id as string, display_name: 'Renamed' }
  expect(await agent.call(postOwnLogSource, { body: known })).toMatchObject(known)
})

test('only the newest runs of a script and the newest statuses of an app are stored', async () => {
  const script = (await show()).scripts.find(({ display_name }) => display_name === 'Cron')
  const run = { script_id: script?.id as string, ended_at: time(), stage: 'cron', status: 'ok' } as const
  for (let at = 0; at < 105; at++)
    await agent.call(reportScript, { body: { ...run, started_at: time(at), exit_code: 0xc0000005 } })
  const { rows } = await server.context.pool.query(
    'select count(*)::int, min(started_at) from workspace_agent_script_timings where script_id = $1',
    [run.script_id],
  )
  expect(rows).toEqual([{ count: 100, min: new Date(time(5)) }])
  for (let at = 0; at < 105; at++)
    await agent.call(patchOwnAppStatus, { body: { app_slug: 'web', state: 'working', message: `step ${at}` } })
  const statuses = (await show()).apps[0]?.statuses
  expect(statuses?.length).toBeLessThanOrEqual(101)
  expect(statuses?.[0]?.message).toBe('step 104')
})

test('numbers and names that do not fit the database are rejected', async () => {
  const counts = { connection_count: 0, connection_median_latency_ms: -1, rx_packets: 0, tx_packets: 0, tx_bytes: 0 }
  const sessions = {
    session_count_vscode: 0,
    session_count_jetbrains: 0,
    session_count_reconnecting_pty: 0,
    session_count_ssh: 0,
  }
  const report = (other: { rx_bytes: number; connections_by_proto: Record<string, number> }) =>
    agent.call(reportStats, { body: { ...counts, ...sessions, ...other } })
  await expect(report({ rx_bytes: 1e300, connections_by_proto: {} })).rejects.toMatchObject({ status: 400 })
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`p${at}`, 1]))
  await expect(report({ rx_bytes: 0, connections_by_proto: many })).rejects.toMatchObject({ status: 400 })
  const long = { ['x'.repeat(1_000)]: 1 }
  await expect(report({ rx_bytes: 0, connections_by_proto: long })).rejects.toMatchObject({ status: 400 })
})
