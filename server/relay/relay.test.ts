// The relay client and process with sockets of an HTTP server, real agents and real shells.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type AgentIdentity,
  agentUpgradeProtocol,
  maxMessageBytes,
  pingEveryMs,
} from '../../api/agents/agent-protocol.ts'
import type { ApiError } from '../../api/errors.ts'
import { connectAgent, getManifest } from '../../api/local.ts'
import { requires } from '../../lib/testing/requirements.ts'
import { callAgent, queryAgent } from '../agents/agent-requests.ts'
import {
  emptyManifest,
  plainShell,
  type RunningAgent,
  startAgent,
  TestTerminal,
  testAgent,
  until,
} from '../agents/testing/terminal-harness.ts'
import { limitOpenFiles, sufficientOpenFiles } from '../testing/limit-open-files.ts'
import { webSocketHeaders } from '../testing/raw-request.ts'
import type { Connection } from './connected-agents.ts'
import { Relay, type RelayedSocket } from './relay.ts'

let events: string[]
let warnings: string[]
let relay: Relay
let server: Server
let url: string
let agents: RunningAgent[]
let terminals: TestTerminal[]
let relayed: RelayedSocket[]
/** Number of terminal clients that were passed to the relay. */
let arrived: number
/** Delay before a terminal client is admitted. */
let admissionMs: number

beforeEach(async () => {
  events = []
  warnings = []
  agents = []
  terminals = []
  relayed = []
  admissionMs = 0
  arrived = 0
  const nameOf = ({ agent, identity }: Connection) => `${agent.agentId}/${identity.role}`
  relay = new Relay(
    {
      connected: (connection) => events.push(`+${nameOf(connection)}`),
      disconnected: (connection) => events.push(`-${nameOf(connection)}`),
    },
    (message) => warnings.push(message),
  )
  server = createServer(({ url: path }, response) => {
    if (path === getManifest.path) response.end(JSON.stringify(emptyManifest))
    else response.writeHead(204).end()
  })
  server.on('upgrade', (request, socket, head) =>
    admit(request, socket as Socket, head).catch(
      ({ status, detail }: ApiError) =>
        socket.writable && socket.end(`HTTP/1.1 ${status} ${detail}\r\n\r\n`, () => socket.destroy()),
    ),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  vi.useRealTimers()
  for (const { socket } of terminals) socket.terminate()
  await Promise.all(agents.map((agent) => agent.stop()))
  await relay.close()
  server.close()
})

async function admit(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', url)
  const upgrade = { headers: request.headers as Record<string, string>, head }
  const query = Object.fromEntries(searchParams)
  if (pathname === connectAgent.path) {
    await relay.admitAgent(testAgent, query as unknown as AgentIdentity, socket, upgrade)
    return
  }
  if (admissionMs) await sleep(admissionMs)
  arrived++
  relayed.push(await relay.admitTerminal(testAgent.agentId, query, socket, upgrade))
}

async function start(): Promise<RunningAgent> {
  const agent = startAgent(url)
  agents.push(agent)
  await relay.waitFor(testAgent.agentId, 'terminals', 10_000)
  return agent
}

function attach(id: string): TestTerminal {
  const terminal = new TestTerminal(url, { id, command: plainShell })
  terminals.push(terminal)
  return terminal
}

async function attachShell(id: string): Promise<TestTerminal> {
  const terminal = attach(id)
  await terminal.untilText('$ ')
  return terminal
}

const relayPid = () => relay.pid as number

async function firstRelayed(): Promise<RelayedSocket> {
  await until(() => relayed.length > 0)
  return relayed[0] as RelayedSocket
}

test('no process runs before a socket is handed over', () => {
  expect(relay.pid).toBeUndefined()
  expect(relay.find(testAgent.agentId, 'terminals')).toBeUndefined()
})

test('connections are rejected while the process cannot be started', async () => {
  const { execPath } = process
  process.execPath = '/no/such/program'
  try {
    const [error] = (await once(attach('rejected').socket, 'error')) as [Error]
    expect(error.message).toContain('503')
    await until(() => warnings.length > 0)
    await once(attach('rejected too').socket, 'error')
    expect(warnings).toEqual([expect.stringMatching(/Could not start the relay: .*ENOENT/)])
    expect(relay.pid).toBeUndefined()
  } finally {
    process.execPath = execPath
  }
  await start()
  await attachShell('accepted')
})

test(
  'connections are rejected while the relay has no free file descriptors',
  requires('linux', 'prlimit'),
  async () => {
    await start()
    const held = await attachShell('held')
    limitOpenFiles(relayPid(), 1)
    const rejected = ['one', 'two'].map((id) => once(attach(id).socket, 'error') as Promise<[Error]>)
    for (const [error] of await Promise.all(rejected)) expect(error.message).toContain('503')
    expect(warnings).toEqual([expect.stringMatching(/could not accept a connection.*limit of open files.*EMFILE/)])
    held.type('echo $((40+2))\r')
    await held.untilText('42')
    expect((await dialAsAgent()).response.toString()).toContain('503')
    limitOpenFiles(relayPid(), sufficientOpenFiles)
    await attachShell('accepted')
  },
)

test('a terminal echoes input, and the agent answers requests', async () => {
  await start()
  const terminal = await attachShell('one')
  terminal.type('echo $((40+2))\r')
  await terminal.untilText('42')
  const stream = await relay.dial(testAgent.agentId, '/terminals')
  stream.end()
  const { terminals } = JSON.parse(Buffer.concat(await stream.toArray()).toString())
  expect(terminals).toMatchObject([{ id: 'one' }])
  await until(() => relay.find(testAgent.agentId, 'terminals')?.latencyMs !== undefined)
})

test('a request fails if the agent is not connected, or with the reason of its rejection', async () => {
  await expect(relay.dial(testAgent.agentId, '/terminals')).rejects.toMatchObject({ reason: 'not-connected' })
  const socket = await connectFakeAgent((stream) => {
    stream.respond({ ':status': 503 })
    stream.end('There is no room.')
  })
  const rejection = { reason: 'rejected', message: 'There is no room.' }
  await expect(relay.dial(testAgent.agentId, '/terminals')).rejects.toMatchObject(rejection)
  const terminal = attach('rejected')
  const [code, reason] = await once(terminal.socket, 'close')
  expect([code, String(reason)]).toEqual([4003, 'There is no room.'])
  socket.destroy()
})

test('an agent may respond after it has read the whole request', async () => {
  const socket = await connectFakeAgent(async (stream) => {
    const body = Buffer.concat(await stream.toArray()).toString()
    stream.respond({ ':status': 200 })
    stream.end(body.toUpperCase())
  })
  const stream = await relay.dial(testAgent.agentId, '/terminals', {}, 'all of it')
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('ALL OF IT')
  socket.destroy()
})

test('a client may connect before its agent', async () => {
  const terminal = attach('early')
  await once(terminal.socket, 'open')
  terminal.type('echo $((40+2))\r')
  await start()
  await terminal.untilText('42')
})

test('input that arrives before the handshake is not lost', async () => {
  await start()
  admissionMs = 100
  const socket = connectSocket(Number(new URL(url).port), '127.0.0.1')
  const request = upgradeRequest('/pty?id=hasty&protocol=1&command=cat&rows=24&cols=80')
  socket.write(Buffer.concat([Buffer.from(request), masked('{"data":"first "}')]))
  await sleep(admissionMs / 2)
  socket.write(masked('{"data":"second\\r"}'))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  // The output of cat; the echo of the terminal may arrive in two frames.
  await until(() => text.includes('first second'))
  socket.destroy()
})

test('large input that arrives before the handshake is not lost', async () => {
  admissionMs = 100
  const events: Buffer[] = []
  const socket = connectSocket(Number(new URL(url).port), '127.0.0.1')
  const line = Buffer.alloc(100, 'x').toString()
  // More than a socket reads ahead.
  const lines = Array.from({ length: 4_000 }, () => masked(line))
  socket.write(upgradeRequest('/pty?id=hasty&protocol=1'))
  socket.write(Buffer.concat(lines))
  await until(() => relayed.length > 0)
  const agent = await connectFakeAgent((stream) => {
    stream.respond({ ':status': 200 })
    stream.on('data', (chunk: Buffer) => events.push(chunk))
  })
  const lengthBytes = 4
  await until(() => Buffer.concat(events).length === lines.length * (lengthBytes + line.length))
  socket.destroy()
  agent.destroy()
})

const upgradeRequest = (path: string) => {
  const lines = Object.entries({ host: 'localhost', ...webSocketHeaders }).map(([name, value]) => `${name}: ${value}`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** A masked text frame. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.of(0x81, 0x80 | payload.length, 0, 0, 0, 0), payload])
}

describe('agents and terminals survive', () => {
  test('kill -9 of the relay', async () => {
    await start()
    const terminal = await attachShell('kept')
    terminal.type('answer=$((40+2)); echo said\r')
    await terminal.untilText('said\r\n')
    const relayedSocket = await firstRelayed()
    const closed = new Promise((resolve) => relayedSocket.once('close', (...reason) => resolve(reason)))
    const before = relayPid()
    process.kill(before, 'SIGKILL')
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.closeCode).toBe(1006)
    expect(await closed).toEqual([1006, ''])
    await until(() => events.includes(`-${testAgent.agentId}/terminals`))
    await relay.waitFor(testAgent.agentId, 'terminals', 10_000)
    expect(relayPid()).not.toBe(before)
    const again = await attachShell('kept')
    again.type('echo "<$answer>"\r')
    await again.untilText('<42>')
  })

  test('a relay that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await start()
    await attachShell('kept')
    const before = relayPid()
    process.kill(before, 'SIGSTOP')
    for (let ping = 0; ping < 5; ping++) vi.advanceTimersByTime(pingEveryMs)
    await until(() => events.includes(`-${testAgent.agentId}/terminals`))
    await relay.waitFor(testAgent.agentId, 'terminals', 10_000)
    expect(relayPid()).not.toBe(before)
  })
})

test('sockets in transit to a relay that exits are closed', async () => {
  await start()
  const before = relayPid()
  process.kill(before, 'SIGSTOP')
  const waiting = Array.from({ length: 5 }, (_, n) => attach(`waiting ${n}`))
  await until(() => arrived === waiting.length)
  process.kill(before, 'SIGKILL')
  for (const terminal of waiting) await terminal.until(() => terminal.closeCode !== undefined)
  expect(waiting.map(({ closeCode }) => closeCode)).toEqual(waiting.map(() => 1006))
  expect(relayed).toEqual([])
})

test('a client disconnected while it waits for its agent opens no stream when the agent connects', async () => {
  const opened: string[] = []
  const terminal = attach('shut')
  await once(terminal.socket, 'open')
  ;(await firstRelayed()).close(1008, 'signed out')
  await terminal.until(() => terminal.closeCode !== undefined)
  const socket = await connectFakeAgent((stream, headers) => {
    opened.push(String(headers[':path']).replace(/\?.*/, ''))
    stream.respond({ ':status': 200 })
    stream.end()
  })
  const stream = await relay.dial(testAgent.agentId, '/terminals')
  await stream.toArray()
  expect(opened).toEqual(['/terminals'])
  socket.destroy()
})

test('a client disconnected during the request to its agent leaves no open stream', async () => {
  const requested = Promise.withResolvers<ServerHttp2Stream>()
  const socket = await connectFakeAgent((stream) => requested.resolve(stream))
  const terminal = attach('shut')
  const stream = await requested.promise
  const ended = once(stream, 'close')
  ;(await firstRelayed()).close(1008, 'signed out')
  await terminal.until(() => terminal.closeCode !== undefined)
  stream.respond({ ':status': 200 })
  await ended
  socket.destroy()
})

test('a truncated response of an agent is an error', async () => {
  const socket = await connectFakeAgent((stream) => {
    stream.respond({ ':status': 200 })
    stream.write('the first half', () => socket.destroy())
  })
  const stream = await relay.dial(testAgent.agentId, '/terminals', {}, 'a complete request')
  await expect(stream.toArray()).rejects.toThrow()
})

describe('if the relay exits during a request to an agent', () => {
  const respond = (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 })
  const startResponse = (stream: ServerHttp2Stream) => {
    respond(stream)
    stream.write('{"termin')
  }
  const kill = () => process.kill(relayPid(), 'SIGKILL')

  async function connectDyingAgent(when: 'before the response' | 'during the response') {
    await connectFakeAgent(when === 'during the response' ? startResponse : kill)
    let killsOnDial = when === 'during the response'
    const dial: Relay['dial'] = async (...args) => {
      const stream = await relay.dial(...args)
      if (killsOnDial) kill()
      killsOnDial = false
      return stream
    }
    return { dial, waitFor: relay.waitFor.bind(relay) }
  }

  test.each(['before the response', 'during the response'] as const)(
    '%s, a read-only request is retried',
    async (when) => {
      const connections = await connectDyingAgent(when)
      const before = relayPid()
      const response = queryAgent(connections, testAgent.agentId, '/terminals')
      await until(() => relay.pid !== before)
      const socket = await connectFakeAgent((stream) => {
        respond(stream)
        stream.end('{"terminals":[]}')
      })
      expect(await response).toEqual({ terminals: [] })
      socket.destroy()
    },
  )

  test.each(['before the response', 'during the response'] as const)('%s, another request fails', async (when) => {
    const closed = callAgent(await connectDyingAgent(when), testAgent.agentId, '/terminals/close', { id: 'one' })
    await expect(closed).rejects.toMatchObject({ reason: 'lost' })
  })
})

test('requests wait for agents that lost their connection with the relay, and fail for others', async () => {
  await connectFakeAgent()
  process.kill(relayPid(), 'SIGKILL')
  await until(() => events.includes(`-${testAgent.agentId}/terminals`))
  const request = callAgent(relay, testAgent.agentId, '/terminals')
  const notConnected = { reason: 'not-connected' }
  await expect(callAgent(relay, 'another', '/terminals')).rejects.toMatchObject(notConnected)
  expect(await Promise.race([request, 'still waiting'])).toBe('still waiting')
  await relay.close()
  await expect(request).rejects.toMatchObject(notConnected)
  await expect(callAgent(relay, testAgent.agentId, '/terminals')).rejects.toMatchObject(notConnected)
})

test('a client is disconnected with 4002 if its agent is lost during output', async () => {
  const socket = await connectFakeAgent((stream) => {
    stream.respond({ ':status': 200 })
    stream.write(Buffer.of(0, 0, 0, 1, 0x61), () => socket.destroy())
  })
  const terminal = attach('lost')
  await terminal.until(() => terminal.closeCode !== undefined)
  expect(terminal.closeCode).toBe(4002)
})

test('a client blocked by backpressure is disconnected with 4002 if its agent is lost', async () => {
  const requested = Promise.withResolvers<void>()
  const socket = await connectFakeAgent((stream) => {
    stream.respond({ ':status': 200 })
    requested.resolve()
  })
  const terminal = attach('lost')
  await Promise.all([requested.promise, once(terminal.socket, 'open')])
  // More than the buffers on the way to the agent.
  await until(() => {
    for (let piece = 0; piece < 16; piece++) terminal.type(Buffer.alloc(64 * 1024))
    return terminal.socket.bufferedAmount > 4 * 1024 * 1024
  })
  let before = -1
  // Until no more data is sent.
  await until(async () => {
    const isStuck = before === terminal.socket.bufferedAmount
    before = terminal.socket.bufferedAmount
    await sleep(100)
    return isStuck
  })
  socket.destroy()
  await Promise.race([once(terminal.socket, 'close'), sleep(10_000)])
  expect(terminal.closeCode).toBe(4002)
})

describe('the relay survives', () => {
  test('an invalid WebSocket frame', async () => {
    await start()
    const other = await attachShell('other')
    const before = relayPid()
    const terminal = await attachShell('broken')
    const { _socket: socket } = terminal.socket as unknown as { _socket: Socket }
    socket.write(Buffer.alloc(64, 0xff))
    await terminal.until(() => terminal.closeCode !== undefined)
    other.type('echo $((40+2))\r')
    await other.untilText('42')
    expect(relayPid()).toBe(before)
  })

  test('a message above the size limit', async () => {
    const socket = await connectFakeAgent((stream) => {
      stream.respond({ ':status': 200 })
      const length = Buffer.alloc(4)
      length.writeUInt32BE(maxMessageBytes + 1)
      stream.write(length)
    })
    const terminal = attach('long')
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.closeCode).toBe(4002)
    expect(relay.find(testAgent.agentId, 'terminals')).toBeDefined()
    socket.destroy()
  })

  test('an agent that does not speak HTTP/2', async () => {
    const socket = await connectFakeAgent()
    const before = relayPid()
    socket.write(Buffer.alloc(4096, 0xff))
    await until(() => events.includes(`-${testAgent.agentId}/terminals`))
    await start()
    expect(relayPid()).toBe(before)
  })
})

/** Sends an agent's upgrade request. @returns the paused socket and the first bytes of the response */
async function dialAsAgent(): Promise<{ socket: Socket; response: Buffer }> {
  const socket = connectSocket(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET ${connectAgent.path}?role=terminals HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${agentUpgradeProtocol}\r\n\r\n`,
  )
  const [response] = (await once(socket, 'data')) as [Buffer]
  return { socket: socket.pause(), response }
}

/** @param serve handles each stream; without it the agent does not speak HTTP/2 */
async function connectFakeAgent(
  serve?: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => unknown,
): Promise<Socket> {
  const { socket, response } = await dialAsAgent()
  const end = response.indexOf('\r\n\r\n') + 4
  expect(response.subarray(0, 12).toString()).toBe('HTTP/1.1 101')
  if (serve) {
    socket.unshift(response.subarray(end))
    const agent = http2.createServer()
    // The relay may be killed.
    agent.on('stream', (stream) => stream.on('error', () => undefined))
    agent.on('stream', serve)
    agent.emit('connection', socket)
  }
  await relay.waitFor(testAgent.agentId, 'terminals', 10_000)
  return socket
}

test('a client is disconnected with the given code', async () => {
  await start()
  const terminal = await attachShell('shut')
  ;(await firstRelayed()).close(1008, 'signed out')
  await terminal.until(() => terminal.closeCode !== undefined)
  expect(terminal.closeCode).toBe(1008)
})

test('closed terminals leave no open resources in coderd', async () => {
  await start()
  await attachShell('first')
  const countResources = () => process.getActiveResourcesInfo().length
  const before = countResources()
  for (let count = 0; count < 20; count++) {
    const terminal = await attachShell('first')
    await terminal.close()
  }
  // The agent's requests hold a few resources for some seconds.
  await until(() => countResources() < before + 10)
})

test('a server closes after the relay that had its sockets has exited', async () => {
  await start()
  await attachShell('last')
  await relay.close()
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
})

test('close disconnects all clients and stops the process', async () => {
  await start()
  const terminal = await attachShell('last')
  const pid = relayPid()
  await relay.close()
  await terminal.until(() => terminal.closeCode !== undefined)
  expect(terminal.closeCode).toBe(1001)
  expect(() => process.kill(pid, 0)).toThrow()
  expect(events.at(-1)).toMatch(/^-/)
})
