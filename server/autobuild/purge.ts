// Purges old data: statistics, dry runs, commands, expired keys, and the logs and metadata of agents of earlier builds.

import { sql } from 'kysely'
import type { BaseContext } from '../base-context.ts'
import type { RetentionConfig } from '../config.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db } from '../database/connect.ts'
import type { PeriodicTask } from '../periodic-task.ts'
import { purgeCommands } from '../terminals/commands.ts'

const intervalMs = 60 * 60_000

// Insights cover up to half a year.
const statsRetentionMs = 180 * 24 * 60 * 60_000
const dryRunsRetentionMs = 7 * 24 * 60 * 60_000

export const purge = ({ db, metrics, config }: Pick<BaseContext, 'db' | 'metrics' | 'config'>): PeriodicTask => ({
  name: 'purge',
  lock: advisoryLocks.purge,
  intervalMs,
  run: async (now) => metrics?.countPurged(await runPurge(db, now, config)),
})

/** Removes completed dry runs with their logs and results: `coder create` runs one per workspace.
 *  @returns the number of removed dry runs */
export async function purgeDryRuns(db: Db, now: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('provisioner_jobs')
    .where('type', '=', 'template_version_dry_run')
    .where('completed_at', '<', new Date(now.getTime() - dryRunsRetentionMs))
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** @returns the number of removed rows by record type, with Coder's names where they exist */
export async function runPurge(
  db: Db,
  now: Date,
  retention: RetentionConfig,
): Promise<Readonly<Record<string, number>>> {
  const dryRuns = await purgeDryRuns(db, now)
  await purgeCommands(db, now)
  const cutoff = (retentionMs: number) => (retentionMs > 0 ? new Date(now.getTime() - retentionMs) : '-infinity')
  const deleteOld = async (
    table: 'api_keys' | 'audit_logs' | 'connection_logs',
    timeColumn: string,
    retentionMs: number,
  ) => {
    const deleted = await sql`delete from ${sql.table(table)}
      where ${sql.ref(timeColumn)} < ${cutoff(retentionMs)}::timestamptz`.execute(db)
    return Number(deleted.numAffectedRows ?? 0)
  }
  const keys = await deleteOld('api_keys', 'expires_at', retention.apiKeysRetention)
  const auditLogs = await deleteOld('audit_logs', 'time', retention.auditLogsRetention)
  const connectionLogs = await deleteOld('connection_logs', 'connect_time', retention.connectionLogsRetention)
  const stats = await db
    .deleteFrom('workspace_agent_stats')
    .where('created_at', '<', new Date(now.getTime() - statsRetentionMs))
    .executeTakeFirstOrThrow()
  const disconnectedBefore = cutoff(retention.workspaceAgentLogsRetention)
  // Excludes the latest build, whose logs the workspace page shows.
  const oldAgents = sql<string>`
    select agent.id from workspace_agents agent
      join workspace_resources resource on resource.id = agent.resource_id
      join workspace_builds build on build.job_id = resource.job_id
      join workspaces workspace on workspace.id = build.workspace_id
    where workspace.latest_build_id <> build.id
      and coalesce(agent.last_connected_at, agent.created_at) < ${disconnectedBefore}::timestamptz`
  const logs = await sql`delete from workspace_agent_logs where agent_id in (${oldAgents})`.execute(db)
  await sql`delete from workspace_agent_metadata_values where workspace_agent_id in (${oldAgents})
    or not exists (select from workspace_agents agent where agent.id = workspace_agent_id)`.execute(db)
  return {
    expired_api_keys: keys,
    audit_logs: auditLogs,
    connection_logs: connectionLogs,
    workspace_agent_logs: Number(logs.numAffectedRows ?? 0),
    workspace_agent_stats: Number(stats.numDeletedRows),
    dry_runs: dryRuns,
  }
}
