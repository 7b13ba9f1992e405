// The relay's registry of connected agents: one HTTP/2 session per agent and role, with the relay as the client.

import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import {
  type AgentIdentity,
  type AgentRole,
  type AgentTarget,
  agentTargets,
  http2Options,
} from '../../api/agents/agent-protocol.ts'
import { agentNotConnected } from './agent-error.ts'
import { type AgentReference, ConnectedAgents, type Connection, type ConnectionObserver } from './connected-agents.ts'
import { monitorSession } from './monitor-session.ts'
import { type Body, openStream, type Query } from './open-stream.ts'

export interface SessionConnection extends Connection {
  readonly session: ClientHttp2Session
}

export interface SessionsObserver extends ConnectionObserver {
  /** Called after each answered ping. */
  latencyMeasured(connection: Connection): void
}

// Larger than the windows of all streams together: a stream that is not read must not block the others.
const sessionWindowBytes = 64 * 1024 * 1024

/** Time for the terminal holder, which is connected, to start the services, also after they crashed. */
const servicesStartMs = 5_000

export class AgentSessions {
  readonly #agents = new ConnectedAgents<SessionConnection>()
  readonly #observer: SessionsObserver | undefined

  constructor(observer?: SessionsObserver) {
    this.#observer = observer
  }

  all(): SessionConnection[] {
    return this.#agents.all()
  }

  /** Takes ownership of an upgraded socket. Replaces a connection of the same agent and role. */
  admit(agent: AgentReference, identity: AgentIdentity, socket: Duplex, head: Uint8Array): void {
    if (head.length > 0) socket.unshift(head)
    const session = http2.connect('http://agent', {
      createConnection: () => socket,
      ...http2Options(identity.role),
    })
    // `close` follows and is handled below.
    session.on('error', () => session.destroy())
    // The socket may allow half-open connections; an agent that ended its side is disconnected.
    socket.on('end', () => session.destroy())
    session.setLocalWindowSize(sessionWindowBytes)
    const connection: SessionConnection = { agent, identity, session, latencyMs: undefined }
    monitorSession(session, {
      onLatency: (latencyMs) => {
        connection.latencyMs = latencyMs
        this.#observer?.latencyMeasured(connection)
      },
      onTimeout: () => session.destroy(),
    })
    const replaced = this.#agents.add(connection)
    session.on('close', () => {
      if (this.#agents.remove(connection)) this.#observer?.disconnected(connection)
    })
    replaced?.session.destroy()
    this.#observer?.connected(connection)
  }

  /** Opens a stream to a service of the agent. `body` is sent and ends the request; without it the stream stays open.
   *  @throws AgentError if the agent is not connected or rejects the request. */
  async dial(agentId: string, target: AgentTarget, query: Query = {}, body?: Body): Promise<ClientHttp2Stream> {
    const role = agentTargets[target]
    if (role === 'services' && this.#agents.find(agentId, 'terminals'))
      await this.#agents.waitFor(agentId, role, servicesStartMs)
    const connection = this.#agents.find(agentId, role)
    if (!connection) throw agentNotConnected()
    return await openStream(connection.session, target, query, body)
  }

  /** @throws AgentError if the agent has not connected within the timeout. */
  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    return this.#agents.waitFor(agentId, role, timeoutMs)
  }

  /** Closes the agent's connections; a running agent reconnects. */
  drop(agentId: string): void {
    for (const { agent, session } of this.all()) if (agent.agentId === agentId) session.destroy()
  }

  async close(): Promise<void> {
    this.#agents.cancelWaits()
    const closed = this.all().map(({ session }) => new Promise((resolve) => session.once('close', resolve)))
    for (const { session } of this.all()) session.destroy()
    await Promise.all(closed)
  }
}
