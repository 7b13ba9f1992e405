// The relay: a process of coderd's own on which bytes travel between agents and people, so that nothing coderd is busy with
// delays a keystroke. It copies and decodes nothing, knows no database and decides nothing: coderd lets people and agents
// in and hands their sockets over. It ends with coderd, since nobody would say then who may stay.

import type { IncomingMessage } from 'node:http'
import http2, { type ClientHttp2Stream, type ServerHttp2Stream } from 'node:http2'
import { Socket } from 'node:net'
import { type AgentTarget, agentUpgradeProtocol, http2Options } from '../../api/agents/agent-protocol.ts'
import { explainFileOpenFailure } from '../../lib/resource-errors.ts'
import { AgentError } from './agent-error.ts'
import { AgentSessions } from './agent-sessions.ts'
import { awayStatus, type FromRelay, linkFd, type ToRelay } from './messages.ts'
import { isWhole } from './open-stream.ts'
import { serveTerminal } from './serve-terminal.ts'
import { abnormalCode, acceptWebSocket, closeAll, closeFirmly, openWebSockets } from './web-sockets.ts'

const refusedStatus = 400

const lostOnItsWay = 'It was lost on its way to the relay. Try again.'

const webSockets = openWebSockets()
const terminals = new Map<number, (code: number, reason: string) => void>()
/** Of the socket that came last: they come in the order of their ids. */
let lastReceived = 0
const sessions = new AgentSessions({
  connected: ({ agent, identity }) => tell({ type: 'connected', agent, identity }),
  disconnected: ({ agent, identity }) => tell({ type: 'disconnected', agentId: agent.agentId, role: identity.role }),
  measured: ({ agent, identity, latencyMs = 0 }) =>
    tell({ type: 'latency', agentId: agent.agentId, role: identity.role, latencyMs }),
})

process.on('disconnect', () => process.exit())
process.on('message', (message: ToRelay, socket?: Socket) => heed(message, socket))
serveLink()

function heed(message: ToRelay, socket: Socket | undefined): void {
  switch (message.type) {
    case 'agent':
      receive(message.id)
      if (socket) admitAgent(message, socket)
      break
    case 'terminal':
      receive(message.id)
      admitTerminal(message, socket)
      break
    case 'sent':
      if (message.id > lastReceived)
        tell({ type: 'lost', id: message.id, reason: explainFileOpenFailure() ?? lostOnItsWay })
      break
    case 'close-terminal':
      terminals.get(message.id)?.(message.code, message.reason)
      break
    case 'drop':
      sessions.drop(message.agentId)
      break
    case 'stop':
      void stop()
  }
}

function tell(message: FromRelay): void {
  // An error says that coderd has ended, which is heard as the end of the channel.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function receive(id: number): void {
  lastReceived = id
  tell({ type: 'received', id })
}

/** A socket that broke on its way is none. */
function admitAgent({ agent, identity, arrival }: Extract<ToRelay, { type: 'agent' }>, socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${agentUpgradeProtocol}\r\n\r\n`)
  sessions.admit(agent, identity, socket, arrival.head)
}

function admitTerminal(
  { id, agentId, query, arrival }: Extract<ToRelay, { type: 'terminal' }>,
  socket: Socket | undefined,
): void {
  const over = (code: number, reason: string) => {
    terminals.delete(id)
    tell({ type: 'terminal-closed', id, code, reason })
  }
  const broke = () => over(abnormalCode, '')
  if (!socket) {
    broke()
    return
  }
  socket.on('error', () => socket.destroy())
  socket.once('close', broke)
  terminals.set(id, () => socket.destroy())
  const request = { method: 'GET', headers: arrival.headers } as unknown as IncomingMessage
  acceptWebSocket(webSockets, request, socket, Buffer.from(arrival.head), (webSocket) => {
    socket.off('close', broke)
    webSocket.on('close', (code, reason) => over(code, reason.toString()))
    terminals.set(id, (code, reason) => closeFirmly(webSocket, code, reason))
    void serveTerminal(sessions, agentId, query, webSocket)
  })
}

/** Streams that coderd opens to agents: `/<agent><target>?<query>`. */
function serveLink(): void {
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
    // What is said goes on at once: an agent may answer only when it has heard all.
    const agent = await sessions.dial(agentId, target, query, stream)
    if (stream.destroyed) {
      agent.destroy()
      return
    }
    stream.respond({ ':status': 200 })
    joinStreams(stream, agent)
  } catch (error) {
    if (stream.destroyed) return
    const reason = error instanceof AgentError ? error.reason : 'refused'
    if (reason === 'lost') {
      stream.destroy(error as Error)
      return
    }
    stream.respond({ ':status': reason === 'away' ? awayStatus : refusedStatus })
    stream.end((error as Error).message)
  }
}

function joinStreams(stream: ServerHttp2Stream, agent: ClientHttp2Stream): void {
  agent.on('end', () => {
    if (isWhole(agent)) stream.end()
  })
  // Destroyed without an error, what was cut off would arrive as complete.
  agent.on('close', () => {
    if (!stream.writableEnded) stream.destroy(new Error('the agent did not say all'))
  })
  stream.on('close', () => agent.destroy())
  agent.pipe(stream, { end: false })
}

async function stop(): Promise<void> {
  closeAll(webSockets)
  await sessions.close()
  for (const webSocket of webSockets.clients) await new Promise((resolve) => webSocket.once('close', resolve))
  process.disconnect()
}
