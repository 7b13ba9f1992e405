// The relay's own table of agents: one HTTP/2 session per agent and role, with the relay as its client.

import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import {
  type AgentIdentity,
  type AgentRole,
  type AgentTarget,
  agentTargets,
  http2Options,
} from '../../api/agents/agent-protocol.ts'
import { agentIsAway } from './agent-error.ts'
import { type AgentOfWorkspace, ConnectedAgents, type Connection, type ConnectionObserver } from './connected-agents.ts'
import { keepSession } from './keep-session.ts'
import { type Body, openStream, type Query } from './open-stream.ts'

export interface SessionConnection extends Connection {
  readonly session: ClientHttp2Session
}

export interface SessionsObserver extends ConnectionObserver {
  /** A ping was answered. */
  measured(connection: Connection): void
}

// Above any number of streams' own windows: one stream that is not read must not stop the others.
const sessionWindowBytes = 64 * 1024 * 1024

export class AgentSessions {
  readonly #agents = new ConnectedAgents<SessionConnection>()
  readonly #observer: SessionsObserver | undefined

  constructor(observer?: SessionsObserver) {
    this.#observer = observer
  }

  all(): SessionConnection[] {
    return this.#agents.all()
  }

  /** Takes an upgraded socket over. A connection of the same agent and role is replaced. */
  admit(agent: AgentOfWorkspace, identity: AgentIdentity, socket: Duplex, head: Uint8Array): void {
    if (head.length > 0) socket.unshift(head)
    const session = http2.connect('http://agent', {
      createConnection: () => socket,
      ...http2Options(identity.role),
    })
    // A socket's error is followed by its close, where it is dealt with.
    session.on('error', () => session.destroy())
    // Whoever accepted the socket may let it stay half open; an agent that hung up is gone.
    socket.on('end', () => session.destroy())
    session.setLocalWindowSize(sessionWindowBytes)
    const connection: SessionConnection = { agent, identity, session, latencyMs: undefined }
    keepSession(session, {
      onLatency: (latencyMs) => {
        connection.latencyMs = latencyMs
        this.#observer?.measured(connection)
      },
      onSilence: () => session.destroy(),
    })
    const replaced = this.#agents.add(connection)
    session.on('close', () => {
      if (this.#agents.remove(connection)) this.#observer?.disconnected(connection)
    })
    replaced?.session.destroy()
    this.#observer?.connected(connection)
  }

  /** Opens a stream to what the agent offers under `target`. With a body, that is all that is said on it.
   *  @throws AgentError when it is not connected or refuses. */
  async dial(agentId: string, target: AgentTarget, query: Query = {}, body?: Body): Promise<ClientHttp2Stream> {
    const connection = this.#agents.find(agentId, agentTargets[target])
    if (!connection) throw agentIsAway()
    return await openStream(connection.session, target, query, body)
  }

  /** @throws AgentError when the agent has not come within the time. */
  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    return this.#agents.waitFor(agentId, role, timeoutMs)
  }

  /** Closes the agent's connections; it will dial again if it is still there. */
  drop(agentId: string): void {
    for (const { agent, session } of this.all()) if (agent.agentId === agentId) session.destroy()
  }

  async close(): Promise<void> {
    this.#agents.stopWaiting()
    const closed = this.all().map(({ session }) => new Promise((resolve) => session.once('close', resolve)))
    for (const { session } of this.all()) session.destroy()
    await Promise.all(closed)
  }
}
