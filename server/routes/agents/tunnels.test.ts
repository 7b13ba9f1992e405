// Tunnels of clients: coderd authorizes, the relay process dials and copies; real agent, real TCP.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSessionKey, deleteKey } from '../../../api/account/api-keys.ts'
import { rawUpgradeProtocol } from '../../../api/agents/agent-protocol.ts'
import { requestUpgrade, type UpgradeRejectedError } from '../../../lib/node-upgrade.ts'
import { type RunningAgent, startAgent } from '../../agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

let server: TestServer
let agent: RunningAgent
let agentId: string
let echo: Server
let port: number
const sockets: Socket[] = []

beforeAll(async () => {
  server = await startTestServer()
  const template = await createTemplate(server.client, 'tunnels', { 'main.tf': templateWithAgent() })
  const workspace = await createWorkspace(server.client, template.id, 'dev')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agentId = agentsOf(build)[0]?.id as string
  agent = startAgent(server.url, { token: await server.agentToken(agentId) })
  await server.context.connections.waitFor(agentId, 'services', 30_000)
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket))
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  port = (echo.address() as AddressInfo).port
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  echo?.close()
  await agent?.stop()
  await server?.close()
})

async function openTunnel(query: Record<string, string>, token = server.token): Promise<Socket> {
  const url = new URL(`${server.url}/api/local/workspaceagents/${agentId}/tunnel?${new URLSearchParams(query)}`)
  const headers = { 'coder-session-token': token }
  const { socket, head } = await requestUpgrade(url, { protocol: rawUpgradeProtocol, headers, timeoutMs: 20_000 })
  if (head.length > 0) socket.unshift(head)
  socket.allowHalfOpen = true
  sockets.push(socket)
  return socket.on('error', () => undefined)
}

const rejection = (query: Record<string, string>, token?: string) =>
  openTunnel(query, token).then(
    () => expect.unreachable(),
    ({ status, body }: UpgradeRejectedError) => ({ status, ...(JSON.parse(body) as { code?: string }) }),
  )

test('bytes arrive unchanged in both directions at once, also when the reader is slow', async () => {
  const socket = await openTunnel({ kind: 'tcp', port: String(port) })
  const sent = randomBytes(24 * 1024 * 1024)
  const hash = createHash('sha256')
  socket.end(sent)
  let length = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk)
    length += chunk.length
    if (length % 7 === 0) await new Promise(setImmediate)
  }
  expect(length).toBe(sent.length)
  expect(hash.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
})

test('a tunnel for measurements echoes, counts or sends bytes', async () => {
  const echoing = await openTunnel({ kind: 'measure', mode: 'echo' })
  echoing.write('ping')
  expect(String((await once(echoing, 'data'))[0])).toBe('ping')
  const up = await openTunnel({ kind: 'measure', mode: 'up' })
  up.end(Buffer.alloc(3_000_000))
  expect(Buffer.concat(await up.toArray()).toString()).toBe('3000000')
  const down = await openTunnel({ kind: 'measure', mode: 'down' })
  let received = 0
  for await (const chunk of down as AsyncIterable<Buffer>) {
    received += chunk.length
    if (received > 10_000_000) break
  }
  expect(received).toBeGreaterThan(10_000_000)
  expect(await rejection({ kind: 'measure' })).toMatchObject({ status: 400 })
})

test('a failed dial is a response with its code', async () => {
  const unused = createServer()
  await once(unused.listen(0, '127.0.0.1'), 'listening')
  const refused = String((unused.address() as AddressInfo).port)
  await new Promise((resolve) => unused.close(resolve))
  expect(await rejection({ kind: 'tcp', port: refused })).toMatchObject({ status: 502, code: 'refused' })
  expect(await rejection({ kind: 'unix', path: '/no/such/socket' })).toMatchObject({ status: 502, code: 'refused' })
})

test('invalid targets and other users are rejected', async () => {
  expect(await rejection({ kind: 'tcp' })).toMatchObject({
    status: 400,
    message: 'Query parameters have invalid values.',
  })
  expect(await rejection({ kind: 'unix' })).toMatchObject({ status: 400 })
  expect(await rejection({ kind: 'tcp', port: String(port) }, 'no such token')).toMatchObject({ status: 401 })
  const { token } = await server.createUser('mallory')
  expect(await rejection({ kind: 'tcp', port: String(port) }, token)).toMatchObject({ status: 404 })
})

test('a socket without a valid ticket is rejected', async () => {
  const url = new URL(`${server.url}/api/local/agents/me/raw-socket?ticket=guessed`)
  const headers = { 'coder-session-token': await server.agentToken(agentId) }
  const answer = requestUpgrade(url, { protocol: rawUpgradeProtocol, headers, timeoutMs: 20_000 })
  await expect(answer).rejects.toMatchObject({ status: 403 })
})

test('a tunnel ends with the key that opened it, and is in the connection log', async () => {
  const { db } = server.context
  const { key } = await server.client.call(createSessionKey, { params: { user: 'me' } })
  const socket = await openTunnel({ kind: 'tcp', port: String(port) }, key)
  socket.write('ping')
  expect(String((await once(socket, 'data'))[0])).toBe('ping')
  const closed = once(socket, 'end')
  await server.client.call(deleteKey, { params: { user: 'me', keyid: key.split('-')[0] as string } })
  await closed
  await until('the end of the connection', async () => {
    const rows = await db.selectFrom('connection_logs').selectAll().where('type', '=', 'port_forwarding').execute()
    return rows.length > 0 && rows.every(({ disconnect_time }) => disconnect_time !== null)
  })
})

test('an SSH connection is in the connection log by its editor', async () => {
  const { db } = server.context
  await openTunnel({ kind: 'ssh' })
  await openTunnel({ kind: 'ssh', app: 'vscode' })
  await openTunnel({ kind: 'ssh', app: 'jetbrains' })
  expect(await rejection({ kind: 'ssh', app: 'emacs' })).toMatchObject({ status: 400 })
  await until('the connections', async () => {
    const rows = await db.selectFrom('connection_logs').select('type').where('type', '!=', 'port_forwarding').execute()
    return (
      rows
        .map(({ type }) => type)
        .toSorted()
        .join() === 'jetbrains,ssh,vscode'
    )
  })
})

test('a tunnel ends when its agent ends', async () => {
  const socket = await openTunnel({ kind: 'tcp', port: String(port) })
  socket.write('ping')
  await once(socket, 'data')
  const closed = once(socket, 'end')
  agent.process.kill('SIGKILL')
  await closed
  expect(await rejection({ kind: 'tcp', port: String(port) })).toMatchObject({ status: 400 })
})
