// Loads provisioner daemons with their current and previous job, in the API form.

import { sql } from 'kysely'
import { zeroUuid } from '../../api/common.ts'
import type { ProvisionerDaemon, ProvisionerDaemonJob } from '../../api/organizations/provisioner-daemons.ts'
import type { Db } from '../database/connect.ts'
import { daemonStaleMs } from './to-job.ts'

interface DaemonFilter {
  readonly organizationId?: string
  readonly ids?: readonly string[] | undefined
  /** Tags that a daemon must have; it may have more. */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** Loads the daemons that match the filter; fields that are not set match all. */
export async function loadDaemons(
  db: Db,
  { organizationId, ids, tags }: DaemonFilter = {},
): Promise<ProvisionerDaemon[]> {
  const daemons = await db
    .selectFrom('provisioner_daemons')
    .selectAll()
    .$if(organizationId !== undefined, (query) => query.where('organization_id', '=', organizationId ?? ''))
    .$if(ids !== undefined, (query) => query.where(sql<boolean>`id = any(${ids}::uuid[])`))
    .$if(tags !== undefined, (query) => query.where(sql<boolean>`tags @> ${JSON.stringify(tags)}::jsonb`))
    .orderBy('name')
    .execute()
  const jobs = await readJobs(
    db,
    daemons.map(({ id }) => id),
  )
  return daemons.map((daemon) => {
    const ownJobs = jobs.filter(({ worker_id }) => worker_id === daemon.id)
    const current = ownJobs.find(({ completed_at }) => completed_at === null)
    const isOffline = Date.now() - (daemon.last_seen_at?.getTime() ?? 0) > daemonStaleMs
    return {
      id: daemon.id,
      organization_id: daemon.organization_id,
      key_id: builtInKeyId,
      created_at: daemon.created_at.toISOString(),
      last_seen_at: daemon.last_seen_at?.toISOString() ?? null,
      name: daemon.name,
      version: daemon.version,
      api_version: daemon.api_version,
      provisioners: daemon.provisioners,
      tags: daemon.tags,
      key_name: 'built-in',
      status: isOffline ? 'offline' : current ? 'busy' : 'idle',
      current_job: current ? toDaemonJob(current) : null,
      previous_job: toDaemonJob(ownJobs.find(({ completed_at }) => completed_at !== null)),
    }
  })
}

/** Key ID that Coder's clients expect for built-in daemons, which need no key. */
export const builtInKeyId = zeroUuid.replace(/0$/, '1')

type JobOfDaemon = Awaited<ReturnType<typeof readJobs>>[number]

/** Reads the current and the latest completed job of each daemon. */
async function readJobs(db: Db, daemonIds: readonly string[]) {
  if (daemonIds.length === 0) return []
  return await db
    .selectFrom('provisioner_jobs as job')
    .leftJoin('workspace_builds as build', 'build.job_id', 'job.id')
    .leftJoin('template_versions as version', (join) =>
      join.on((eb) =>
        eb.or([
          eb('version.job_id', '=', eb.ref('job.id')),
          eb('version.id', '=', eb.ref('build.template_version_id')),
        ]),
      ),
    )
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('job.worker_id', 'in', daemonIds)
    .where('job.started_at', '>', sql<Date>`now() - interval '1 day'`)
    .distinctOn(['job.worker_id', sql`job.completed_at is null`])
    .orderBy('job.worker_id')
    .orderBy(sql`job.completed_at is null`)
    .orderBy('job.started_at', 'desc')
    .select([
      'job.id',
      'job.worker_id',
      'job.job_status',
      'job.completed_at',
      'template.name',
      'template.icon',
      'template.display_name',
    ])
    .execute()
}

function toDaemonJob(job: JobOfDaemon | undefined): ProvisionerDaemonJob | null {
  if (!job) return null
  return {
    id: job.id,
    status: job.job_status,
    template_name: job.name ?? '',
    template_icon: job.icon ?? '',
    template_display_name: job.display_name ?? '',
  }
}
