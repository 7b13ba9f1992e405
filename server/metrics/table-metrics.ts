// Metrics read from the database: one query each per scrape, and one series per row.

import { type RawBuilder, sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'
import type { Db } from '../database/connect.ts'

interface TableMetric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Columns are the labels and `value`. */
  readonly query: RawBuilder<Readonly<Record<string, string | number>>>
}

/** Latest build and owner of each existing workspace. */
const latest = sql`(
  select build.workspace_id, build.id as build_id, build.job_id, build.transition, job.job_status, version.name as template_version,
    template.name as template_name, workspace.name as workspace_name, owner.username
  from workspaces workspace
  join workspace_builds build on build.id = workspace.latest_build_id
  join users owner on owner.id = workspace.owner_id
  join templates template on template.id = workspace.template_id
  join template_versions version on version.id = build.template_version_id
  join provisioner_jobs job on job.id = build.job_id
  where not workspace.deleted
)`

/** Agents of running workspaces. */
const agents = sql`(
  select agent.*, latest.username, latest.workspace_name, latest.template_name, latest.template_version
  from ${latest} latest
  join workspace_resources resource on resource.job_id = latest.job_id
  join workspace_agents agent on agent.resource_id = resource.id
  where latest.transition = 'start' and latest.job_status = 'succeeded'
)`

/** Sums of each agent's reports of the last 15 minutes; for gauges the latest value. */
const stats = (value: RawBuilder<number>) => sql<Readonly<Record<string, string | number>>>`
  select agent.name as agent_name, agent.username, agent.workspace_name, ${value} as value
  from ${agents} agent
  join workspace_agent_stats stat on stat.agent_id = agent.id and stat.created_at > now() - interval '15 minutes'
  group by agent.id, agent.name, agent.username, agent.workspace_name`

const sumOf = (column: string) => sql<number>`sum(stat.${sql.ref(column)})::float8`
const latestOf = (column: string) =>
  sql<number>`(array_agg(stat.${sql.ref(column)} order by stat.created_at desc))[1]::float8`
const agentLabels = ['agent_name', 'username', 'workspace_name']

const deploymentMetrics: readonly TableMetric[] = [
  {
    name: 'coderd_api_active_users_duration_hour',
    help: 'Number of users who were active in the last hour.',
    labels: [],
    query: sql`select count(*)::float8 as value from users where not deleted and last_seen_at > now() - interval '1 hour'`,
  },
  {
    name: 'coderd_api_total_user_count',
    help: 'Number of users by status.',
    labels: ['status'],
    query: sql`select status, count(*)::float8 as value from users where not deleted group by status`,
  },
  {
    name: 'coderd_api_workspace_latest_build',
    help: 'Number of workspaces by job status of their latest build.',
    labels: ['status'],
    query: sql`select job_status as status, count(*)::float8 as value from ${latest} latest group by job_status`,
  },
  {
    // Coder's older name of a separate metric: all builds.
    name: 'coderd_api_workspace_latest_build_total',
    help: 'Number of workspace builds by job status.',
    labels: ['status'],
    query: sql`
      select job.job_status as status, count(*)::float8 as value
      from workspace_builds build join provisioner_jobs job on job.id = build.job_id group by 1`,
  },
  {
    name: 'coderd_workspace_latest_build_status',
    help: 'Number of workspaces by transition, template version, owner and job status of their latest build.',
    labels: ['status', 'template_name', 'template_version', 'workspace_owner', 'workspace_transition'],
    query: sql`
      select job_status as status, template_name, template_version, username as workspace_owner,
        transition as workspace_transition, count(*)::float8 as value
      from ${latest} latest group by 1, 2, 3, 4, 5`,
  },
  {
    name: 'coderd_provisionerd_jobs_current',
    help: 'Number of running provisioner jobs.',
    labels: ['provisioner'],
    query: sql`select 'terraform' as provisioner, count(*)::float8 as value from provisioner_jobs where job_status = 'running'`,
  },
  {
    name: 'coderd_provisionerd_num_daemons',
    help: 'Number of active provisioner daemons.',
    labels: [],
    query: sql`select count(*)::float8 as value from provisioner_daemons where last_seen_at > now() - interval '90 seconds'`,
  },
  {
    name: 'coderd_agents_up',
    help: 'Number of agents of running workspaces.',
    labels: ['template_name', 'template_version', 'username', 'workspace_name'],
    query: sql`
      select template_name, template_version, username, workspace_name, count(*)::float8 as value
      from ${agents} agent group by 1, 2, 3, 4`,
  },
  {
    name: 'coderd_agents_apps',
    help: 'Number of workspace apps by health.',
    labels: ['agent_name', 'app_name', 'health', 'username', 'workspace_name'],
    query: sql`
      select agent.name as agent_name, app.slug as app_name, app.health, agent.username, agent.workspace_name,
        count(*)::float8 as value
      from ${agents} agent join workspace_apps app on app.agent_id = agent.id group by 1, 2, 3, 4, 5`,
  },
  {
    // Connections use no DERP relays: the only region has no name.
    name: 'coderd_agents_connection_latencies_seconds',
    help: 'Latency of agent connections in seconds.',
    labels: [...agentLabels, 'derp_region', 'preferred'],
    query: sql`
      select agent_name, username, workspace_name, 'direct' as derp_region, 'true' as preferred, value
      from (${stats(sql<number>`(${latestOf('connection_median_latency_ms')} / 1000)`)}) stat where value > 0`,
  },
  {
    name: 'coderd_insights_templates_active_users',
    help: 'Number of users who used workspaces of a template in the last day.',
    labels: ['template_name'],
    query: sql`
      select template.name as template_name, count(distinct stat.user_id)::float8 as value
      from workspace_agent_stats stat join templates template on template.id = stat.template_id
      where stat.created_at > now() - interval '1 day' and (stat.connection_count > 0 or stat.usage)
      group by template.name`,
  },
  {
    name: 'coderd_insights_applications_usage_seconds',
    help: 'Usage of applications in the last day in seconds, in steps of one minute.',
    labels: ['application_name', 'slug', 'template_name'],
    query: sql`
      select used.application_name, used.slug, template.name as template_name,
        (60 * count(distinct (stat.workspace_id, date_trunc('minute', stat.created_at))))::float8 as value
      from workspace_agent_stats stat
      join templates template on template.id = stat.template_id
      cross join lateral (values
        ('Visual Studio Code', 'vscode', stat.session_count_vscode),
        ('JetBrains', 'jetbrains', stat.session_count_jetbrains),
        ('Web Terminal', 'reconnecting-pty', stat.session_count_reconnecting_pty),
        ('SSH', 'ssh', stat.session_count_ssh)
      ) used (application_name, slug, sessions)
      where stat.created_at > now() - interval '1 day' and used.sessions > 0
      group by 1, 2, 3`,
  },
  {
    // Free-text values are private: only options are counted.
    name: 'coderd_insights_parameters',
    help: 'Number of workspaces by parameter value.',
    labels: ['parameter_name', 'parameter_type', 'parameter_value', 'template_name'],
    query: sql`
      select parameter.name as parameter_name, parameter.type as parameter_type, chosen.value as parameter_value,
        latest.template_name, count(*)::float8 as value
      from ${latest} latest
      join workspace_builds build on build.id = latest.build_id
      join workspace_build_parameters chosen on chosen.workspace_build_id = build.id
      join template_version_parameters parameter
        on parameter.template_version_id = build.template_version_id and parameter.name = chosen.name
      where parameter.type = 'bool' or jsonb_array_length(parameter.options) > 0
      group by 1, 2, 3, 4`,
  },
]

/** Optional, because each has one series per agent. */
const agentMetrics: readonly TableMetric[] = [
  {
    name: 'coderd_agentstats_connection_count',
    help: 'Number of connections of an agent.',
    labels: agentLabels,
    query: stats(latestOf('connection_count')),
  },
  {
    name: 'coderd_agentstats_connection_median_latency_seconds',
    help: 'Median latency of the connections of an agent in seconds.',
    labels: agentLabels,
    query: stats(sql<number>`(${latestOf('connection_median_latency_ms')} / 1000)`),
  },
  {
    name: 'coderd_agentstats_rx_bytes',
    help: 'Bytes that an agent received in the last 15 minutes.',
    labels: agentLabels,
    query: stats(sumOf('rx_bytes')),
  },
  {
    name: 'coderd_agentstats_tx_bytes',
    help: 'Bytes that an agent sent in the last 15 minutes.',
    labels: agentLabels,
    query: stats(sumOf('tx_bytes')),
  },
  ...(['vscode', 'jetbrains', 'reconnecting_pty', 'ssh'] as const).map((kind) => ({
    name: `coderd_agentstats_session_count_${kind}`,
    help: `Number of ${kind} sessions of an agent.`,
    labels: agentLabels,
    query: stats(latestOf(`session_count_${kind}`)),
  })),
  {
    name: 'coderd_agentstats_startup_script_seconds',
    help: 'Duration of the startup scripts of an agent in seconds.',
    labels: [...agentLabels, 'success', 'template_name'],
    query: sql`
      select agent.name as agent_name, agent.username, agent.workspace_name, agent.template_name,
        (agent.lifecycle_state = 'ready')::text as success,
        extract(epoch from agent.ready_at - agent.started_at)::float8 as value
      from ${agents} agent where agent.ready_at is not null and agent.started_at is not null`,
  },
]

/** Registers the metrics. @returns a function that queries all of them. */
export function createTableMetrics(register: Registry, db: Db, hasAgentStats: boolean): () => Promise<void> {
  const metrics = [...deploymentMetrics, ...(hasAgentStats ? agentMetrics : [])].map(
    ({ name, help, labels, query }) => ({
      gauge: new Gauge({ name, help, labelNames: labels, registers: [register] }),
      query,
    }),
  )
  return async () => {
    // Sequential, so that scrapes do not occupy the connection pool.
    for (const { gauge, query } of metrics) {
      const { rows } = await query.execute(db)
      gauge.reset()
      for (const { value, ...labels } of rows) gauge.set(labels, Number(value))
    }
  }
}
