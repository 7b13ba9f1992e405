// Which workspaces a list shows, and in which order: the query language of `?q=`, what the asking user may see, pages.

import { sql } from 'kysely'
import type { WorkspaceStatus } from '../../api/builds.ts'
import { WorkspaceStatus as WorkspaceStatusSchema } from '../../api/builds.ts'
import type { ValidationError } from '../../api/common.ts'
import { invalidQuery } from '../../api/errors.ts'
import type { Db } from '../database/connect.ts'
import type { JobStatus, WorkspaceTransition } from '../database/schema.ts'
import { parseSearch } from './parse-search.ts'
import { deriveWorkspaceStatus } from './workspace-status.ts'

export interface WorkspaceFilter {
  readonly owner?: string
  readonly name?: string
  /** Part of the name. */
  readonly nameContains?: string
  readonly template?: string
  readonly status?: WorkspaceStatus
  readonly id?: string
  readonly organization?: string
  readonly outdated?: boolean
  readonly dormant?: boolean
}

const statuses = (WorkspaceStatusSchema as unknown as { enum: readonly WorkspaceStatus[] }).enum

/** @throws ApiError 400 naming what in the query is wrong. */
export function parseWorkspaceSearch(text: string): WorkspaceFilter {
  const filter: { -readonly [K in keyof WorkspaceFilter]: WorkspaceFilter[K] } = {}
  const validations: ValidationError[] = []
  const wrong = (detail: string) => validations.push({ field: 'q', detail })
  const { terms, problems } = parseSearch(text)
  for (const problem of problems) wrong(problem)
  for (const { key, value } of terms) {
    switch (key) {
      case '':
        takeBareTerm(filter, value)
        break
      case 'owner':
      case 'name':
      case 'template':
      case 'id':
      case 'organization':
        filter[key] = value
        break
      case 'status': {
        const status = statuses.find((known) => known === value)
        if (status) filter.status = status
        else wrong(`"${value}" is not a status. Statuses: ${statuses.join(', ')}.`)
        break
      }
      case 'outdated':
      case 'dormant':
        if (value === 'true' || value === 'false') filter[key] = value === 'true'
        else wrong(`"${key}" is true or false, not "${value}".`)
        break
      default:
        wrong(
          `"${key}" is not a valid search key. Keys: owner, name, template, status, id, organization, outdated, dormant.`,
        )
    }
  }
  if (validations.length > 0) throw invalidQuery(validations)
  return filter
}

/** `owner/name`, or a part of the name. */
function takeBareTerm(filter: { owner?: string; name?: string; nameContains?: string }, term: string): void {
  const slash = term.indexOf('/')
  if (slash === -1) {
    filter.nameContains = term
    return
  }
  filter.owner = term.slice(0, slash)
  filter.name = term.slice(slash + 1)
}

export interface WorkspacePage {
  /** 0 for all. */
  readonly limit: number
  readonly offset: number
}

/** @param viewer.mayReadAll whether the policy shows workspaces of others.
 *  @returns ids in the order of the list, and how many there are on all pages. */
export async function findWorkspaces(
  db: Db,
  viewer: { readonly id: string; readonly mayReadAll: boolean },
  filter: WorkspaceFilter,
  page: WorkspacePage,
): Promise<{ ids: string[]; count: number }> {
  let query = db
    .selectFrom('workspaces as workspace')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .innerJoin('organizations as organization', 'organization.id', 'workspace.organization_id')
    .innerJoinLateral(
      (inner) =>
        inner
          .selectFrom('workspace_builds')
          .innerJoin('provisioner_jobs', 'provisioner_jobs.id', 'workspace_builds.job_id')
          .whereRef('workspace_builds.workspace_id', '=', 'workspace.id')
          .select([
            'workspace_builds.transition',
            'workspace_builds.template_version_id',
            'provisioner_jobs.job_status',
          ])
          .orderBy('build_number', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .where('workspace.deleted', '=', false)
  if (!viewer.mayReadAll) query = query.where('workspace.owner_id', '=', viewer.id)
  if (filter.owner === 'me') query = query.where('workspace.owner_id', '=', viewer.id)
  else if (filter.owner !== undefined) query = query.where(sql`lower(owner.username)`, '=', filter.owner)
  if (filter.name !== undefined) query = query.where(sql`lower(workspace.name)`, '=', filter.name)
  if (filter.nameContains !== undefined) {
    query = query.where(sql<boolean>`strpos(lower(workspace.name), ${filter.nameContains}) > 0`)
  }
  if (filter.template !== undefined) query = query.where(sql`lower(template.name)`, '=', filter.template)
  if (filter.id !== undefined) query = query.where(sql`workspace.id::text`, '=', filter.id)
  if (filter.organization !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb(sql`lower(organization.name)`, '=', filter.organization),
        eb(sql`organization.id::text`, '=', filter.organization),
      ]),
    )
  }
  if (filter.outdated !== undefined) {
    query = query.where(sql<boolean>`(latest.template_version_id <> template.active_version_id) = ${filter.outdated}`)
  }
  if (filter.dormant !== undefined) query = query.where('workspace.dormant_at', filter.dormant ? 'is not' : 'is', null)
  if (filter.status !== undefined) {
    const matching = statesOf(filter.status)
    query = query.where((eb) =>
      eb.or(matching.map(([transition, job]) => eb.and({ 'latest.transition': transition, 'latest.job_status': job }))),
    )
  }
  const found = await query
    .orderBy(sql`workspace.favorite and workspace.owner_id = ${viewer.id}`, 'desc')
    .orderBy(sql`latest.transition = 'start' and latest.job_status = 'succeeded'`, 'desc')
    .orderBy(sql`lower(owner.username)`)
    .orderBy(sql`lower(workspace.name)`)
    .select(['workspace.id', sql<number>`count(*) over ()`.as('count')])
    .$if(page.limit > 0, (paged) => paged.limit(page.limit))
    .offset(page.offset)
    .execute()
  return { ids: found.map(({ id }) => id), count: found[0]?.count ?? 0 }
}

const transitions: readonly WorkspaceTransition[] = ['start', 'stop', 'delete']
const jobStates: readonly JobStatus[] = ['pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed']

/** The pairs of transition and job that show as a status. */
function statesOf(status: WorkspaceStatus): [WorkspaceTransition, JobStatus][] {
  return transitions.flatMap((transition) =>
    jobStates
      .filter((job) => deriveWorkspaceStatus(transition, job) === status)
      .map((job): [WorkspaceTransition, JobStatus] => [transition, job]),
  )
}
