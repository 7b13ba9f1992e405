// Loads the agent manifest: the complete configuration of an agent. notify-agents.ts notifies agents of changes.

import type { ResponseOf } from '../../api/endpoint.ts'
import type { getManifest } from '../../api/local.ts'
import type { Db } from '../database/connect.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { loadMonitors } from './resource-monitors.ts'

export type Manifest = ResponseOf<typeof getManifest>

export async function loadManifest(db: Db, agent: AgentPrincipal, accessUrl: string): Promise<Manifest> {
  const [row, workspace, metadata, healthchecks, scripts, monitors] = await Promise.all([
    db
      .selectFrom('workspace_agents')
      .select(['directory', 'motd_file', 'environment_variables'])
      .where('id', '=', agent.agentId)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('workspaces')
      .innerJoin('users', 'users.id', 'workspaces.owner_id')
      .select([
        'workspaces.name',
        'users.username as owner',
        'workspaces.terminal_kept_lines as kept_lines',
        'workspaces.terminal_kept_days as kept_days',
      ])
      .where('workspaces.id', '=', agent.workspaceId)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('workspace_agent_metadata')
      .select(['key', 'script', 'interval_seconds', 'timeout_seconds'])
      .where('workspace_agent_id', '=', agent.agentId)
      .orderBy('display_order')
      .orderBy('key')
      .execute(),
    db
      .selectFrom('workspace_apps')
      .select([
        'id as app_id',
        'healthcheck_url as url',
        'healthcheck_interval_seconds as interval_seconds',
        'healthcheck_threshold as threshold',
      ])
      .where('agent_id', '=', agent.agentId)
      .where('healthcheck_url', '!=', '')
      .execute(),
    db
      .selectFrom('workspace_agent_scripts')
      .select([
        'id',
        'log_source_id',
        'display_name',
        'log_path',
        'script',
        'cron',
        'run_on_start',
        'run_on_stop',
        'start_blocks_login',
        'timeout_seconds',
      ])
      .where('workspace_agent_id', '=', agent.agentId)
      .orderBy('display_name')
      .execute(),
    loadMonitors(db, agent.agentId),
  ])
  return {
    agent_id: agent.agentId,
    agent_name: agent.name,
    workspace_id: agent.workspaceId,
    workspace_name: workspace.name,
    owner_name: workspace.owner,
    access_url: accessUrl,
    directory: row.directory,
    motd_file: row.motd_file,
    environment: row.environment_variables,
    metadata,
    healthchecks,
    terminals: { kept_lines: workspace.kept_lines, kept_days: workspace.kept_days },
    scripts,
    monitors,
  }
}
