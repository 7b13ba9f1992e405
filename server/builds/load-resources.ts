// Loads the resources of any number of jobs with their children: one query per table, in parallel.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { WorkspaceResource } from '../../api/workspaces/builds.ts'
import { describeExit } from '../agents/process-liveness.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Relay } from '../relay/relay.ts'
import { toAgent } from './to-agent.ts'

export interface ResourceContext {
  readonly db: Db
  readonly connections: Relay
}

/** Whether the values of sensitive metadata are included: only for those who may open a terminal, where they can read them
 *  anyway. */
export type SensitiveValues = 'hidden' | 'included'

/** Resources by job ID; jobs without resources have no entry. */
export async function loadResources(
  { db, connections }: ResourceContext,
  jobIds: readonly string[],
  sensitiveValues: SensitiveValues = 'hidden',
): Promise<Map<string, WorkspaceResource[]>> {
  if (jobIds.length === 0) return new Map()
  const resources = db.selectFrom('workspace_resources').where('job_id', 'in', jobIds)
  const [resourceRows, metadataRows, agents] = await Promise.all([
    resources.selectAll().orderBy('job_id').orderBy('name').orderBy('type').orderBy('id').execute(),
    db
      .selectFrom('workspace_resource_metadata')
      .where('resource_id', 'in', resources.select('id'))
      .selectAll()
      .orderBy('id')
      .execute(),
    loadAgents(db, connections, (query) => query.where('resource_id', 'in', resources.select('id'))),
  ])
  const metadata = groupBy(metadataRows, ({ resource_id }) => resource_id)
  const agentsByResource = groupBy(agents, ({ resource_id }) => resource_id)
  return groupBy(
    resourceRows.map((row) =>
      toResource(row, agentsByResource.get(row.id) ?? [], metadata.get(row.id) ?? [], sensitiveValues),
    ),
    ({ job_id }) => job_id,
  )
}

/** Loads one agent; undefined if it does not exist. */
export async function loadAgent({ db, connections }: ResourceContext, id: string): Promise<WorkspaceAgent | undefined> {
  const [agent] = await loadAgents(db, connections, (query) => query.where('id', '=', id))
  return agent
}

const agentIds = (db: Db) => db.selectFrom('workspace_agents').select('workspace_agents.id')
type AgentQuery = ReturnType<typeof agentIds>

async function loadAgents(
  db: Db,
  connections: Relay,
  filter: (query: AgentQuery) => AgentQuery,
): Promise<WorkspaceAgent[]> {
  const ids = filter(agentIds(db))
  const [agentRows, appRows, statusRows, scriptRows, sourceRows] = await Promise.all([
    db
      .selectFrom('workspace_agents')
      .where('id', 'in', ids)
      .selectAll()
      .orderBy('display_order')
      .orderBy('name')
      .execute(),
    db
      .selectFrom('workspace_apps')
      .where('agent_id', 'in', ids)
      .selectAll()
      .orderBy('display_order')
      .orderBy('slug')
      .execute(),
    db
      .selectFrom('workspace_app_statuses')
      .where('agent_id', 'in', ids)
      .selectAll()
      .orderBy('created_at', 'desc')
      .execute(),
    db
      .selectFrom('workspace_agent_scripts')
      .where('workspace_agent_id', 'in', ids)
      .selectAll()
      .orderBy('display_name')
      .execute(),
    db
      .selectFrom('workspace_agent_log_sources')
      .where('workspace_agent_id', 'in', ids)
      .selectAll()
      .orderBy('created_at')
      .execute(),
  ])
  const apps = groupBy(appRows, ({ agent_id }) => agent_id)
  const statuses = groupBy(statusRows, ({ app_id }) => app_id)
  const scripts = groupBy(scriptRows, ({ workspace_agent_id }) => workspace_agent_id)
  const sources = groupBy(sourceRows, ({ workspace_agent_id }) => workspace_agent_id)
  const now = new Date()
  return agentRows.map((agent) =>
    toAgent(
      {
        agent,
        apps: (apps.get(agent.id) ?? []).map((app) => ({ app, statuses: statuses.get(app.id) ?? [] })),
        scripts: scripts.get(agent.id) ?? [],
        logSources: sources.get(agent.id) ?? [],
        exitReason: connections.isConnected(agent.id) ? undefined : describeExit(agent),
        latencyMs: connections.find(agent.id, 'terminals')?.latencyMs,
      },
      connections.isConnected(agent.id),
      now,
    ),
  )
}

function toResource(
  row: Row<'workspace_resources'>,
  agents: WorkspaceAgent[],
  metadata: readonly Row<'workspace_resource_metadata'>[],
  sensitiveValues: SensitiveValues,
): WorkspaceResource {
  const visible = metadata.filter(({ value }) => value !== null)
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    job_id: row.job_id,
    workspace_transition: row.transition,
    type: row.type,
    name: row.name,
    hide: row.hide,
    icon: row.icon,
    ...(agents.length > 0 && { agents }),
    ...(visible.length > 0 && {
      metadata: visible.map(({ key, value, sensitive }) => ({
        key,
        value: sensitive && sensitiveValues === 'hidden' ? '' : (value ?? ''),
        sensitive,
      })),
    }),
    daily_cost: row.daily_cost,
  }
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}
