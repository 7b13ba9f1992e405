// Agents with a complete coderd: connection, logs, terminals, and the status of exited agents.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { getListeningPorts, listContainers } from '../../api/agents/agent-measurements.ts'
import { getAgent, getAgentLogs, patchOwnLogs, type WorkspaceAgent } from '../../api/agents/agents.ts'
import { decodeAgentFrame, encodeFrame } from '../../api/agents/terminal-frames.ts'
import { listTerminals } from '../../api/agents/terminals.ts'
import { getManifest } from '../../api/local.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { sharedPostgresVariable } from '../testing/postgres.ts'
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
import { markExitedAgents } from './process-liveness.ts'
import { type RunningAgent, startAgent } from './testing/terminal-harness.ts'

const template = templateWithAgent({
  agentArguments: 'env = { FROM_TEMPLATE = "yes" }',
  blocks: `
resource "coder_script" "hello" {
  agent_id     = coder_agent.main.id
  display_name = "Hello"
  script       = "echo hello from the script; echo in $PWD"
  run_on_start = true
}`,
})

let server: TestServer
let templateId: string
const agents: RunningAgent[] = []

beforeAll(async () => {
  server = await startTestServer()
  templateId = (await createTemplate(server.client, 'bare', { 'main.tf': template })).id
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await server.close()
})

let count = 0
async function createAgent(): Promise<{ id: string; token: string; start: () => Promise<RunningAgent> }> {
  const workspace = await createWorkspace(server.client, templateId, `agent-${count++}`)
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const { id } = agentsOf(build)[0] as WorkspaceAgent
  const token = await server.agentToken(id)
  const start = async () => {
    const agent = startAgent(server.url, { token })
    agents.push(agent)
    await until('the agent to connect', async () => (await show(id)).status === 'connected')
    return agent
  }
  return { id, token, start }
}

/** PID of coderd's relay process. */
const relayPid = () =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server/relay/main.ts')) as number

const show = (id: string) => server.client.call(getAgent, { params: { workspaceagent: id } })

function openPty(agentId: string, query: string, token = server.token): WebSocket {
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agentId}/pty?${query}`
  const socket = new WebSocket(url, { headers: { 'coder-session-token': token }, perMessageDeflate: false })
  socket.on('error', () => undefined)
  return socket
}

const session = () => `reconnect=${crypto.randomUUID()}&height=24&width=80`

/** Status and body of a rejected upgrade. */
async function rejectionOf(socket: WebSocket): Promise<{ status: number; body: { message: string } }> {
  const [, response] = await once(socket, 'unexpected-response')
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(await response.toArray()).toString()) }
}

async function waitForText(
  socket: WebSocket,
  expected: string,
  decode = (message: Buffer) => message.toString(),
): Promise<void> {
  let text = ''
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (message: Buffer) => {
      text += decode(message)
      if (text.includes(expected)) resolve()
    })
    socket.on('close', (code) => reject(new Error(`closed with ${code} before ${expected}: ${text}`)))
  })
}

function decodeOutput(message: Buffer): string {
  const frame = decodeAgentFrame(message)
  return frame?.type === 'output' ? frame.bytes.toString() : ''
}

const inputFrame = (text: string) => encodeFrame({ type: 'input', bytes: Buffer.from(text) })

test('an agent connects and becomes ready, and the output of its script is logged and can be followed', async () => {
  const agent = await createAgent()
  expect(await show(agent.id)).toMatchObject({
    status: 'connecting',
    lifecycle_state: 'created',
    health: { healthy: true },
  })
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/logs?follow`
  const follower = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  const followed = waitForText(follower, 'in /tmp', (frame) =>
    JSON.parse(frame.toString())
      .map((line: { output: string }) => line.output)
      .join('\n'),
  )
  await agent.start()
  await until('the agent to be ready', async () => (await show(agent.id)).lifecycle_state === 'ready')
  await followed
  follower.close()
  // Coder's workspace page shows the latency.
  await until('the first ping', async () => (await show(agent.id)).latency !== undefined)
  const shown = await show(agent.id)
  expect(shown).toMatchObject({
    latency: { 'This deployment': { preferred: true, latency_ms: expect.any(Number) } },
    status: 'connected',
    version: 'v2.30.0',
    expanded_directory: '/tmp',
    health: { healthy: true },
  })
  expect(shown.ready_at).toBeDefined()
  const log = await server.client.call(getAgentLogs, { params: { workspaceagent: agent.id } })
  expect(log.map(({ output }) => output)).toEqual(['hello from the script', 'in /tmp'])
  expect(log[0]?.source_id).toBe(shown.log_sources[0]?.id)
})

test('streams about an agent are closed when a later build has completed', async () => {
  const { db } = server.context
  const agent = await createAgent()
  await agent.start()
  await until('the log of the script', async () => (await show(agent.id)).logs_length > 0)
  const open = (path: string) =>
    new WebSocket(`${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/${path}`, {
      headers: { 'coder-session-token': server.token },
    })
  const watching = open('containers/watch')
  await once(watching, 'message')
  const { workspace_id } = await db
    .selectFrom('workspace_builds as build')
    .innerJoin('workspace_resources as resource', 'resource.job_id', 'build.job_id')
    .innerJoin('workspace_agents as agent', 'agent.resource_id', 'resource.id')
    .where('agent.id', '=', agent.id)
    .select('build.workspace_id')
    .executeTakeFirstOrThrow()
  const closed = once(watching, 'close')
  await build(server.client, workspace_id, 'stop')
  expect((await closed)[0]).toBe(1000)
  const follower = open('logs?follow')
  const lines: { output: string }[] = []
  follower.on('message', (frame: Buffer) => lines.push(...JSON.parse(frame.toString())))
  expect((await once(follower, 'close'))[0]).toBe(1000)
  expect(lines.map(({ output }) => output)).toContain('hello from the script')
})

test.each(['logs', 'startup-logs'])('the %s of an agent can only be followed over a WebSocket', async (name) => {
  const agent = await createAgent()
  const request = (query: string) =>
    fetch(`${server.url}/api/v2/workspaceagents/${agent.id}/${name}${query}`, {
      headers: { 'coder-session-token': server.token },
    })
  expect((await request('')).status).toBe(200)
  for (const query of ['?follow', '?follow=true', '?follow=true&format=text'])
    expect((await request(query)).status).toBe(426)
})

test("a terminal supports Coder's protocol and protocol 2", async () => {
  const agent = await createAgent()
  await agent.start()
  const plain = openPty(
    agent.id,
    `${session()}&command=${encodeURIComponent('echo "$FROM_TEMPLATE and $((6*7))"; sleep 100')}`,
  )
  await waitForText(plain, 'yes and 42')
  const framed = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  const echoed = waitForText(framed, 'typed early', decodeOutput)
  await once(framed, 'open')
  framed.send(inputFrame('typed early\r'))
  await echoed
  const { terminals } = await server.client.call(listTerminals, { params: { workspaceagent: agent.id } })
  expect(terminals.map(({ command }) => command)).toEqual([expect.stringContaining('echo'), 'cat'])
  plain.close()
  framed.close()
  // The size of a page before its layout.
  const query = `reconnect=${crypto.randomUUID()}&height=0&width=0&backend_type=any&command=stty%20size`
  await waitForText(openPty(agent.id, query), '80 80')
})

test('a terminal request is rejected for a disconnected agent, another user and an invalid query', async () => {
  const agent = await createAgent()
  const disconnected = await rejectionOf(openPty(agent.id, session()))
  expect(disconnected.status).toBe(400)
  expect(disconnected.body.message).toBe('Agent state is "connecting", it must be in the "connected" state.')
  const watching = new WebSocket(
    `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/containers/watch`,
    {
      headers: { 'coder-session-token': server.token },
    },
  )
  expect(await rejectionOf(watching)).toEqual(disconnected)
  await expect(server.client.call(listContainers, { params: { workspaceagent: agent.id } })).rejects.toMatchObject({
    status: 400,
    message: disconnected.body.message,
  })
  const stranger = await server.createUser('stranger')
  expect((await rejectionOf(openPty(agent.id, session(), stranger.token))).status).toBe(404)
  expect((await rejectionOf(openPty(agent.id, 'reconnect=no-uuid'))).status).toBe(400)
  expect((await rejectionOf(openPty(agent.id, `${session()}&container=web`))).body.message).toContain('containers')
})

test('a terminal opened before its agent connects waits for it', async () => {
  const agent = await createAgent()
  const socket = openPty(agent.id, `${session()}&protocol=2&command=${encodeURIComponent('echo here now; sleep 100')}`)
  const shown = waitForText(socket, 'here now', decodeOutput)
  await once(socket, 'open')
  await agent.start()
  await shown
  socket.close()
})

test('requests to an agent after a crash of the relay wait until it reconnects', async () => {
  const agent = await createAgent()
  const running = await agent.start()
  const params = { workspaceagent: agent.id }
  const framed = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  framed.once('open', () => framed.send(inputFrame('there\r')))
  await waitForText(framed, 'there', decodeOutput)
  // Delays the reconnection until all requests are sent.
  running.process.kill('SIGSTOP')
  process.kill(relayPid(), 'SIGKILL')
  await until('the disconnection', () => !server.context.connections.isConnected(agent.id))
  const responses = Promise.all([
    server.client.call(listTerminals, { params }),
    server.client.call(getListeningPorts, { params }),
    server.client.call(listContainers, { params }),
    waitForText(openPty(agent.id, `${session()}&command=echo%20here`), 'here'),
  ])
  running.process.kill('SIGCONT')
  const [{ terminals }] = await responses
  expect(terminals).toContainEqual(expect.objectContaining({ command: 'cat' }))
})

test('the health of a killed agent states the cause, also if coderd was not running when it exited', async () => {
  const agent = await createAgent()
  const running = await agent.start()
  running.process.kill('SIGKILL')
  const exited = await until('the disconnected status', async () => {
    const shown = await show(agent.id)
    return shown.status === 'disconnected' && shown
  })
  expect(exited.health).toEqual({
    healthy: false,
    reason: expect.stringContaining(`The agent's process (pid ${running.process.pid}) has exited`),
  })
  const { db } = server.context
  // State after coderd and the agent were killed together.
  const agentRow = db.updateTable('workspace_agents').where('id', '=', agent.id)
  await agentRow.set({ disconnected_at: null, last_connected_at: new Date() }).execute()
  expect((await show(agent.id)).status).toBe('connected')
  expect(await markExitedAgents(db)).toBe(1)
  expect((await show(agent.id)).status).toBe('disconnected')
  await agentRow.set({ boot_id: 'another boot' }).execute()
  expect((await show(agent.id)).health.reason).toContain('This computer was restarted')
})

test('terminals work during a database outage, and the status of agents is stored after it', async () => {
  const agent = await createAgent()
  const running = await agent.start()
  const socket = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  await once(socket, 'open')
  const database = new URL(server.context.config.postgresUrl.replace(/^postgres(ql)?:/, 'http:')).pathname.slice(1)
  const admin = new pg.Client({ connectionString: process.env[sharedPostgresVariable] })
  await admin.connect()
  await admin.query(`alter database ${database} with allow_connections false`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
  const echoed = waitForText(socket, 'typed meanwhile', decodeOutput)
  socket.send(inputFrame('typed meanwhile\r'))
  await echoed
  running.process.kill('SIGKILL')
  await once(socket, 'close')
  await admin.query(`alter database ${database} with allow_connections true`)
  await admin.end()
  await until(
    'the disconnected status',
    async () => (await show(agent.id).catch(() => undefined))?.status === 'disconnected',
  )
})

test('the log of an agent is limited to 1 MiB', async () => {
  const agent = await createAgent()
  const client = server.clientWith(agent.token)
  const source = (await show(agent.id)).log_sources[0]?.id as string
  const line = { created_at: new Date().toISOString(), level: 'info' as const, output: 'x'.repeat(400 * 1024) }
  const send = () => client.call(patchOwnLogs, { body: { log_source_id: source, logs: [line] } })
  await send()
  await send()
  await expect(send()).rejects.toMatchObject({ status: 413 })
  expect(await show(agent.id)).toMatchObject({ logs_overflowed: true, logs_length: 800 * 1024 })
  await expect(
    client.call(patchOwnLogs, { body: { log_source_id: crypto.randomUUID(), logs: [line] } }),
  ).rejects.toMatchObject({ status: 400 })
})

test('agents of official releases and unknown tokens are rejected', async () => {
  const agent = await createAgent()
  const rpc = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/me/rpc?version=2.0`
  const rejected = await rejectionOf(
    new WebSocket(rpc, { headers: { 'coder-session-token': agent.token } }).on('error', () => undefined),
  )
  expect(rejected).toMatchObject({ status: 400, body: { message: 'This agent is not supported.' } })
  await expect(server.clientWith(crypto.randomUUID()).call(getManifest)).rejects.toMatchObject({ status: 401 })
})

test('a stopping coderd accepts no reconnection of an agent', async () => {
  const other = await startTestServer()
  const { id } = await createTemplate(other.client, 'bare', { 'main.tf': template })
  const workspace = await createWorkspace(other.client, id, 'here')
  const build = await expectSuccess(other.client, await waitForBuild(other.client, workspace.latest_build.id))
  const agentId = agentsOf(build)[0]?.id as string
  const agent = startAgent(other.url, { token: await other.agentToken(agentId) })
  await other.context.connections.waitFor(agentId, 'terminals', 10_000)
  await other.close()
  expect(other.context.connections.isConnected(agentId)).toBe(false)
  await agent.stop()
})
