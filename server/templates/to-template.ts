// Loads templates and template versions in their API form, in batches.

import { sql } from 'kysely'
import { zeroUuid } from '../../api/common.ts'
import type { TemplateVersion } from '../../api/templates/template-versions.ts'
import type { Template, TransitionStats } from '../../api/templates/templates.ts'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { Db } from '../database/connect.ts'
import { matchProvisioners, readJobContext, toJob } from '../jobs/to-job.ts'
import { omitEmpty } from '../omit-empty.ts'

/** Returns templates ordered by name, without missing ones. */
export async function loadTemplates(db: Db, ids: readonly string[]): Promise<Template[]> {
  if (ids.length === 0) return []
  const [rows, stats] = await Promise.all([readTemplates(db, ids), readCachedBuildTimes(db)])
  return rows.map((row) => toTemplate(row, stats))
}

export async function loadTemplate(db: Db, id: string): Promise<Template> {
  const [template] = await loadTemplates(db, [id])
  if (!template) throw new Error(`there is no template ${id}`)
  return template
}

type TemplateRow = Awaited<ReturnType<typeof readTemplates>>[number]

async function readTemplates(db: Db, ids: readonly string[]) {
  return await db
    .selectFrom('templates as template')
    .innerJoin('organizations as organization', 'organization.id', 'template.organization_id')
    .innerJoin('users as creator', 'creator.id', 'template.created_by')
    .where('template.id', 'in', ids)
    .orderBy('template.name')
    .selectAll('template')
    .select([
      'organization.name as organization_name',
      'organization.display_name as organization_display_name',
      'organization.icon as organization_icon',
      'creator.username as creator_name',
    ])
    .select(({ selectFrom }) =>
      selectFrom('workspaces')
        .whereRef('workspaces.template_id', '=', 'template.id')
        .where('workspaces.deleted', '=', false)
        .select(sql<number>`count(distinct owner_id)`.as('count'))
        .as('user_count'),
    )
    .execute()
}

interface BuildTime {
  readonly template_id: string
  readonly transition: WorkspaceTransition
  readonly p50: number
  readonly p95: number
}

// Build times cover the last two weeks.
const buildTimeDays = 14

// Cached: template lists are requested often, and two weeks may contain thousands of builds.
const buildTimesTtlMs = 60_000
const buildTimes = new WeakMap<Db, { readonly readAt: number; readonly times: Promise<BuildTime[]> }>()

/** Build times of all templates; up to one minute stale. */
async function readCachedBuildTimes(db: Db): Promise<BuildTime[]> {
  const cached = buildTimes.get(db)
  if (cached && Date.now() - cached.readAt < buildTimesTtlMs) return await cached.times
  const times = readBuildTimes(db)
  buildTimes.set(db, { readAt: Date.now(), times })
  times.catch(() => buildTimes.delete(db))
  return await times
}

async function readBuildTimes(db: Db): Promise<BuildTime[]> {
  const ms = sql`extract(epoch from job.completed_at - job.started_at) * 1000`
  return await db
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .where('version.template_id', 'is not', null)
    .where('job.job_status', '=', 'succeeded')
    .where('job.completed_at', '>', sql<Date>`now() - make_interval(days => ${buildTimeDays})`)
    .groupBy(['version.template_id', 'build.transition'])
    .select([
      sql<string>`version.template_id`.as('template_id'),
      'build.transition',
      sql<number>`percentile_cont(0.5) within group (order by ${ms})::float8`.as('p50'),
      sql<number>`percentile_cont(0.95) within group (order by ${ms})::float8`.as('p95'),
    ])
    .execute()
}

function toTemplate(row: TemplateRow, buildTimes: readonly BuildTime[]): Template {
  const statsOf = (transition: WorkspaceTransition): TransitionStats => {
    const time = buildTimes.find((entry) => entry.template_id === row.id && entry.transition === transition)
    return { P50: time ? Math.round(time.p50) : null, P95: time ? Math.round(time.p95) : null }
  }
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    organization_id: row.organization_id,
    organization_name: row.organization_name,
    organization_display_name: row.organization_display_name,
    organization_icon: row.organization_icon,
    name: row.name,
    display_name: row.display_name,
    provisioner: 'terraform',
    active_version_id: row.active_version_id,
    active_user_count: row.user_count ?? 0,
    build_time_stats: { start: statsOf('start'), stop: statsOf('stop'), delete: statsOf('delete') },
    description: row.description,
    deprecated: row.deprecation_message !== '',
    deprecation_message: row.deprecation_message,
    icon: row.icon,
    default_ttl_ms: row.default_ttl_ms,
    activity_bump_ms: row.activity_bump_ms,
    autostop_requirement: {
      days_of_week: row.autostop_requirement_days_of_week as Template['autostop_requirement']['days_of_week'],
      weeks: row.autostop_requirement_weeks,
    },
    autostart_requirement: {
      days_of_week: row.autostart_requirement_days_of_week as Template['autostart_requirement']['days_of_week'],
    },
    created_by_id: row.created_by,
    created_by_name: row.creator_name,
    allow_user_autostart: row.allow_user_autostart,
    allow_user_autostop: row.allow_user_autostop,
    allow_user_cancel_workspace_jobs: row.allow_user_cancel_workspace_jobs,
    failure_ttl_ms: row.failure_ttl_ms,
    time_til_dormant_ms: row.time_til_dormant_ms,
    time_til_dormant_autodelete_ms: row.time_til_dormant_autodelete_ms,
    require_active_version: row.require_active_version,
    max_port_share_level: row.max_port_share_level,
    cors_behavior: row.cors_behavior,
    use_classic_parameter_flow: row.use_classic_parameter_flow,
    disable_module_cache: row.disable_module_cache,
  }
}

/** Returns versions in the order of `ids`, without missing ones. Jobs are read before their results: a version that
 *  is reported as imported includes all of its results. */
export async function loadVersions(db: Db, ids: readonly string[]): Promise<TemplateVersion[]> {
  if (ids.length === 0) return []
  const jobs = await db
    .selectFrom('provisioner_jobs')
    .where('id', 'in', db.selectFrom('template_versions').select('job_id').where('id', 'in', ids))
    .selectAll()
    .execute()
  const [rows, jobContext] = await Promise.all([readVersions(db, ids), readJobContext(db, jobs)])
  const jobsById = new Map(jobs.map((job) => [job.id, job]))
  const versions = new Map<string, TemplateVersion>()
  for (const row of rows) {
    const job = jobsById.get(row.job_id)
    if (!job) throw new Error(`template version ${row.id} has no job ${row.job_id}`)
    versions.set(row.id, {
      id: row.id,
      template_id: row.template_id ?? zeroUuid,
      organization_id: row.organization_id,
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
      name: row.name,
      message: row.message,
      job: toJob(job, jobContext),
      readme: row.readme,
      created_by: omitEmpty(
        {
          id: row.created_by,
          username: row.creator_username,
          name: row.creator_name,
          avatar_url: row.creator_avatar_url,
        },
        ['name', 'avatar_url'],
      ),
      archived: row.archived,
      has_external_agent: row.has_external_agent,
    })
  }
  return ids.flatMap((id) => versions.get(id) ?? [])
}

export async function loadVersion(db: Db, id: string): Promise<TemplateVersion> {
  const [version] = await loadVersions(db, [id])
  if (!version) throw new Error(`there is no template version ${id}`)
  return { ...version, matched_provisioners: await matchProvisioners(db, version.job.tags) }
}

async function readVersions(db: Db, ids: readonly string[]) {
  return await db
    .selectFrom('template_versions as version')
    .innerJoin('users as creator', 'creator.id', 'version.created_by')
    .where('version.id', 'in', ids)
    .selectAll('version')
    .select([
      'creator.username as creator_username',
      'creator.name as creator_name',
      'creator.avatar_url as creator_avatar_url',
    ])
    .execute()
}
