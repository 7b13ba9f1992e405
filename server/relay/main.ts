// The relay: a child process of coderd that copies bytes between agents and clients, so that work in coderd never delays
// a keystroke. It does not decode, access the database or authorize: coderd authenticates clients and agents and hands
// their sockets over. It exits with coderd, because connections could not be revoked without it.

import type { IncomingMessage } from 'node:http'
import http2, { type ClientHttp2Stream, type ServerHttp2Stream } from 'node:http2'
import { Socket } from 'node:net'
import { type AgentTarget, agentUpgradeProtocol, http2Options } from '../../api/agents/agent-protocol.ts'
import { explainFileOpenFailure } from '../../lib/resource-errors.ts'
import { AgentError } from './agent-error.ts'
import { AgentSessions } from './agent-sessions.ts'
import { type FromRelay, linkFd, notConnectedStatus, type ToRelay } from './messages.ts'
import { hasEndedCleanly } from './open-stream.ts'
import { RawSockets } from './raw-sockets.ts'
import { serveTerminal } from './serve-terminal.ts'
import { rawSwitchingProtocols, serveTunnel } from './serve-tunnel.ts'
import {
  abnormalCode,
  acceptWebSocket,
  closeWebSockets,
  closeWithTimeout,
  createWebSocketServer,
} from './web-sockets.ts'

const rejectedStatus = 400

/** The close code of WebSockets for a regular end; a tunnel does not have codes of its own. */
const tunnelClosedCode = 1000

const lostInTransit = 'The connection was lost on its way to the relay. Try again.'

const webSockets = createWebSocketServer()
/** Functions that close the sockets of terminals and tunnels, by ID. */
const clients = new Map<number, (code: number, reason: string) => void>()
/** ID of the last received socket; IDs arrive in ascending order. */
let lastReceived = 0
const sessions = new AgentSessions({
  connected: ({ agent, identity }) => notify({ type: 'connected', agent, identity }),
  disconnected({ agent, identity }) {
    if (identity.role === 'services') rawSockets.dropSpares(agent.agentId)
    notify({ type: 'disconnected', agentId: agent.agentId, role: identity.role })
  },
  latencyMeasured: ({ agent, identity, latencyMs = 0 }) =>
    notify({ type: 'latency', agentId: agent.agentId, role: identity.role, latencyMs }),
})

const rawSockets: RawSockets = new RawSockets(sessions)

process.on('disconnect', () => process.exit())
process.on('message', (message: ToRelay, socket?: Socket) => handleMessage(message, socket))
serveControlSession()

function handleMessage(message: ToRelay, socket: Socket | undefined): void {
  switch (message.type) {
    case 'agent':
      confirmReceipt(message.id)
      if (socket) admitAgent(message, socket)
      break
    case 'terminal':
      confirmReceipt(message.id)
      admitTerminal(message, socket)
      break
    case 'raw-socket':
      confirmReceipt(message.id)
      if (socket) admitRawSocket(message, socket)
      break
    case 'tunnel':
      confirmReceipt(message.id)
      admitTunnel(message, socket)
      break
    case 'sent':
      if (message.id > lastReceived)
        notify({ type: 'lost', id: message.id, reason: explainFileOpenFailure() ?? lostInTransit })
      break
    case 'close-client':
      clients.get(message.id)?.(message.code, message.reason)
      break
    case 'drop':
      sessions.drop(message.agentId)
      rawSockets.drop(message.agentId)
      break
    case 'stop':
      void stop()
  }
}

function notify(message: FromRelay): void {
  // An error means that coderd has exited, which `disconnect` reports.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function confirmReceipt(id: number): void {
  lastReceived = id
  notify({ type: 'received', id })
}

function admitAgent({ agent, identity, upgrade }: Extract<ToRelay, { type: 'agent' }>, socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${agentUpgradeProtocol}\r\n\r\n`)
  sessions.admit(agent, identity, socket, upgrade.head)
}

function admitRawSocket({ ticket, upgrade }: Extract<ToRelay, { type: 'raw-socket' }>, socket: Socket): void {
  socket.on('error', () => socket.destroy())
  if (!rawSockets.isExpected(ticket)) {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', () => socket.destroy())
    return
  }
  if (upgrade.head.length > 0) socket.unshift(upgrade.head)
  socket.write(rawSwitchingProtocols)
  rawSockets.admit(ticket, socket)
}

function admitTunnel({ id, agentId, target, upgrade }: Extract<ToRelay, { type: 'tunnel' }>, socket?: Socket): void {
  if (!trackClient(id, socket)) return
  socket.once('close', () => reportClosed(id, tunnelClosedCode, ''))
  if (upgrade.head.length > 0) socket.unshift(upgrade.head)
  void serveTunnel(rawSockets, agentId, target, socket)
}

function admitTerminal(
  { id, agentId, query, upgrade }: Extract<ToRelay, { type: 'terminal' }>,
  socket: Socket | undefined,
): void {
  if (!trackClient(id, socket)) return
  const reportBroken = () => reportClosed(id, abnormalCode, '')
  socket.once('close', reportBroken)
  const request = { method: 'GET', headers: upgrade.headers } as unknown as IncomingMessage
  acceptWebSocket(webSockets, request, socket, Buffer.from(upgrade.head), (webSocket) => {
    socket.off('close', reportBroken)
    webSocket.on('close', (code, reason) => reportClosed(id, code, reason.toString()))
    clients.set(id, (code, reason) => closeWithTimeout(webSocket, code, reason))
    void serveTerminal(sessions, agentId, query, webSocket)
  })
}

/** @returns false if there is no socket: Node.js passes none if it was closed in transit */
function trackClient(id: number, socket: Socket | undefined): socket is Socket {
  if (!socket) {
    reportClosed(id, abnormalCode, '')
    return false
  }
  socket.on('error', () => socket.destroy())
  clients.set(id, () => socket.destroy())
  return true
}

function reportClosed(id: number, code: number, reason: string): void {
  clients.delete(id)
  notify({ type: 'client-closed', id, code, reason })
}

/** Accepts streams from coderd to agents, with the path `/<agent><target>?<query>`. */
function serveControlSession(): void {
  const link = new Socket({ fd: linkFd, readable: true, writable: true })
  const server = http2.createServer(http2Options('services'))
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const { pathname, searchParams } = new URL(headers[':path'] ?? '/', 'http://relay')
    const [agentId = '', ...target] = pathname.slice(1).split('/')
    void forward(stream, agentId, `/${target.join('/')}` as AgentTarget, Object.fromEntries(searchParams))
  })
  server.on('sessionError', () => link.destroy())
  link.on('error', () => link.destroy())
  link.on('close', () => process.exit())
  server.emit('connection', link)
}

async function forward(
  stream: ServerHttp2Stream,
  agentId: string,
  target: AgentTarget,
  query: Record<string, string>,
): Promise<void> {
  stream.on('error', () => stream.destroy())
  try {
    // Forwards the body before the response: an agent may respond only after the whole request.
    const agent = await sessions.dial(agentId, target, query, stream)
    if (stream.destroyed) {
      agent.destroy()
      return
    }
    stream.respond({ ':status': 200 })
    joinStreams(stream, agent)
  } catch (error) {
    if (stream.destroyed) return
    const reason = error instanceof AgentError ? error.reason : 'rejected'
    if (reason === 'lost') {
      stream.destroy(error as Error)
      return
    }
    stream.respond({ ':status': reason === 'not-connected' ? notConnectedStatus : rejectedStatus })
    stream.end((error as Error).message)
  }
}

function joinStreams(stream: ServerHttp2Stream, agent: ClientHttp2Stream): void {
  agent.on('end', () => {
    if (hasEndedCleanly(agent)) stream.end()
  })
  // Without an error, a truncated response would look complete.
  agent.on('close', () => {
    if (!stream.writableEnded) stream.destroy(new Error('the response of the agent is incomplete'))
  })
  stream.on('close', () => agent.destroy())
  agent.pipe(stream, { end: false })
}

async function stop(): Promise<void> {
  closeWebSockets(webSockets)
  rawSockets.close()
  await sessions.close()
  for (const webSocket of webSockets.clients) await new Promise((resolve) => webSocket.once('close', resolve))
  process.disconnect()
}
