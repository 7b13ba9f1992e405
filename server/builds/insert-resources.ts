// Inserts the resources of an import or build with their agents, apps, scripts and metadata: a few multi-row
// inserts in the caller's transaction.

import { randomUUID } from 'node:crypto'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { ExtractedAgent, ExtractedResource } from '../../terraform/extraction/extracted-types.ts'
import { encryptAgentToken, hashAgentToken } from '../agents/agent-token.ts'
import type { Tx } from '../database/connect.ts'
import type { Database, NewRow } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

type Rows = { [Table in ResourceTable]: NewRow<Table>[] }
// In foreign key order.
const resourceTables = [
  'workspace_resources',
  'workspace_resource_metadata',
  'workspace_agents',
  'workspace_agent_log_sources',
  'workspace_agent_scripts',
  'workspace_agent_metadata',
  'workspace_agent_resource_monitors',
  'workspace_apps',
] as const satisfies readonly (keyof Database)[]
type ResourceTable = (typeof resourceTables)[number]

/** Each build inserts new agent rows, even if Terraform keeps the resource. */
export async function insertResources(
  tx: Tx,
  encryption: Encryption,
  jobId: string,
  transition: WorkspaceTransition,
  resources: readonly ExtractedResource[],
): Promise<void> {
  const rows = toRows(encryption, jobId, transition, resources)
  await invalidateEarlierTokens(
    tx,
    rows.workspace_agents.flatMap(({ hashed_auth_token }) => hashed_auth_token ?? []),
  )
  for (const table of resourceTables) {
    const values = rows[table] as NewRow<'workspace_resources'>[]
    if (values.length > 0)
      await tx
        .insertInto(table as 'workspace_resources')
        .values(values)
        .execute()
  }
}

/** Invalidates these tokens in earlier agent rows: a running agent that keeps its token continues under its new ID. */
async function invalidateEarlierTokens(tx: Tx, hashedTokens: readonly Buffer[]): Promise<void> {
  if (hashedTokens.length === 0) return
  await tx
    .updateTable('workspace_agents')
    .set({ hashed_auth_token: null, auth_token: null, auth_token_key_id: null })
    .where('hashed_auth_token', 'in', hashedTokens)
    .execute()
}

function toRows(
  encryption: Encryption,
  jobId: string,
  transition: WorkspaceTransition,
  resources: readonly ExtractedResource[],
): Rows {
  const rows: Rows = {
    workspace_resources: [],
    workspace_resource_metadata: [],
    workspace_agents: [],
    workspace_agent_log_sources: [],
    workspace_agent_scripts: [],
    workspace_agent_metadata: [],
    workspace_agent_resource_monitors: [],
    workspace_apps: [],
  }
  for (const resource of resources) {
    const id = randomUUID()
    rows.workspace_resources.push({
      id,
      job_id: jobId,
      transition,
      type: resource.type,
      name: resource.name,
      address: resource.address,
      module_path: resource.modulePath,
      instance_type: resource.instanceType,
      hide: resource.hide,
      icon: resource.icon,
      daily_cost: resource.dailyCost,
    })
    for (const { key, value, sensitive, isNull } of resource.metadata) {
      rows.workspace_resource_metadata.push({ resource_id: id, key, value: isNull ? null : value, sensitive })
    }
    for (const agent of resource.agents) addAgent(rows, id, agent, toTokenColumns(encryption, resource, agent))
  }
  return rows
}

type TokenColumns = Required<Pick<NewRow<'workspace_agents'>, 'id' | 'hashed_auth_token'>>

/** Users read the token of an external agent, which they start themselves. Agents of imports have no token. */
function toTokenColumns(encryption: Encryption, { type }: ExtractedResource, { token }: ExtractedAgent): TokenColumns {
  const id = randomUUID()
  if (token === '') return { id, hashed_auth_token: null }
  const readable = type === 'coder_external_agent' ? encryptAgentToken(encryption, id, token) : {}
  return { id, hashed_auth_token: hashAgentToken(token), ...readable }
}

function addAgent(rows: Rows, resourceId: string, agent: ExtractedAgent, tokenColumns: TokenColumns): void {
  const { id } = tokenColumns
  rows.workspace_agents.push({
    ...tokenColumns,
    resource_id: resourceId,
    name: agent.name,
    auth_instance_id: agent.instanceId === '' ? null : agent.instanceId,
    operating_system: agent.operatingSystem,
    architecture: agent.architecture,
    environment_variables: JSON.stringify(agent.environment),
    directory: agent.directory,
    connection_timeout_seconds: agent.connectionTimeoutSeconds,
    troubleshooting_url: agent.troubleshootingUrl,
    motd_file: agent.motdFile,
    display_apps: [...agent.displayApps],
    api_key_scope: agent.apiKeyScope,
    display_order: agent.order,
  })
  for (const script of agent.scripts) {
    const sourceId = randomUUID()
    rows.workspace_agent_log_sources.push({
      id: sourceId,
      workspace_agent_id: id,
      display_name: script.displayName,
      icon: script.icon,
    })
    rows.workspace_agent_scripts.push({
      workspace_agent_id: id,
      log_source_id: sourceId,
      display_name: script.displayName,
      log_path: script.logPath,
      script: script.script,
      cron: script.cron,
      run_on_start: script.runOnStart,
      run_on_stop: script.runOnStop,
      start_blocks_login: script.startBlocksLogin,
      timeout_seconds: script.timeoutSeconds,
    })
  }
  for (const item of agent.metadata) {
    rows.workspace_agent_metadata.push({
      workspace_agent_id: id,
      key: item.key,
      display_name: item.displayName,
      script: item.script,
      interval_seconds: item.intervalSeconds,
      timeout_seconds: item.timeoutSeconds,
      display_order: item.order,
    })
  }
  for (const monitor of agent.monitors) {
    rows.workspace_agent_resource_monitors.push({
      workspace_agent_id: id,
      kind: monitor.kind,
      path: monitor.path,
      is_enabled: monitor.isEnabled,
      threshold_percent: monitor.thresholdPercent,
    })
  }
  for (const app of agent.apps) {
    rows.workspace_apps.push({
      agent_id: id,
      slug: app.slug,
      display_name: app.displayName,
      icon: app.icon,
      command: app.command === '' ? null : app.command,
      url: app.url === '' ? null : app.url,
      external: app.external,
      subdomain: app.subdomain,
      sharing_level: app.sharingLevel,
      healthcheck_url: app.healthcheck?.url ?? '',
      healthcheck_interval_seconds: app.healthcheck?.intervalSeconds ?? 0,
      healthcheck_threshold: app.healthcheck?.threshold ?? 0,
      health: app.healthcheck ? 'initializing' : 'disabled',
      display_group: app.group,
      display_order: app.order,
      hidden: app.hidden,
      open_in: app.openIn,
      tooltip: app.tooltip,
      is_task: app.isTask ?? false,
    })
  }
}
