// Dialing into a workspace with a real agent, inside the test's process.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { targetUnsupported } from '../relay/agent-error.ts'
import type { AgentSessions } from '../relay/agent-sessions.ts'
import { RawSockets } from '../relay/raw-sockets.ts'
import {
  newStateDir,
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
  testAgent,
  until,
} from './testing/terminal-harness.ts'

const { agentId } = testAgent
let harness: TerminalHarness
let agent: RunningAgent
let upstream: Server
let port: number

beforeAll(async () => {
  harness = await startTerminalHarness()
  agent = startAgent(harness.url)
  // Answers after its client has ended its side.
  upstream = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    void socket.toArray().then(
      (chunks) => socket.end(Buffer.concat(chunks).toString().toUpperCase()),
      () => undefined,
    )
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  port = (upstream.address() as AddressInfo).port
  await harness.connections.waitFor(agentId, 'services', 20_000)
})
afterAll(async () => {
  await agent.stop()
  await harness.close()
  upstream.close()
})

const tcp = (port: number) => ({ kind: 'tcp', host: 'localhost', port }) as const

async function exchange(socket: Socket, text: string): Promise<string> {
  socket.end(text)
  return Buffer.concat(await socket.toArray()).toString()
}

test('a dialed socket is a byte stream with half-closes', async () => {
  const socket = await harness.rawSockets.dial(agentId, tcp(port))
  expect(await exchange(socket, 'all of it')).toBe('ALL OF IT')
})

test('later dials use sockets that are already connected, and more are requested', async () => {
  await harness.rawSockets.dial(agentId, tcp(port)).then((socket) => exchange(socket, ''))
  await until(() => harness.rawSockets.count(agentId).spares === 2)
  const dialed = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(() => harness.rawSockets.dial(agentId, tcp(port))))
  const answers = await Promise.all(dialed.map((socket, n) => exchange(socket, `call ${n}`)))
  expect(answers).toEqual(['CALL 0', 'CALL 1', 'CALL 2', 'CALL 3', 'CALL 4'])
  await until(() => harness.rawSockets.count(agentId).spares > 2)
})

test('a Unix socket is a target', async () => {
  const path = join(newStateDir(), 'socket')
  const server = createServer((socket) => socket.end('from the socket')).listen(path)
  await once(server, 'listening')
  const socket = await harness.rawSockets.dial(agentId, { kind: 'unix', path })
  expect(await exchange(socket, '')).toBe('from the socket')
  server.close()
})

test('a dial fails with the cause', async () => {
  const { rawSockets } = harness
  const unused = createServer().listen(0, '127.0.0.1')
  await once(unused, 'listening')
  const refused = (unused.address() as AddressInfo).port
  unused.close()
  await once(unused, 'close')
  await expect(rawSockets.dial(agentId, tcp(refused))).rejects.toMatchObject({ code: 'refused' })
  await expect(rawSockets.dial('unknown', tcp(port))).rejects.toMatchObject({ code: 'agent-disconnected' })
  const unknown = { kind: 'carrier-pigeon' } as unknown as { kind: 'ssh' }
  await expect(rawSockets.dial(agentId, unknown)).rejects.toMatchObject({ code: 'unsupported' })
  const host = { kind: 'tcp', host: 'no-such-host.invalid', port: 80 } as const
  await expect(rawSockets.dial(agentId, host)).rejects.toMatchObject({ code: 'unreachable' })
})

test('a dial ends with its signal and after its timeout', async () => {
  const sessions = { dial: () => new Promise<never>(() => undefined) }
  const rawSockets = new RawSockets(sessions)
  await expect(rawSockets.dial(agentId, tcp(port), { timeoutMs: 10 })).rejects.toMatchObject({ code: 'timeout' })
  const signal = AbortSignal.abort(new Error('changed my mind'))
  await expect(rawSockets.dial(agentId, tcp(port), { signal })).rejects.toThrow('changed my mind')
})

test('an agent of an older version does not support it', async () => {
  const sessions: Pick<AgentSessions, 'dial'> = { dial: () => Promise.reject(targetUnsupported()) }
  const dialed = new RawSockets(sessions).dial(agentId, tcp(port))
  await expect(dialed).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('Restart') })
})

test('unused sockets that break are replaced', async () => {
  const { rawSockets } = harness
  await rawSockets.dial(agentId, tcp(port)).then((socket) => exchange(socket, ''))
  await until(() => rawSockets.count(agentId).spares > 0)
  rawSockets.dropSpares(agentId)
  expect(rawSockets.count(agentId).spares).toBe(0)
  expect(await rawSockets.dial(agentId, tcp(port)).then((socket) => exchange(socket, 'again'))).toBe('AGAIN')
  await until(() => rawSockets.count(agentId).spares > 0)
})

test('dropping an agent closes its sockets', async () => {
  const socket = await harness.rawSockets.dial(agentId, tcp(port))
  const closed = once(socket, 'close')
  harness.rawSockets.drop(agentId)
  await closed
  expect(harness.rawSockets.count(agentId)).toEqual({ spares: 0, open: 0 })
})
