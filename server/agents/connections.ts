// Who is connected and how to reach them: one HTTP/2 session per agent and role, with coderd as its client. Knows no
// HTTP requests and no SQL; routes/agent-me.ts admits the socket, liveness.ts writes down who came and went.

import http2, { type ClientHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import {
  type AgentIdentity,
  type AgentRole,
  type AgentTarget,
  agentTargets,
  http2Options,
  pingEveryMs,
  pingTimeoutMs,
} from '../../api/agent-protocol.ts'
import type { Db } from '../database/connect.ts'
import type { Events } from '../events.ts'
import type { AgentOfWorkspace, Connection, ConnectionObserver } from './connection.ts'
import { keepLiveness } from './liveness.ts'
import { markDead } from './what-died.ts'

/** The agent is not connected, or what it was asked for could not be had. The message is for the person. */
export class AgentError extends Error {
  readonly reason: 'away' | 'refused'

  constructor(reason: AgentError['reason'], message: string) {
    super(message)
    this.name = 'AgentError'
    this.reason = reason
  }
}

export interface AgentConnections {
  /** All connections of the moment. */
  all(): Connection[]
  /** Whether this coderd can reach the agent's terminals. */
  isConnected(agentId: string, role?: AgentRole): boolean
  /** How long the way to the agent's terminals and back takes, in milliseconds; undefined while that is not known here. */
  latencyMs(agentId: string): number | undefined
  /** Opens a stream to what the agent offers under `target`. With a body, that is all that is said on it.
   *  @throws AgentError when it is not connected or refuses. */
  dial(
    agentId: string,
    target: AgentTarget,
    query?: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<ClientHttp2Stream>
  /** @throws AgentError when the agent has not come within the time. */
  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void>
  /** Takes an upgraded socket over. A connection of the same agent and role is replaced. */
  admit(agent: AgentOfWorkspace, identity: AgentIdentity, socket: Duplex, head: Buffer): void
  /** Closes the agent's connections; it will dial again if it is still there. */
  drop(agentId: string, reason: string): void
  /** Closes all and waits until what is known of them is written down. */
  close(): Promise<void>
}

export function openAgentConnections({
  db,
  events,
  log,
}: {
  db: Db
  events: Events
  log: FastifyBaseLogger
}): AgentConnections {
  const connections = new ConnectionTable(log)
  connections.observer = keepLiveness({ db, events, log, connected: () => connections.all() })
  // What died while no coderd was there to see it.
  markDead(db).then(
    (count) => count > 0 && log.info({ count }, 'agents whose processes are gone'),
    (error: unknown) => log.warn({ err: error }, 'agents that are gone could not be marked'),
  )
  return connections
}

/** The table alone, for tests that need no database. */
export class ConnectionTable implements AgentConnections {
  observer: ConnectionObserver | undefined
  readonly #log: Pick<FastifyBaseLogger, 'info'>
  readonly #connections = new Map<string, Connection>()
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(log: Pick<FastifyBaseLogger, 'info'>) {
    this.#log = log
  }

  all(): Connection[] {
    return [...this.#connections.values()]
  }

  isConnected(agentId: string, role: AgentRole = 'terminals'): boolean {
    return this.#connections.has(keyOf(agentId, role))
  }

  latencyMs(agentId: string): number | undefined {
    return this.#connections.get(keyOf(agentId, 'terminals'))?.latencyMs
  }

  admit(agent: AgentOfWorkspace, identity: AgentIdentity, socket: Duplex, head: Buffer): void {
    const key = keyOf(agent.agentId, identity.role)
    if (head.length > 0) socket.unshift(head)
    const session = http2.connect('http://agent', {
      createConnection: () => socket,
      ...http2Options(identity.role),
    })
    // A socket's error is followed by its close, where it is dealt with.
    session.on('error', () => session.destroy())
    // The HTTP server that accepted the socket lets it stay half open; an agent that hung up is gone.
    socket.on('end', () => session.destroy())
    session.setLocalWindowSize(sessionWindowBytes)
    const connection: Connection = { agent, identity, session, latencyMs: undefined }
    keepAlive(connection)
    const replaced = this.#connections.get(key)
    this.#connections.set(key, connection)
    session.on('close', () => this.#forget(key, connection))
    replaced?.session.destroy()
    this.#log.info({ agentId: agent.agentId, role: identity.role, pid: identity.pid }, 'an agent connected')
    this.observer?.connected(connection)
    for (const wake of this.#waiting.get(key) ?? []) wake()
  }

  async dial(
    agentId: string,
    target: AgentTarget,
    query: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<ClientHttp2Stream> {
    const connection = this.#connections.get(keyOf(agentId, agentTargets[target]))
    if (!connection || connection.session.destroyed) throw notConnected()
    const stream = connection.session.request(
      { ':method': 'POST', ':path': `${target}?${new URLSearchParams(query)}` },
      { endStream: false },
    )
    if (body !== undefined) stream.end(body)
    const status = await new Promise<number>((resolve, reject) => {
      stream.once('response', (headers) => resolve(Number(headers[':status'])))
      stream.once('error', () => reject(notConnected()))
      stream.once('close', () => reject(notConnected()))
    })
    // From here on an error is the end of the stream, which its owner hears as its close.
    stream.on('error', () => stream.destroy())
    if (status === 200) return stream
    throw new AgentError('refused', await readReason(stream, status))
  }

  async waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    if (this.isConnected(agentId, role)) return
    const key = keyOf(agentId, role)
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting)
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(key)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      waiting.add(wake)
    })
    if (!this.isConnected(agentId, role)) throw notConnected()
  }

  drop(agentId: string, reason: string): void {
    for (const { agent, session } of this.all()) {
      if (agent.agentId !== agentId) continue
      this.#log.info({ agentId, reason }, 'an agent is dropped')
      session.destroy()
    }
  }

  async close(): Promise<void> {
    for (const wakes of this.#waiting.values()) for (const wake of wakes) wake()
    const closed = this.all().map(({ session }) => new Promise((resolve) => session.once('close', resolve)))
    for (const { session } of this.all()) session.destroy()
    await Promise.all(closed)
    await this.observer?.close()
  }

  #forget(key: string, connection: Connection): void {
    if (this.#connections.get(key) !== connection) return // replaced by a newer one
    this.#connections.delete(key)
    this.#log.info({ agentId: connection.agent.agentId, role: connection.identity.role }, 'an agent disconnected')
    this.observer?.disconnected(connection)
  }
}

const keyOf = (agentId: string, role: AgentRole) => `${agentId}/${role}`

const notConnected = () => new AgentError('away', 'The agent is not connected.')

// Above any number of streams' own windows: one stream that is not read must not stop the others.
const sessionWindowBytes = 64 * 1024 * 1024

/** What the agent says instead of serving, in a bounded length. */
async function readReason(stream: ClientHttp2Stream, status: number): Promise<string> {
  stream.end()
  let text = ''
  for await (const chunk of stream) text = (text + chunk).slice(0, 500)
  return text || `The agent answered with status ${status}.`
}

/** Pings, notes how long that takes, and ends the session when no answer comes. */
function keepAlive(connection: Connection): void {
  const { session } = connection
  // Counted in unanswered pings, not in time: while coderd itself was stopped nothing was asked.
  let unanswered = 0
  const ping = () => {
    // One that is being taken down is not closed at once.
    if (session.destroyed) return
    if (unanswered * pingEveryMs >= pingTimeoutMs) return session.destroy()
    unanswered++
    session.ping((error, latencyMs) => {
      if (error) return
      unanswered = 0
      connection.latencyMs = latencyMs
    })
  }
  session.once('connect', ping)
  const timer = setInterval(ping, pingEveryMs)
  session.on('close', () => clearInterval(timer))
}
