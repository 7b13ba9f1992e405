// Registry of agent connections. The relay process holds the connections themselves; liveness.ts records
// connects and disconnects.

import type { ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { AgentIdentity, AgentRole, AgentTarget } from '../../api/agents/agent-protocol.ts'
import type { Db } from '../database/connect.ts'
import type { OutageLog } from '../database/outage-log.ts'
import type { Events } from '../events.ts'
import type { AgentReference, Connection } from '../relay/connected-agents.ts'
import type { ForwardedUpgrade } from '../relay/messages.ts'
import type { Query } from '../relay/open-stream.ts'
import { Relay, type RelayedSocket } from '../relay/relay.ts'
import { keepLiveness } from './liveness.ts'
import { markDead } from './process-liveness.ts'

export interface AgentConnections {
  /** All current connections. */
  all(): Connection[]
  /** Whether this coderd can reach the agent's terminals. */
  isConnected(agentId: string, role?: AgentRole): boolean
  /** Round-trip time to the terminal holder in milliseconds; undefined if unknown. */
  latencyMs(agentId: string): number | undefined
  /** Resolves when the agent's terminals are reachable: immediately, or after a restart of the relay.
   *  @throws AgentError if they are unreachable */
  reach(agentId: string): Promise<void>
  /** Opens a stream to the agent's `target`; waits like `reach`. With a body, the request consists of that body only.
   *  @throws AgentError if the agent is not connected or rejects the stream */
  dial(agentId: string, target: AgentTarget, query?: Query, body?: string): Promise<ClientHttp2Stream>
  /** @throws AgentError if the agent does not connect before the timeout */
  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void>
  /** Takes over the socket of a connecting agent. A connection of the same agent and role is replaced.
   *  @throws ApiError if rejected; the caller sends the response */
  admit(agent: AgentReference, identity: AgentIdentity, socket: Socket, arrival: ForwardedUpgrade): Promise<void>
  /** Takes over the socket of a terminal client; waits briefly for an agent that is reconnecting.
   *  @param query query of the agent's `/pty`. @throws ApiError like `admit` */
  admitTerminal(agentId: string, query: Query, socket: Socket, arrival: ForwardedUpgrade): Promise<RelayedSocket>
  /** Closes the agent's connections; a running agent reconnects. */
  drop(agentId: string, reason: string): void
  /** Closes all connections and waits until their state is stored. */
  close(): Promise<void>
}

export function openAgentConnections({
  db,
  events,
  log,
  outages,
}: {
  db: Db
  events: Events
  log: FastifyBaseLogger
  outages: OutageLog
}): AgentConnections {
  const liveness = keepLiveness({ db, events, outages, connected: () => relay.all() })
  const relay = new Relay(
    {
      connected(connection) {
        const { agent, identity } = connection
        log.info({ agentId: agent.agentId, role: identity.role, pid: identity.pid }, 'an agent connected')
        liveness.connected(connection)
      },
      disconnected(connection) {
        log.info({ agentId: connection.agent.agentId, role: connection.identity.role }, 'an agent disconnected')
        liveness.disconnected(connection)
      },
    },
    (happened) => log.warn(happened),
  )
  // Agents that ended while no coderd was running.
  markDead(db).then(
    (count) => count > 0 && log.info({ count }, 'agents whose processes are gone'),
    (error: unknown) => log.warn({ err: error }, 'agents that are gone could not be marked'),
  )
  return {
    all: () => relay.all(),
    isConnected: (agentId, role = 'terminals') => relay.find(agentId, role) !== undefined,
    latencyMs: (agentId) => relay.find(agentId, 'terminals')?.latencyMs,
    reach: (agentId) => relay.requireConnection(agentId, 'terminals'),
    dial: (...asked) => relay.dial(...asked),
    waitFor: (...asked) => relay.waitFor(...asked),
    admit: (...arrived) => relay.admitAgent(...arrived),
    admitTerminal: (...arrived) => relay.admitTerminal(...arrived),
    drop(agentId, reason) {
      log.info({ agentId, reason }, 'an agent is dropped')
      relay.drop(agentId)
    },
    async close() {
      await relay.close()
      await liveness.close()
    },
  }
}
