// Converts agent rows with apps, scripts and log sources to the API form. Pure: load-resources.ts reads the rows.

import type { WorkspaceAgent, WorkspaceApp } from '../../api/agents/agents.ts'
import { coderVersion, version } from '../../lib/version.ts'
import { deriveAgentHealth, deriveAgentStatus } from '../agents/agent-status.ts'
import { toAppStatus } from '../agents/app-status.ts'
import { primaryRegionName } from '../agents/primary-region.ts'
import type { Row } from '../database/schema.ts'

export interface AppRows {
  readonly app: Row<'workspace_apps'>
  readonly statuses: readonly Row<'workspace_app_statuses'>[]
}

export interface AgentRows {
  readonly agent: Row<'workspace_agents'>
  /** Apps with their statuses, newest first. */
  readonly apps: readonly AppRows[]
  readonly scripts: readonly Row<'workspace_agent_scripts'>[]
  readonly logSources: readonly Row<'workspace_agent_log_sources'>[]
  /** Why the process of a disconnected agent exited, if known. */
  readonly exitReason?: string | undefined
  /** Round-trip time to the agent in milliseconds, if known. */
  readonly latencyMs?: number | undefined
}

const nanosecondsPerSecond = 1_000_000_000

/** @param isConnectedHere whether this coderd holds the connection of the agent */
export function toAgent(
  { agent, apps, scripts, logSources, exitReason, latencyMs }: AgentRows,
  isConnectedHere: boolean,
  now: Date,
): WorkspaceAgent {
  const status = deriveAgentStatus(agent, isConnectedHere, now)
  return {
    id: agent.id,
    parent_id: agent.parent_id,
    created_at: agent.created_at.toISOString(),
    updated_at: agent.updated_at.toISOString(),
    ...(agent.first_connected_at && { first_connected_at: agent.first_connected_at.toISOString() }),
    ...(agent.last_connected_at && { last_connected_at: agent.last_connected_at.toISOString() }),
    ...(agent.disconnected_at && { disconnected_at: agent.disconnected_at.toISOString() }),
    ...(agent.started_at && { started_at: agent.started_at.toISOString() }),
    ...(agent.ready_at && { ready_at: agent.ready_at.toISOString() }),
    status,
    lifecycle_state: agent.lifecycle_state,
    name: agent.name,
    resource_id: agent.resource_id,
    ...(agent.auth_instance_id && { instance_id: agent.auth_instance_id }),
    architecture: agent.architecture,
    environment_variables: Object.keys(agent.environment_variables).length > 0 ? agent.environment_variables : null,
    operating_system: agent.operating_system,
    logs_length: agent.logs_length,
    logs_overflowed: agent.logs_overflowed,
    ...(agent.directory && { directory: agent.directory }),
    ...(agent.expanded_directory && { expanded_directory: agent.expanded_directory }),
    // Coder's dashboard compares it with the deployment's version, which is Coder's: a current agent is not outdated.
    version: agent.version === version ? coderVersion : agent.version,
    api_version: agent.api_version,
    apps: apps.map(toApp),
    ...(latencyMs !== undefined && { latency: { [primaryRegionName]: { preferred: true, latency_ms: latencyMs } } }),
    connection_timeout_seconds: agent.connection_timeout_seconds,
    troubleshooting_url: agent.troubleshooting_url,
    subsystems: agent.subsystems as WorkspaceAgent['subsystems'],
    health: deriveAgentHealth(status, agent.lifecycle_state, exitReason),
    display_apps: agent.display_apps as WorkspaceAgent['display_apps'],
    log_sources: logSources.map((source) => ({
      workspace_agent_id: source.workspace_agent_id,
      id: source.id,
      created_at: source.created_at.toISOString(),
      display_name: source.display_name,
      icon: source.icon,
    })),
    scripts: scripts.map((script) => ({
      id: script.id,
      log_source_id: script.log_source_id,
      log_path: script.log_path,
      script: script.script,
      cron: script.cron,
      run_on_start: script.run_on_start,
      run_on_stop: script.run_on_stop,
      start_blocks_login: script.start_blocks_login,
      timeout: script.timeout_seconds * nanosecondsPerSecond,
      display_name: script.display_name,
    })),
    startup_script_behavior: scripts.some(({ start_blocks_login }) => start_blocks_login) ? 'blocking' : 'non-blocking',
  }
}

function toApp({ app, statuses }: AppRows): WorkspaceApp {
  return {
    id: app.id,
    ...(app.url !== null && { url: app.url }),
    external: app.external,
    slug: app.slug,
    ...(app.display_name && { display_name: app.display_name }),
    ...(app.command !== null && { command: app.command }),
    ...(app.icon && { icon: app.icon }),
    subdomain: app.subdomain,
    sharing_level: app.sharing_level,
    healthcheck: {
      url: app.healthcheck_url,
      interval: app.healthcheck_interval_seconds,
      threshold: app.healthcheck_threshold,
    },
    health: app.health,
    ...(app.display_group && { group: app.display_group }),
    hidden: app.hidden,
    open_in: app.open_in,
    ...(app.tooltip && { tooltip: app.tooltip }),
    statuses: statuses.map(toAppStatus),
  }
}
