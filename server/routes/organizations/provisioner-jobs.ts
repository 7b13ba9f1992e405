// Lists provisioner jobs with their template, workspace and matching daemons.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { zeroUuid } from '../../../api/common.ts'
import { invalidQuery, notFound } from '../../../api/errors.ts'
import { getProvisionerJob, listProvisionerJobs } from '../../../api/organizations/provisioner-daemons.ts'
import type { ProvisionerJob, ProvisionerJobMetadata } from '../../../api/organizations/provisioner-jobs.ts'
import { isUuid } from '../../../lib/uuid.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import { serve } from '../../http/serve.ts'
import { daemonStaleMs, type JobRow, readJobContext, toJob } from '../../jobs/to-job.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { authorize } from '../../policy/policy.ts'
import { readTags, splitIds, splitWords } from '../../search/list-parameters.ts'

// Coder's default.
const defaultLimit = 50

const jobStatuses: readonly string[] = ['pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed', 'unknown']

export function registerProvisionerJobRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listProvisionerJobs, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'provisioner_jobs', organizationId: organization.id })
    const { limit = defaultLimit, initiator } = request.query
    const [ids, statuses, tags] = [
      splitIds('ids', request.query.ids),
      splitWords('status', request.query.status, jobStatuses),
      readTags(request.query.tags),
    ]
    const initiatorId = initiator ? await findInitiator(db, initiator, request.principal.userId) : undefined
    const jobs = await db
      .selectFrom('provisioner_jobs')
      .selectAll()
      .where('organization_id', '=', organization.id)
      .$if(ids !== undefined, (query) => query.where(sql<boolean>`id = any(${ids}::uuid[])`))
      .$if(statuses !== undefined, (query) => query.where(sql<boolean>`job_status = any(${statuses})`))
      .$if(tags !== undefined, (query) => query.where(sql<boolean>`tags @> ${JSON.stringify(tags)}::jsonb`))
      .$if(initiatorId !== undefined, (query) => query.where('initiator_id', '=', initiatorId ?? ''))
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit === 0 ? defaultLimit : limit)
      .execute()
    return await toJobs(db, jobs)
  })

  serve(app, getProvisionerJob, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'provisioner_jobs', organizationId: organization.id })
    const rows = await db
      .selectFrom('provisioner_jobs')
      .selectAll()
      .where('id', '=', request.params.job)
      .where('organization_id', '=', organization.id)
      .execute()
    const [job] = await toJobs(db, rows)
    if (!job) throw notFound()
    return job
  })
}

/** Resolves an initiator; an ID is not checked for existence. @throws ApiError 400 for an unknown username */
async function findInitiator(db: Db, initiator: string, ownId: string): Promise<string> {
  if (initiator === 'me') return ownId
  if (isUuid(initiator)) return initiator
  const user = await db
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`lower(username) = ${initiator.toLowerCase()}`)
    .where('deleted', '=', false)
    .executeTakeFirst()
  if (user) return user.id
  throw invalidQuery([{ field: 'initiator', detail: `No user is named "${initiator}".` }])
}

async function toJobs(db: Db, rows: readonly JobRow[]): Promise<ProvisionerJob[]> {
  if (rows.length === 0) return []
  const [jobContext, metadata, daemons] = await Promise.all([
    readJobContext(db, rows),
    readMetadata(db, rows),
    readLiveDaemons(db),
  ])
  return rows.map((row) => ({
    ...toJob(row, jobContext),
    metadata: metadata.get(row.id) ?? unknownMetadata,
    ...(row.completed_at === null && { available_workers: workersFor(row, daemons) }),
  }))
}

type Daemon = Awaited<ReturnType<typeof readLiveDaemons>>[number]

async function readLiveDaemons(db: Db) {
  return await db
    .selectFrom('provisioner_daemons')
    .select(['id', 'tags'])
    .where('last_seen_at', '>', new Date(Date.now() - daemonStaleMs))
    .orderBy('name')
    .execute()
}

const workersFor = ({ tags: required }: JobRow, daemons: readonly Daemon[]): string[] =>
  daemons
    .filter(({ tags }) => Object.entries(required).every(([name, value]) => tags[name] === value))
    .map(({ id }) => id)

const unknownMetadata: ProvisionerJobMetadata = {
  template_version_name: '',
  template_id: zeroUuid,
  template_name: '',
  template_display_name: '',
  template_icon: '',
}

/** Metadata of each job. An import is linked to its version by the job ID, a build or dry run by the job's input. */
async function readMetadata(db: Db, jobs: readonly JobRow[]): Promise<Map<string, ProvisionerJobMetadata>> {
  const rows = await db
    .selectFrom('provisioner_jobs as job')
    .leftJoin('workspace_builds as build', 'build.job_id', 'job.id')
    .leftJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('template_versions as version', (join) =>
      join.on(
        sql<boolean>`version.id = coalesce(build.template_version_id, (job.input ->> 'template_version_id')::uuid)`,
      ),
    )
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where(
      'job.id',
      'in',
      jobs.map(({ id }) => id),
    )
    .select([
      'job.id',
      'version.name as version_name',
      'template.id as template_id',
      'template.name as template_name',
      'template.display_name',
      'template.icon',
      'workspace.id as workspace_id',
      'workspace.name as workspace_name',
    ])
    .execute()
  return new Map(
    rows.map((row) => [
      row.id,
      {
        template_version_name: row.version_name,
        template_id: row.template_id ?? zeroUuid,
        template_name: row.template_name ?? '',
        template_display_name: row.display_name ?? '',
        template_icon: row.icon ?? '',
        ...(row.workspace_id && { workspace_id: row.workspace_id }),
        ...(row.workspace_name && { workspace_name: row.workspace_name }),
      },
    ]),
  )
}
