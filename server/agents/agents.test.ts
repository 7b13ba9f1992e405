// Agents against a whole coderd: from connecting to what is said of one that died.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { getListeningPorts, listContainers } from '../../api/agents/agent-measurements.ts'
import { toAgent, toTerminal } from '../../api/agents/agent-protocol.ts'
import { getAgent, getAgentLogs, patchOwnLogs, type WorkspaceAgent } from '../../api/agents/agents.ts'
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
import { markDead } from './process-liveness.ts'
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

/** Of the one process that coderd has for it. */
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

/** The status and body of an upgrade that is refused. */
async function refusalOf(socket: WebSocket): Promise<{ status: number; body: { message: string } }> {
  const [, answer] = await once(socket, 'unexpected-response')
  return { status: answer.statusCode, body: JSON.parse(Buffer.concat(await answer.toArray()).toString()) }
}

async function textUntil(
  socket: WebSocket,
  wanted: string,
  open = (message: Buffer) => message.toString(),
): Promise<void> {
  let text = ''
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (message: Buffer) => {
      text += open(message)
      if (text.includes(wanted)) resolve()
    })
    socket.on('close', (code) => reject(new Error(`closed with ${code} before ${wanted}: ${text}`)))
  })
}

const openFrame = (message: Buffer) => (message[0] === toTerminal.output ? message.subarray(1).toString() : '')

test('an agent goes from connecting to ready, and its script is in the log and can be followed', async () => {
  const agent = await createAgent()
  expect(await show(agent.id)).toMatchObject({
    status: 'connecting',
    lifecycle_state: 'created',
    health: { healthy: true },
  })
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/logs?follow`
  const follower = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  const followed = textUntil(follower, 'in /tmp', (frame) =>
    JSON.parse(frame.toString())
      .map((line: { output: string }) => line.output)
      .join('\n'),
  )
  await agent.start()
  await until('ready', async () => (await show(agent.id)).lifecycle_state === 'ready')
  await followed
  follower.close()
  // Coder's page of a workspace shows it beside the agent's name.
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

test('what is told of an agent ends when a later build has ended', async () => {
  const { db } = server.context
  const agent = await createAgent()
  await agent.start()
  await until('its script', async () => (await show(agent.id)).logs_length > 0)
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

test.each(['logs', 'startup-logs'])('the %s of an agent are followed by WebSockets only', async (name) => {
  const agent = await createAgent()
  const ask = (query: string) =>
    fetch(`${server.url}/api/v2/workspaceagents/${agent.id}/${name}${query}`, {
      headers: { 'coder-session-token': server.token },
    })
  expect((await ask('')).status).toBe(200)
  for (const query of ['?follow', '?follow=true', '?follow=true&format=text'])
    expect((await ask(query)).status).toBe(426)
})

test("a terminal speaks Coder's protocol and ours", async () => {
  const agent = await createAgent()
  await agent.start()
  const plain = openPty(
    agent.id,
    `${session()}&command=${encodeURIComponent('echo "$FROM_TEMPLATE and $((6*7))"; sleep 100')}`,
  )
  await textUntil(plain, 'yes and 42')
  const own = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  const echoed = textUntil(own, 'typed before it was open', openFrame)
  await once(own, 'open')
  own.send(Buffer.concat([Buffer.of(toAgent.input), Buffer.from('typed before it was open\r')]))
  await echoed
  const { terminals } = await server.client.call(listTerminals, { params: { workspaceagent: agent.id } })
  expect(terminals.map(({ command }) => command)).toEqual([expect.stringContaining('echo'), 'cat'])
  plain.close()
  own.close()
  // A page that has not been laid out yet.
  const query = `reconnect=${crypto.randomUUID()}&height=0&width=0&backend_type=any&command=stty%20size`
  await textUntil(openPty(agent.id, query), '80 80')
})

test('a terminal is refused plainly: nobody connected, a stranger, a query that makes no sense', async () => {
  const agent = await createAgent()
  const away = await refusalOf(openPty(agent.id, session()))
  expect(away.status).toBe(400)
  expect(away.body.message).toBe('Agent state is "connecting", it must be in the "connected" state.')
  const watching = new WebSocket(
    `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/containers/watch`,
    {
      headers: { 'coder-session-token': server.token },
    },
  )
  expect(await refusalOf(watching)).toEqual(away)
  await expect(server.client.call(listContainers, { params: { workspaceagent: agent.id } })).rejects.toMatchObject({
    status: 400,
    message: away.body.message,
  })
  const stranger = await server.createUser('stranger')
  expect((await refusalOf(openPty(agent.id, session(), stranger.token))).status).toBe(404)
  expect((await refusalOf(openPty(agent.id, 'reconnect=no-uuid'))).status).toBe(400)
  expect((await refusalOf(openPty(agent.id, `${session()}&container=web`))).body.message).toContain('containers')
})

test('a terminal opened before its agent has come waits for it', async () => {
  const agent = await createAgent()
  const socket = openPty(agent.id, `${session()}&protocol=2&command=${encodeURIComponent('echo here now; sleep 100')}`)
  const shown = textUntil(socket, 'here now', openFrame)
  await once(socket, 'open')
  await agent.start()
  await shown
  socket.close()
})

test('whoever asks an agent right after the relay was killed waits for its return', async () => {
  const agent = await createAgent()
  const running = await agent.start()
  const params = { workspaceagent: agent.id }
  const own = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  own.once('open', () => own.send(Buffer.concat([Buffer.of(toAgent.input), Buffer.from('there\r')])))
  await textUntil(own, 'there', openFrame)
  // It comes back only when all have asked.
  running.process.kill('SIGSTOP')
  process.kill(relayPid(), 'SIGKILL')
  await until('the loss to be noticed', () => !server.context.connections.isConnected(agent.id))
  const asked = Promise.all([
    server.client.call(listTerminals, { params }),
    server.client.call(getListeningPorts, { params }),
    server.client.call(listContainers, { params }),
    textUntil(openPty(agent.id, `${session()}&command=echo%20here`), 'here'),
  ])
  running.process.kill('SIGCONT')
  const [{ terminals }] = await asked
  expect(terminals).toContainEqual(expect.objectContaining({ command: 'cat' }))
})

test("what became of a killed agent is said, also by a coderd that wasn't there", async () => {
  const agent = await createAgent()
  const running = await agent.start()
  running.process.kill('SIGKILL')
  const gone = await until('the loss to show', async () => {
    const shown = await show(agent.id)
    return shown.status === 'disconnected' && shown
  })
  expect(gone.health).toEqual({
    healthy: false,
    reason: expect.stringContaining(`The agent's process (pid ${running.process.pid}) has exited`),
  })
  const { db } = server.context
  // As a coderd leaves it that was killed together with the agent, and then the whole computer.
  const asIfRunning = db.updateTable('workspace_agents').where('id', '=', agent.id)
  await asIfRunning.set({ disconnected_at: null, last_connected_at: new Date() }).execute()
  expect((await show(agent.id)).status).toBe('connected')
  expect(await markDead(db)).toBe(1)
  expect((await show(agent.id)).status).toBe('disconnected')
  await asIfRunning.set({ boot_id: 'another boot' }).execute()
  expect((await show(agent.id)).health.reason).toContain('This computer was restarted')
})

test('a database that is away costs nobody a terminal, and what happened meanwhile is written down after it', async () => {
  const agent = await createAgent()
  const running = await agent.start()
  const socket = openPty(agent.id, `${session()}&protocol=2&command=cat`)
  await once(socket, 'open')
  const database = new URL(server.context.config.postgresUrl.replace(/^postgres(ql)?:/, 'http:')).pathname.slice(1)
  const admin = new pg.Client({ connectionString: process.env[sharedPostgresVariable] })
  await admin.connect()
  await admin.query(`alter database ${database} with allow_connections false`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
  const echoed = textUntil(socket, 'typed meanwhile', openFrame)
  socket.send(Buffer.concat([Buffer.of(toAgent.input), Buffer.from('typed meanwhile\r')]))
  await echoed
  running.process.kill('SIGKILL')
  await once(socket, 'close')
  await admin.query(`alter database ${database} with allow_connections true`)
  await admin.end()
  await until('the loss to show', async () => (await show(agent.id).catch(() => undefined))?.status === 'disconnected')
})

test('the log of an agent takes a mebibyte and then says that it is full', async () => {
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

test('the agent of an official release is told which one it needs; a token that nobody has opens nothing', async () => {
  const agent = await createAgent()
  const rpc = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/me/rpc?version=2.0`
  const refused = await refusalOf(
    new WebSocket(rpc, { headers: { 'coder-session-token': agent.token } }).on('error', () => undefined),
  )
  expect(refused).toMatchObject({ status: 400, body: { message: 'This agent is not supported.' } })
  await expect(server.clientWith(crypto.randomUUID()).call(getManifest)).rejects.toMatchObject({ status: 401 })
})

test('coderd stops, and lets nobody in meanwhile, with an agent that dials again at once', async () => {
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
