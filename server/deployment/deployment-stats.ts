// Deployment statistics: workspaces by state, and agent reports of the last 15 minutes. Computed at most once a minute.

import { sql } from 'kysely'
import type { DeploymentStats } from '../../api/deployment/deployment.ts'
import { deriveWorkspaceStatus } from '../builds/workspace-status.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'

const windowMs = 15 * 60_000
const cacheMs = 60_000

export function createDeploymentStats({
  db,
  clock,
}: Pick<ServerContext, 'db' | 'clock'>): () => Promise<DeploymentStats> {
  let last: { readonly at: number; readonly stats: Promise<DeploymentStats> } | null = null
  return () => {
    const now = clock.now().getTime()
    if (last === null || now - last.at >= cacheMs || now < last.at) {
      const stats = collect(db, new Date(now))
      last = { at: now, stats }
      stats.catch(() => {
        if (last?.stats === stats) last = null
      })
    }
    return last.stats
  }
}

async function collect(db: Db, now: Date): Promise<DeploymentStats> {
  const since = new Date(now.getTime() - windowMs)
  const [states, traffic, sessions] = await Promise.all([
    countStates(db),
    readTraffic(db, since),
    readSessions(db, since),
  ])
  return {
    aggregated_from: since.toISOString(),
    collected_at: now.toISOString(),
    next_update_at: new Date(now.getTime() + cacheMs).toISOString(),
    workspaces: {
      ...states,
      connection_latency_ms: { P50: traffic.p50 ?? -1, P95: traffic.p95 ?? -1 },
      rx_bytes: traffic.rx_bytes,
      tx_bytes: traffic.tx_bytes,
    },
    session_count: sessions,
  }
}

type States = Pick<DeploymentStats['workspaces'], 'pending' | 'building' | 'running' | 'failed' | 'stopped'>

/** Category of each status; deleted workspaces are not counted. */
const categories: Readonly<Record<string, keyof States>> = {
  pending: 'pending',
  starting: 'building',
  stopping: 'building',
  deleting: 'building',
  canceling: 'building',
  running: 'running',
  failed: 'failed',
  canceled: 'failed',
  stopped: 'stopped',
}

/** Workspaces by the result of their latest build. */
async function countLatestBuilds(db: Db) {
  return await db
    .selectFrom('workspaces as workspace')
    .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .where('workspace.deleted', '=', false)
    .groupBy(['build.transition', 'job.job_status'])
    .select(['build.transition', 'job.job_status', ({ fn }) => fn.countAll<number>().as('count')])
    .execute()
}

async function countStates(db: Db): Promise<States> {
  const states = { pending: 0, building: 0, running: 0, failed: 0, stopped: 0 }
  for (const { transition, job_status, count } of await countLatestBuilds(db)) {
    const state = categories[deriveWorkspaceStatus(transition, job_status)]
    if (state) states[state] += count
  }
  return states
}

async function readTraffic(db: Db, since: Date) {
  return await db
    .selectFrom('workspace_agent_stats')
    .where('created_at', '>', since)
    .select([
      sql<number>`coalesce(sum(rx_bytes), 0)::bigint`.as('rx_bytes'),
      sql<number>`coalesce(sum(tx_bytes), 0)::bigint`.as('tx_bytes'),
      latencyAt(0.5).as('p50'),
      latencyAt(0.95).as('p95'),
    ])
    .executeTakeFirstOrThrow()
}

const latencyAt = (share: number) =>
  sql<
    number | null
  >`percentile_cont(${share}) within group (order by connection_median_latency_ms) filter (where connection_median_latency_ms > 0)`

/** Sum of the latest report of each agent. */
async function readSessions(db: Db, since: Date): Promise<DeploymentStats['session_count']> {
  return await db
    .selectFrom((inner) =>
      inner
        .selectFrom('workspace_agent_stats')
        .where('created_at', '>', since)
        .distinctOn('agent_id')
        .orderBy('agent_id')
        .orderBy('created_at', 'desc')
        .selectAll()
        .as('last'),
    )
    .select([
      sql<number>`coalesce(sum(session_count_vscode), 0)::bigint`.as('vscode'),
      sql<number>`coalesce(sum(session_count_ssh), 0)::bigint`.as('ssh'),
      sql<number>`coalesce(sum(session_count_jetbrains), 0)::bigint`.as('jetbrains'),
      sql<number>`coalesce(sum(session_count_reconnecting_pty), 0)::bigint`.as('reconnecting_pty'),
    ])
    .executeTakeFirstOrThrow()
}
