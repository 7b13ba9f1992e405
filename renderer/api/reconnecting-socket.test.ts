// Against a real WebSocket server.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import {
  createReconnectingSocket,
  type LostConnection,
  type ReconnectingSocket,
  type ReconnectingSocketOptions,
} from './reconnecting-socket.ts'

let server: WebSocketServer
let socket: ReconnectingSocket | undefined
const accepted: ServerSocket[] = []
const losses: LostConnection[] = []
const messages: string[] = []
const wakeListeners = new Set<() => void>()

beforeEach(async () => {
  for (const list of [accepted, losses, messages]) list.length = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (connection) => accepted.push(connection))
  await once(server, 'listening')
})
afterEach(async () => {
  socket?.close()
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
})

function open(options: Partial<ReconnectingSocketOptions<string>> = {}): ReconnectingSocket {
  const { port } = server.address() as AddressInfo
  socket = createReconnectingSocket<string>({
    url: () => `ws://127.0.0.1:${port}/`,
    onMessage: (data) => messages.push(data),
    onLost: (lost) => {
      losses.push(lost)
      server.emit('lost')
    },
    openSocket: (url) => new NodeSocket(url) as unknown as WebSocket,
    wake(listener) {
      wakeListeners.add(listener)
      return () => wakeListeners.delete(listener)
    },
    ...options,
  })
  socket.open()
  return socket
}

async function accept(): Promise<ServerSocket> {
  const [connection] = (await once(server, 'connection')) as [ServerSocket]
  return connection
}

test('a lost connection is replaced after a delay', async () => {
  const socket = open()
  const first = await accept()
  expect(socket.generation()).toBe(1)
  first.terminate()
  await accept()
  expect(socket.generation()).toBe(2)
  expect(losses).toHaveLength(1)
  expect(losses[0]?.retryAt).toBeGreaterThan(losses[0]?.since ?? 0)
})

test('waking up replaces a lost connection without waiting for the backoff', async () => {
  const socket = open()
  const first = await accept()
  first.close(1011, 'out of memory')
  await once(server, 'lost')
  expect(losses[0]).toMatchObject({ code: 1011, reason: 'out of memory', wasOpen: true })
  expect(socket.hasConnection()).toBe(false)
  for (const wake of wakeListeners) wake()
  expect(socket.hasConnection()).toBe(true)
  expect(socket.generation()).toBe(2)
  await accept()
  // The retry timer was canceled: waking up again changes nothing.
  for (const wake of wakeListeners) wake()
  expect(socket.generation()).toBe(2)
})

test('a dropped connection delivers no further messages', async () => {
  const socket = open({
    onMessage(data) {
      messages.push(data)
      socket.drop('no heartbeat')
    },
  })
  const first = await accept()
  first.send('first')
  first.send('second')
  const second = await accept()
  expect(losses[0]).toMatchObject({ reason: 'no heartbeat', wasOpen: true })
  expect(messages).toEqual(['first'])
  second.send('third')
  await once(server, 'lost')
  expect(messages).toEqual(['first', 'third'])
})

test('the time of the first loss is reported until the connection is confirmed', async () => {
  const socket = open()
  for (const _ of [1, 2]) {
    const connection = await accept()
    connection.terminate()
    await once(server, 'lost')
  }
  expect(losses[1]?.since).toBe(losses[0]?.since)
  socket.confirm()
  const connection = await accept()
  connection.terminate()
  await once(server, 'lost')
  expect(losses[2]?.since).toBeGreaterThan(losses[0]?.since ?? Number.POSITIVE_INFINITY)
})

test('a close code can stop reconnection', async () => {
  const socket = open({ reconnection: (code) => (code === 1000 ? 'stop' : 'backoff') })
  const connection = await accept()
  connection.close(1000)
  await once(server, 'lost')
  expect(losses[0]?.retryAt).toBeUndefined()
  expect(wakeListeners.size).toBe(0)
  socket.retry()
  expect(socket.generation()).toBe(1)
})

test('a closed socket releases its listeners and can be opened again', async () => {
  const socket = open()
  const first = await accept()
  socket.close()
  await once(first, 'close')
  expect(wakeListeners.size).toBe(0)
  expect(losses).toEqual([])
  expect(socket.send('late')).toBe(false)
  socket.retry()
  expect(socket.hasConnection()).toBe(false)
  socket.open()
  await accept()
  expect(socket.generation()).toBe(2)
})

test('a refused connection reports that it was never open', async () => {
  const refusing = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false })
  await once(refusing, 'listening')
  const { port } = refusing.address() as AddressInfo
  open({ url: () => `ws://127.0.0.1:${port}/` })
  await once(server, 'lost')
  expect(losses[0]?.wasOpen).toBe(false)
  socket?.close()
  await new Promise((resolve) => refusing.close(resolve))
})
