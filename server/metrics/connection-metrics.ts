// Agents by connection status.

import { Gauge, type Registry } from 'prom-client'
import { deriveAgentStatus } from '../agents/agent-status.ts'
import type { AgentConnections } from '../agents/connections.ts'
import { loadRunningAgents } from '../agents/running-agents.ts'
import type { Db } from '../database/connect.ts'

export function createConnectionMetrics(
  register: Registry,
  { db, connections }: { readonly db: Db; readonly connections: AgentConnections },
): () => Promise<void> {
  const gauge = new Gauge({
    name: 'coderd_agents_connections',
    help: 'Agents of running workspaces, by their state.',
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
