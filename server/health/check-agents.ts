// Health check: agents of running workspaces are connected.

import type { AgentsHealth } from '../../api/deployment/health.ts'
import { counted } from '../../lib/counted.ts'
import { loadRunningAgents } from '../agents/running-agents.ts'
import type { ServerContext } from '../context.ts'
import { noProblems, warning } from './section.ts'

type Report = Omit<AgentsHealth, 'dismissed'>

const maxListed = 10

export async function checkAgents({ db, connections }: ServerContext): Promise<Report> {
  const agents = await loadRunningAgents(db)
  // Agents that never connected may still be starting; their workspaces report the timeout.
  const missing = agents.filter(({ id, first_connected_at }) => first_connected_at && !connections.isConnected(id))
  const names = missing.slice(0, maxListed).map(({ username, workspace, name }) => `${username}/${workspace}.${name}`)
  const finding =
    missing.length === 0
      ? noProblems
      : warning(
          'EUNKNOWN',
          `${counted(missing.length, 'agent')} of running workspaces lost the connection. Start those workspaces again.`,
        )
  return {
    ...finding,
    healthy: true,
    connected: agents.filter(({ id }) => connections.isConnected(id)).length,
    missing: names,
  }
}
