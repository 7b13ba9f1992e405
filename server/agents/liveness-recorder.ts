// Records when agents connect, are alive and disconnect, for dashboards, other coderds and the next start.
// A database outage does not disconnect agents: pending changes are written when it is back.

import type { Db } from '../database/connect.ts'
import type { OutageLog } from '../database/outage-log.ts'
import type { RowChange } from '../database/schema.ts'
import type { Events } from '../events.ts'
import type { Connection, ConnectionObserver } from '../relay/connected-agents.ts'
import { identityRow } from './process-liveness.ts'

// Readers treat an agent as disconnected after 30 s (agent-status.ts), which allows for one missed update.
const updateIntervalMs = 12_000
const retryMs = 1_000

export interface LivenessRecorderOptions {
  readonly db: Db
  readonly events: Events
  readonly outages: OutageLog
  /** All current connections. */
  readonly connected: () => Connection[]
}

type Change = RowChange<'workspace_agents'> & { readonly workspaceId: string }

export interface LivenessRecorder extends ConnectionObserver {
  /** Stores pending changes. */
  close(): Promise<void>
}

export function createLivenessRecorder({ db, events, outages, connected }: LivenessRecorderOptions): LivenessRecorder {
  /** Pending changes by agent: only the newest state is written. */
  const pending = new Map<string, Change>()
  let writing: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined

  function record(agentId: string, change: Change): void {
    pending.set(agentId, { ...pending.get(agentId), ...change })
    void write()
  }

  function write(): Promise<void> {
    clearTimeout(retry)
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }

  async function writeAll(): Promise<void> {
    // One by one, because changes may be added during a write.
    for (let next = takeFirst(pending); next; next = takeFirst(pending)) {
      const [agentId, change] = next
      try {
        await writeOne(db, events, agentId, change)
        outages.succeeded('agent connection changes')
      } catch (error) {
        pending.set(agentId, { ...change, ...pending.get(agentId) })
        outages.failed('agent connection changes', error)
        retry = setTimeout(() => void write(), retryMs)
        return
      }
    }
  }

  async function updateLastConnected(): Promise<void> {
    const ids = connected()
      .filter(isTerminalHolder)
      .map(({ agent }) => agent.agentId)
    if (ids.length === 0) return
    const update = db.updateTable('workspace_agents').set({ last_connected_at: new Date() }).where('id', 'in', ids)
    await outages.watch('agent liveness', update.execute())
  }
  const updateTimer = setInterval(() => void updateLastConnected(), updateIntervalMs)

  return {
    connected(connection) {
      if (!isTerminalHolder(connection)) return
      const { agent, identity } = connection
      record(agent.agentId, {
        workspaceId: agent.workspaceId,
        ...identityRow(identity),
        last_connected_at: new Date(),
        disconnected_at: null,
      })
    },
    disconnected(connection) {
      if (!isTerminalHolder(connection)) return
      record(connection.agent.agentId, { workspaceId: connection.agent.workspaceId, disconnected_at: new Date() })
    },
    async close() {
      clearInterval(updateTimer)
      await write()
      clearTimeout(retry)
    },
  }
}

function takeFirst<K, V>(map: Map<K, V>): [K, V] | undefined {
  const [first] = map
  if (first) map.delete(first[0])
  return first
}

/** The terminal holder represents the agent because it outlives the services. */
const isTerminalHolder = ({ identity }: Connection) => identity.role === 'terminals'

async function writeOne(db: Db, events: Events, agentId: string, { workspaceId, ...change }: Change): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('workspace_agents')
      .set((eb) => ({
        ...change,
        updated_at: new Date(),
        ...(change.last_connected_at
          ? { first_connected_at: eb.fn.coalesce('first_connected_at', eb.val(new Date())) }
          : {}),
      }))
      .where('id', '=', agentId)
      .execute()
    await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'agent' })
  })
}
