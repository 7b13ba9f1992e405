// Agents by connection status.

import { Gauge, type Registry } from 'prom-client'
import { deriveAgentStatus } from '../agents/agent-status.ts'
import { loadRunningAgents } from '../agents/running-agents.ts'
import type { Db } from '../database/connect.ts'
import type { Relay } from '../relay/relay.ts'

export function createConnectionMetrics(
  register: Registry,
  { db, connections }: { readonly db: Db; readonly connections: Relay },
): () => Promise<void> {
  const gauge = new Gauge({
    name: 'coderd_agents_connections',
    help: 'Number of agents of running workspaces by connection status and lifecycle state.',
    labelNames: ['agent_name', 'lifecycle_state', 'status', 'username', 'workspace_name'],
    registers: [register],
  })
  return async () => {
    const agents = await loadRunningAgents(db)
    gauge.reset()
    for (const agent of agents) {
      const status = deriveAgentStatus(agent, connections.isConnected(agent.id), new Date())
      gauge.inc({
        agent_name: agent.name,
        lifecycle_state: agent.lifecycle_state,
        status,
        username: agent.username,
        workspace_name: agent.workspace,
      })
    }
  }
}
