// Metrics of jobs that started or completed, and of workspaces that became ready, since the last scrape. Read from the
// database, so that no code needs to report them.

import { sql } from 'kysely'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { Db } from '../database/connect.ts'

// Longer starts are ignored.
const maxStartMs = 24 * 60 * 60_000

const waitBuckets = [0.1, 0.5, 1, 5, 10, 30, 60, 180, 300, 600, 1800, 3600]
const creationBuckets = [1, 10, 30, 60, 300, 600, 1800, 3600]
const buckets = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600]

export function createJobMetrics(register: Registry, db: Db): () => Promise<void> {
  const registers = [register]
  const jobs = new Histogram({
    name: 'coderd_provisionerd_job_timings_seconds',
    help: 'Duration of provisioner jobs in seconds.',
    labelNames: ['provisioner', 'status'],
    buckets,
    registers,
  })
  const builds = new Histogram({
    name: 'coderd_provisionerd_workspace_build_timings_seconds',
    help: 'Duration of workspace builds in seconds.',
    labelNames: ['status', 'template_name', 'template_version', 'workspace_transition'],
    buckets,
    registers,
  })
  const counts = new Counter({
    name: 'coderd_workspace_builds_total',
    help: 'Total number of completed workspace builds.',
    labelNames: [
      'status',
      'template_name',
      'template_version',
      'workspace_name',
      'workspace_owner',
      'workspace_transition',
    ],
    registers,
  })
  const creations = new Counter({
    name: 'coderd_workspace_creation_total',
    help: 'Total number of created workspaces.',
    labelNames: ['organization_name', 'preset_name', 'template_name'],
    registers,
  })
  const creationSeconds = new Histogram({
    name: 'coderd_workspace_creation_duration_seconds',
    help: 'Time from the request of a workspace to the end of its first build in seconds.',
    labelNames: ['organization_name', 'preset_name', 'template_name', 'type'],
    buckets: creationBuckets,
    registers,
  })
  const waits = new Histogram({
    name: 'coderd_provisioner_job_queue_wait_seconds',
    help: 'Time that jobs waited for a provisioner in seconds.',
    labelNames: ['provisioner_type', 'job_type', 'transition', 'build_reason'],
    buckets: waitBuckets,
    registers,
  })
  const readiness = new Histogram({
    name: 'coderd_template_workspace_build_duration_seconds',
    help: 'Time from the request to start a workspace until its agents were ready in seconds.',
    labelNames: ['template_name', 'organization_name', 'transition', 'status', 'is_prebuild'],
    buckets: waitBuckets,
    registers,
  })
  let since = new Date()
  return async () => {
    // The clock of the database, which timestamps jobs.
    const { rows } = await sql<{ now: Date }>`select now()::timestamptz(3) as now`.execute(db)
    const period = { since, until: rows[0]?.now ?? new Date() }
    const [started, ready, completed] = [
      await readStarted(db, period),
      await readReady(db, period),
      await readCompleted(db, period),
    ]
    since = period.until
    for (const { seconds, type, transition, reason } of started)
      waits.observe(
        { provisioner_type: 'terraform', job_type: type, transition: transition ?? '', build_reason: reason ?? '' },
        seconds,
      )
    for (const { seconds, template_name, organization_name, is_ready } of ready)
      readiness.observe(
        {
          template_name,
          organization_name,
          transition: 'start',
          status: is_ready ? 'success' : 'error',
          is_prebuild: 'false',
        },
        seconds,
      )
    for (const job of completed) {
      const status = job.job_status === 'succeeded' ? 'success' : job.job_status
      jobs.observe({ provisioner: 'terraform', status }, job.seconds)
      if (!job.transition) continue
      const template = { template_name: job.template_name ?? '', template_version: job.template_version ?? '' }
      const transition = job.transition.toUpperCase()
      builds.observe({ status, ...template, workspace_transition: transition }, job.seconds)
      counts.inc({
        status,
        ...template,
        workspace_name: job.workspace_name ?? '',
        workspace_owner: job.username ?? '',
        workspace_transition: transition,
      })
      if (job.build_number !== 1 || job.job_status !== 'succeeded') continue
      const labels = {
        organization_name: job.organization_name ?? '',
        preset_name: job.preset_name ?? '',
        template_name: template.template_name,
      }
      creations.inc(labels)
      creationSeconds.observe({ ...labels, type: 'regular' }, job.seconds_since_request)
    }
  }
}

interface Period {
  readonly since: Date
  readonly until: Date
}

async function readStarted(db: Db, { since, until }: Period) {
  return await db
    .selectFrom('provisioner_jobs as job')
    .leftJoin('workspace_builds as build', 'build.job_id', 'job.id')
    .where('job.started_at', '>', since)
    .where('job.started_at', '<=', until)
    .select([
      'job.type',
      'build.transition',
      'build.reason',
      sql<number>`extract(epoch from job.started_at - job.created_at)::float8`.as('seconds'),
    ])
    .execute()
}

/** Builds in which all agents have finished their start scripts. */
async function readReady(db: Db, { since, until }: Period) {
  const { rows } = await sql<{
    template_name: string
    organization_name: string
    is_ready: boolean
    seconds: number
  }>`
    select template.name as template_name, organization.name as organization_name,
      bool_and(agent.lifecycle_state = 'ready') as is_ready,
      extract(epoch from max(agent.ready_at) - build.created_at)::float8 as seconds
    from workspace_builds build
    join workspaces workspace on workspace.id = build.workspace_id
    join templates template on template.id = workspace.template_id
    join organizations organization on organization.id = workspace.organization_id
    join workspace_resources resource on resource.job_id = build.job_id
    join workspace_agents agent on agent.resource_id = resource.id and agent.parent_id is null
    where build.transition = 'start' and build.created_at > ${new Date(since.getTime() - maxStartMs)}
    group by build.id, template.name, organization.name
    having bool_and(agent.ready_at is not null) and max(agent.ready_at) > ${since} and max(agent.ready_at) <= ${until}`.execute(
    db,
  )
  return rows
}

async function readCompleted(db: Db, { since, until }: Period) {
  return await db
    .selectFrom('provisioner_jobs as job')
    .leftJoin('workspace_builds as build', 'build.job_id', 'job.id')
    .leftJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .leftJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .leftJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .leftJoin('organizations as organization', 'organization.id', 'workspace.organization_id')
    .leftJoin('template_version_presets as preset', 'preset.id', 'build.template_version_preset_id')
    .where('job.completed_at', '>', since)
    .where('job.completed_at', '<=', until)
    .select([
      'job.job_status',
      sql<number>`extract(epoch from job.completed_at - coalesce(job.started_at, job.completed_at))::float8`.as(
        'seconds',
      ),
      sql<number>`extract(epoch from job.completed_at - job.created_at)::float8`.as('seconds_since_request'),
      'build.transition',
      'build.build_number',
      'workspace.name as workspace_name',
      'owner.username',
      'organization.name as organization_name',
      'preset.name as preset_name',
      'template.name as template_name',
      'version.name as template_version',
    ])
    .execute()
}
