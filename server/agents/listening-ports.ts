// Lists the listening ports of a workspace that a user may want to open.

import type { ListeningPort } from '../../api/agents/agent-protocol.ts'
import type { Db } from '../database/connect.ts'
import type { Relay } from '../relay/relay.ts'
import { queryAgent } from './agent-requests.ts'

/** Ports of system services and of protocols that browsers do not support. */
const ignoredPorts: ReadonlySet<number> = new Set([
  9, 20, 21, 22, 23, 25, 53, 67, 68, 69, 79, 88, 110, 111, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 194, 389,
  445, 465, 500, 514, 515, 543, 548, 554, 587, 631, 636, 646, 873, 990, 993, 995, 1433, 1434, 1521, 1723, 2049, 3268,
  3269, 3306, 3389, 5432, 5900, 6379, 27017,
])

/** @throws AgentError if the agent is unreachable */
export async function readListeningPorts(db: Db, connections: Relay, agentId: string): Promise<ListeningPort[]> {
  const { ports } = await queryAgent<{ ports: ListeningPort[] }>(connections, agentId, '/listening-ports')
  const appPorts = await readAppPorts(db, agentId)
  return ports.filter(({ port }) => !ignoredPorts.has(port) && !appPorts.has(port))
}

/** Ports of apps are excluded, because the dashboard has buttons for apps. */
async function readAppPorts(db: Db, agentId: string): Promise<Set<number>> {
  const apps = await db
    .selectFrom('workspace_apps')
    .select('url')
    .where('agent_id', '=', agentId)
    .where('external', '=', false)
    .execute()
  return new Set(apps.flatMap(({ url }) => portOf(url) ?? []))
}

function portOf(url: string | null): number | undefined {
  if (!url || !URL.canParse(url)) return undefined
  const { port, protocol } = new URL(url)
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}
