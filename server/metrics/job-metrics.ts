// Jobs that ended since somebody read last: how long they took and what became of them. Asked of the database, so that
// the end of a job needs to tell nobody.

import { sql } from 'kysely'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { Db } from '../database/connect.ts'

const buckets = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600]

export function createJobMetrics(register: Registry, db: Db): () => Promise<void> {
  const registers = [register]
  const jobs = new Histogram({
    name: 'coderd_provisionerd_job_timings_seconds',
    help: 'How long jobs took.',
    labelNames: ['provisioner', 'status'],
    buckets,
    registers,
  })
  const builds = new Histogram({
    name: 'coderd_provisionerd_workspace_build_timings_seconds',
    help: 'How long builds of workspaces took.',
    labelNames: ['status', 'template_name', 'template_version', 'workspace_transition'],
    buckets,
    registers,
  })
  const counts = new Counter({
    name: 'coderd_workspace_builds_total',
    help: 'Builds of workspaces that ended.',
    labelNames: ['action', 'owner_email', 'status', 'template_name', 'template_version', 'workspace_name'],
    registers,
  })
  let since = new Date()
  return async () => {
    const { until, ended } = await readEnded(db, since)
    since = until
    for (const job of ended) {
      const status = job.job_status === 'succeeded' ? 'success' : job.job_status
      jobs.observe({ provisioner: 'terraform', status }, job.seconds)
      if (!job.transition) continue
      const template = { template_name: job.template_name ?? '', template_version: job.template_version ?? '' }
      builds.observe({ status, ...template, workspace_transition: job.transition }, job.seconds)
      counts.inc({
        action: job.transition,
        owner_email: job.email ?? '',
        status,
        ...template,
        workspace_name: job.workspace_name ?? '',
      })
    }
  }
}

async function readEnded(db: Db, since: Date) {
  // The database's own clock, since it is what jobs end by.
  const { rows } = await sql<{ now: Date }>`select now()::timestamptz(3) as now`.execute(db)
  const until = rows[0]?.now ?? new Date()
  const ended = await db
    .selectFrom('provisioner_jobs as job')
    .leftJoin('workspace_builds as build', 'build.job_id', 'job.id')
    .leftJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .leftJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .leftJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('job.completed_at', '>', since)
    .where('job.completed_at', '<=', until)
    .select([
      'job.job_status',
      sql<number>`extract(epoch from job.completed_at - coalesce(job.started_at, job.completed_at))::float8`.as(
        'seconds',
      ),
      'build.transition',
      'workspace.name as workspace_name',
      'owner.email',
      'template.name as template_name',
      'version.name as template_version',
    ])
    .execute()
  return { until, ended }
}
