// Loads builds in their API form, in batches: first the rows, then the resources.

import type { MatchedProvisioners } from '../../api/organizations/provisioner-jobs.ts'
import type { WorkspaceBuild } from '../../api/workspaces/builds.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { type JobContext, type JobRow, matchDaemons, readJobContext, toJob } from '../jobs/to-job.ts'
import { omitEmpty } from '../omit-empty.ts'
import { loadResources, type ResourceContext, type SensitiveValues } from './load-resources.ts'
import { deriveWorkspaceStatus } from './workspace-status.ts'

/** Returns builds in the order of `ids`, without missing ones. Jobs are read before their results: a build that is
 *  reported as completed includes all of its resources. */
export async function loadBuilds(
  context: ResourceContext,
  ids: readonly string[],
  sensitiveValues?: SensitiveValues,
): Promise<WorkspaceBuild[]> {
  if (ids.length === 0) return []
  const jobs = await readJobs(context.db, ids)
  const [rows, resources, jobContext] = await Promise.all([
    readRows(context.db, ids),
    loadResources(
      context,
      jobs.map(({ id }) => id),
      sensitiveValues,
    ),
    readJobContext(context.db, jobs),
  ])
  const jobsById = new Map(jobs.map((job) => [job.id, job]))
  const builds = new Map<string, WorkspaceBuild>()
  for (const row of rows) {
    const job = jobsById.get(row.job_id)
    if (!job) throw new Error(`build ${row.id} has no job ${row.job_id}`)
    builds.set(row.id, { ...toBuild(row, job, jobContext), resources: resources.get(row.job_id) ?? [] })
  }
  return ids.flatMap((id) => builds.get(id) ?? [])
}

export async function loadBuild(
  context: ResourceContext,
  id: string,
  sensitiveValues?: SensitiveValues,
): Promise<WorkspaceBuild> {
  const [build] = await loadBuilds(context, [id], sensitiveValues)
  if (!build) throw new Error(`build ${id} does not exist`)
  return build
}

async function readJobs(db: Db, buildIds: readonly string[]): Promise<JobRow[]> {
  return await db
    .selectFrom('provisioner_jobs')
    .where('id', 'in', db.selectFrom('workspace_builds').select('job_id').where('id', 'in', buildIds))
    .selectAll()
    .execute()
}

type BuildRow = Omit<Row<'workspace_builds'>, 'provisioner_state' | 'provisioner_state_key_id'> & {
  workspace_name: string
  owner_id: string
  owner_name: string
  owner_avatar_url: string
  version_name: string
  has_external_agent: boolean
  has_ai_task: boolean
  initiator_name: string
}

/** All build columns except the state, which may be large and is not part of responses. */
export const buildColumns = [
  'build.id',
  'build.workspace_id',
  'build.template_version_id',
  'build.template_version_preset_id',
  'build.build_number',
  'build.transition',
  'build.reason',
  'build.initiator_id',
  'build.job_id',
  'build.deadline',
  'build.max_deadline',
  'build.daily_cost',
  'build.created_at',
  'build.updated_at',
] as const

async function readRows(db: Db, ids: readonly string[]): Promise<BuildRow[]> {
  return await db
    .selectFrom('workspace_builds as build')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('users as initiator', 'initiator.id', 'build.initiator_id')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .where('build.id', 'in', ids)
    .select([
      ...buildColumns,
      'workspace.name as workspace_name',
      'owner.id as owner_id',
      'owner.username as owner_name',
      'owner.avatar_url as owner_avatar_url',
      'version.name as version_name',
      'version.has_external_agent',
      'version.has_ai_task',
      'initiator.username as initiator_name',
    ])
    .execute()
}

/** Value for completed jobs, which need no provisioner. */
const noProvisioners: MatchedProvisioners = { count: 0, available: 0, most_recently_seen: null }

function toBuild(row: BuildRow, job: JobRow, jobContext: JobContext): Omit<WorkspaceBuild, 'resources'> {
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    workspace_id: row.workspace_id,
    workspace_name: row.workspace_name,
    workspace_owner_id: row.owner_id,
    workspace_owner_name: row.owner_name,
    ...omitEmpty({ workspace_owner_avatar_url: row.owner_avatar_url }, ['workspace_owner_avatar_url']),
    template_version_id: row.template_version_id,
    template_version_name: row.version_name,
    build_number: row.build_number,
    transition: row.transition,
    initiator_id: row.initiator_id,
    initiator_name: row.initiator_name,
    job: toJob(job, jobContext),
    matched_provisioners: job.completed_at === null ? matchDaemons(jobContext.daemons, job.tags) : noProvisioners,
    reason: row.reason as WorkspaceBuild['reason'],
    deadline: row.deadline?.toISOString() ?? null,
    max_deadline: row.max_deadline?.toISOString() ?? null,
    status: deriveWorkspaceStatus(row.transition, job.job_status),
    daily_cost: row.daily_cost,
    template_version_preset_id: row.template_version_preset_id,
    has_ai_task: row.has_ai_task,
    has_external_agent: row.has_external_agent,
  }
}
