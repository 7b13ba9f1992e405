// `coder port-forward` with real sockets on both sides, coderd, agent and relay.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { getWorkspace } from '../../../api/workspaces/workspaces.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const user = createCliUser()
let server: TestServer
let workspaceId: string
let agent: RunningAgent
let echo: Server
let udpEcho: UdpSocket
let echoPort: number
let udpEchoPort: number
const stops: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'ports', { 'main.tf': templateWithAgent() })
  const workspace = await createWorkspace(server.client, id, 'dev')
  workspaceId = workspace.id
  await startAgentOf(await waitForBuild(server.client, workspace.latest_build.id))
}, 60_000)
beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket))
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  echoPort = (echo.address() as AddressInfo).port
  udpEcho = createSocket('udp4', (payload, { port, address }) => udpEcho.send(payload, port, address))
  udpEcho.bind(0, '127.0.0.1')
  await once(udpEcho, 'listening')
  udpEchoPort = udpEcho.address().port
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  echo.close()
  udpEcho.close()
})
afterAll(async () => {
  await agent?.stop()
  await server?.close()
  user.remove()
})

async function startAgentOf(finished: WorkspaceBuild): Promise<void> {
  const [{ id } = { id: '' }] = agentsOf(await expectSuccess(server.client, finished))
  agent = startAgent(server.url, { token: await server.agentToken(id) })
  await waitForAgent(server.client, workspaceId)
}

/** Runs until the end of the test. Resolves when the ports are open. */
async function forward(...args: readonly string[]): Promise<{ readonly stderr: () => string }> {
  const [program, ...before] = ownCommand('port-forward', 'dev', ...args)
  const env = { PATH: process.env.PATH, HOME: user.home, CODER_CONFIG_DIR: server.dataDir }
  const child = spawn(program, before, { cwd: user.home, env })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  stops.push(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  })
  await until('the forwarded ports', () => {
    if (child.exitCode !== null) throw new Error(stderr)
    return stderr.includes('Ready.')
  })
  return { stderr: () => stderr }
}

/** @returns consecutive ports that were unused */
async function unusedPorts(count: number): Promise<number[]> {
  for (;;) {
    const servers = [createServer().listen(0, '127.0.0.1')]
    await once(servers[0] as Server, 'listening')
    const first = ((servers[0] as Server).address() as AddressInfo).port
    const ports = Array.from({ length: count }, (_, index) => first + index)
    for (const port of ports.slice(1)) servers.push(createServer().listen(port, '127.0.0.1'))
    const isFree = await Promise.all(
      servers.slice(1).map((one) =>
        once(one, 'listening').then(
          () => true,
          () => false,
        ),
      ),
    )
    for (const one of servers) one.close()
    if (isFree.every(Boolean)) return ports
  }
}

async function exchange(port: number, bytes: Buffer, host = '127.0.0.1'): Promise<Buffer> {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.end(bytes)
  return Buffer.concat(await (socket as Socket).toArray())
}

const failure = (port: number) =>
  exchange(port, Buffer.from('x')).then(
    () => '',
    ({ code }: { code: string }) => code,
  )

test('bytes and half-closes pass through TCP ports, also of ranges and of a chosen address', async () => {
  const [one = 0, two = 0, third = 0] = await unusedPorts(3)
  await forward(
    '--tcp',
    `${one}:${echoPort},127.0.0.1:${two}:${echoPort}`,
    '-p',
    `${third}-${third}:${echoPort}-${echoPort}`,
  )
  const bytes = randomBytes(3_000_000)
  const answers = await Promise.all([one, two, third].map((port) => exchange(port, bytes)))
  for (const answer of answers) expect(answer.equals(bytes)).toBe(true)
})

test('answers of a UDP port reach their sender', async () => {
  const [port = 0] = await unusedPorts(1)
  await forward('--udp', `${port}:${udpEchoPort}`)
  const clients = await Promise.all(
    ['first', 'second', 'x'.repeat(9_000)].map(async (text) => {
      const client = createSocket('udp4')
      const answered = once(client, 'message')
      client.send(text, port, '127.0.0.1')
      const [payload] = (await answered) as [Buffer]
      expect(payload.toString()).toBe(text)
      client.send(`${text.slice(0, 10)} again`, port, '127.0.0.1')
      expect(String((await once(client, 'message'))[0])).toBe(`${text.slice(0, 10)} again`)
      return client
    }),
  )
  for (const client of clients) client.close()
})

test('a port where nothing listens resets the connection and names the cause', async () => {
  const [local = 0, remote = 0] = await unusedPorts(2)
  const { stderr } = await forward('--tcp', `${local}:${remote}`)
  expect(await failure(local)).toBe('ECONNRESET')
  expect(stderr()).toContain('ECONNREFUSED')
})

test('invalid and occupied ports are rejected', async () => {
  const environment = { CODER_CONFIG_DIR: server.dataDir }
  const coder = (...args: string[]) => user.coder(['port-forward', 'dev', ...args], environment)
  expect((await coder()).stderr).toContain('No port to forward.')
  expect((await coder('--tcp', 'http')).stderr).toContain('"http" is not a port')
  const occupied = await coder('--tcp', `${echoPort}:1`)
  expect(occupied).toMatchObject({ status: 1, stderr: expect.stringContaining('EADDRINUSE') })
})

test('forwards continue after a restart of the workspace, and 40 connections find its new agent', async () => {
  const [port = 0] = await unusedPorts(1)
  await forward('--tcp', `${port}:${echoPort}`)
  const open = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'))
  await Promise.all(
    open.map(async (socket) => {
      socket.on('error', () => undefined)
      socket.write('x')
      await once(socket, 'data')
    }),
  )
  const closed = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  await agent.stop()
  await build(server.client, workspaceId, 'stop')
  await closed
  expect(await failure(port)).toBe('ECONNRESET')
  const { id } = await build(server.client, workspaceId, 'start')
  const waiting = exchange(port, Buffer.from('early'))
  await startAgentOf(await waitForBuild(server.client, id))
  expect((await waiting).toString()).toBe('early')
  const answers = await Promise.all(open.map((_, index) => exchange(port, Buffer.from(`again ${index}`))))
  expect(answers.map(String)).toEqual(open.map((_, index) => `again ${index}`))
  const workspace = await server.client.call(getWorkspace, { params: { workspace: workspaceId } })
  expect(Date.parse(workspace.last_used_at)).toBeGreaterThan(Date.parse(workspace.created_at))
})
