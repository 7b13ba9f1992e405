// Who is connected and how to reach them. The connections themselves are the relay's, a process of its own; what came and
// went is written down by liveness.ts.

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
  /** All connections of the moment. */
  all(): Connection[]
  /** Whether this coderd can reach the agent's terminals. */
  isConnected(agentId: string, role?: AgentRole): boolean
  /** How long the way to the agent's terminals and back takes, in milliseconds; undefined while that is not known here. */
  latencyMs(agentId: string): number | undefined
  /** Resolves when the agent's terminals can be reached: at once, or soon after the relay had to be started again.
   *  @throws AgentError when they cannot */
  reach(agentId: string): Promise<void>
  /** Opens a stream to what the agent offers under `target`; waits as `reach`. With a body, that is all that is said on it.
   *  @throws AgentError when it is not connected or refuses. */
  dial(agentId: string, target: AgentTarget, query?: Query, body?: string): Promise<ClientHttp2Stream>
  /** @throws AgentError when the agent has not come within the time. */
  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void>
  /** Takes the socket of an agent over that asked to be connected. A connection of the same agent and role is replaced.
   *  @throws ApiError when it is not taken, and to be answered by the caller */
  admit(agent: AgentReference, identity: AgentIdentity, socket: Socket, arrival: ForwardedUpgrade): Promise<void>
  /** Takes the socket of a client over that asked for a terminal; waits a while for an agent that is on its way.
   *  @param query of the agent's `/pty`. @throws ApiError as `admit` */
  admitTerminal(agentId: string, query: Query, socket: Socket, arrival: ForwardedUpgrade): Promise<RelayedSocket>
  /** Closes the agent's connections; it will dial again if it is still there. */
  drop(agentId: string, reason: string): void
  /** Closes all and waits until what is known of them is written down. */
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
  // What died while no coderd was there to see it.
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
