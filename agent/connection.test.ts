import { once } from 'node:events'
import { createServer } from 'node:http'
import http2, { type ClientHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { agentUpgradeProtocol } from '../api/agents/agent-protocol.ts'
import { keepConnected } from './connection.ts'

/** A peer that accepts the connection of an agent and becomes its HTTP/2 client. */
async function listenForAgent(): Promise<{ url: string; connected: Promise<ClientHttp2Session> }> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const connected = once(server, 'upgrade').then(([, socket]) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${agentUpgradeProtocol}\r\n\r\n`)
    onTestFinished(() => void (socket as Socket).destroy())
    return http2.connect('http://agent', { createConnection: () => socket as Socket })
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connected }
}

test('the connection closes on abort although the peer leaves a stream open and sends pings', async () => {
  const { url, connected } = await listenForAgent()
  const abort = new AbortController()
  const connection = keepConnected({
    settings: { url, token: 'token', isLocal: true, dataDir: undefined },
    role: 'terminals',
    signal: abort.signal,
    onStream: (_path, _query, stream) => stream.respond({ ':status': 200 }),
    onConnected: () => undefined,
    onError: () => undefined,
  })
  const peer = await connected
  const pings = setInterval(() => !peer.destroyed && peer.ping(() => undefined), 1_000)
  onTestFinished(() => clearInterval(pings))
  const stream = peer.request({ ':path': '/pty', ':method': 'POST' })
  stream.on('error', () => undefined)
  await once(stream, 'response')
  abort.abort()
  await expect(connection).resolves.toBeUndefined()
})
