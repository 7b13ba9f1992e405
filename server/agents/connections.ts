// Opens the relay client for agent connections. Logs and records when agents connect and disconnect.

import type { FastifyBaseLogger } from 'fastify'
import type { Db } from '../database/connect.ts'
import type { OutageLog } from '../database/outage-log.ts'
import type { Events } from '../events.ts'
import { Relay } from '../relay/relay.ts'
import { createLivenessRecorder } from './liveness-recorder.ts'
import { markExitedAgents } from './process-liveness.ts'

export interface AgentConnections {
  readonly relay: Relay
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
  const recorder = createLivenessRecorder({ db, events, outages, connected: () => relay.all() })
  const relay = new Relay(
    {
      connected(connection) {
        const { agent, identity } = connection
        log.info({ agentId: agent.agentId, role: identity.role, pid: identity.pid }, 'agent connected')
        recorder.connected(connection)
      },
      disconnected(connection) {
        log.info({ agentId: connection.agent.agentId, role: connection.identity.role }, 'agent disconnected')
        recorder.disconnected(connection)
      },
    },
    (message) => log.warn(message),
  )
  // Agents that exited while no coderd was running.
  markExitedAgents(db).then(
    (count) => count > 0 && log.info({ count }, 'marked agents as disconnected because their processes exited'),
    (error: unknown) => log.warn({ err: error }, 'could not mark exited agents as disconnected'),
  )
  return {
    relay,
    async close() {
      await relay.close()
      await recorder.close()
    },
  }
}
