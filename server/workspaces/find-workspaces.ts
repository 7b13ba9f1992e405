// Finds the workspaces of a list in order: the user's favorites, then running ones, by owner and name. Without a
// filter the order comes from an index, independent of the number of workspaces.

import { type RawBuilder, sql } from 'kysely'
import type { WorkspaceStatus, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import { agentStatusSql } from '../agents/agent-status.ts'
import { deriveWorkspaceStatus } from '../builds/workspace-status.ts'
import type { Db } from '../database/connect.ts'
import type { JobStatus } from '../database/schema.ts'
import { groupIsNamed } from '../search/searched-names.ts'
import type { WorkspaceFilter } from './workspace-search.ts'

export interface Viewer {
  readonly id: string
  /** Whether the user may read all workspaces; otherwise only owned and shared ones. */
  readonly mayReadAll: boolean
  /** Groups of the viewer; the "Everyone" group has the ID of its organization. */
  readonly groupIds: readonly string[]
  /** Workspaces to which the viewer's API key is restricted. */
  readonly onlyIds?: readonly string[] | undefined
}

export interface WorkspacePage {
  /** 0 disables the limit. */
  readonly limit: number
  readonly offset: number
}

/** @param connected agents connected to this coderd, which is more current than the database
 *  @returns the IDs of the page in order, and the total count */
export async function findWorkspaces(
  db: Db,
  viewer: Viewer,
  filter: WorkspaceFilter,
  page: WorkspacePage,
  connected: readonly string[] = [],
): Promise<{ ids: string[]; count: number }> {
  const found = selectMatching(db, viewer, filter, connected)
  const isOwnFavorite = sql<boolean>`(workspace.favorite and workspace.owner_id = ${viewer.id})`
  const end = page.limit > 0 ? page.limit + page.offset : undefined
  // Favorites and other workspaces are separate subqueries, each in index order.
  const subquery = (where: RawBuilder<boolean>, rank: number) =>
    found
      .where(where)
      .select([
        'workspace.id',
        sql<number>`${sql.lit(rank)}`.as('rank'),
        'workspace.is_running',
        'workspace.owner_sort',
        sql<string>`lower(workspace.name)`.as('sort_name'),
      ])
      .orderBy('workspace.is_running', 'desc')
      // For one owner the index orders by name only.
      .$if(filter.owner !== 'me', (query) => query.orderBy('workspace.owner_sort'))
      .orderBy(sql`lower(workspace.name)`)
      .$if(end !== undefined, (query) => query.limit(end ?? 0))
  const [{ rows }, { count }] = await Promise.all([
    sql<{ id: string }>`
      select id from (${subquery(isOwnFavorite, 0)} union all ${subquery(sql`not ${isOwnFavorite}`, 1)}) page
      order by rank, is_running desc, owner_sort, sort_name
      ${page.limit > 0 ? sql`limit ${page.limit}` : sql``} offset ${page.offset}`.execute(db),
    found.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
  ])
  return { ids: rows.map(({ id }) => id), count }
}

function selectMatching(db: Db, viewer: Viewer, filter: WorkspaceFilter, connected: readonly string[]) {
  let query = db.selectFrom('workspaces as workspace').where('workspace.deleted', '=', false)
  const where = (condition: RawBuilder<boolean>) => {
    query = query.where(condition)
  }
  if (!viewer.mayReadAll) where(sharedWith(viewer.id, viewer.groupIds, sql`workspace.owner_id = ${viewer.id} or`))
  if (viewer.onlyIds) where(sql`workspace.id = any(${viewer.onlyIds}::uuid[])`)
  if (filter.owner === 'me') where(sql`workspace.owner_id = ${viewer.id}`)
  else if (filter.owner !== undefined) where(sql`workspace.owner_sort = ${filter.owner}`)
  for (const part of filter.nameParts) where(sql`strpos(lower(workspace.name), ${part}) > 0`)
  if (filter.ids.length > 0) where(sql`workspace.id = any(${filter.ids}::uuid[])`)
  if (filter.dormant !== undefined) where(sql`(workspace.dormant_at is not null) = ${filter.dormant}`)
  if (filter.usedAfter) where(sql`workspace.last_used_at > ${filter.usedAfter}`)
  if (filter.usedBefore) where(sql`workspace.last_used_at < ${filter.usedBefore}`)
  if (filter.template !== undefined) {
    where(sql`workspace.template_id in (select id from templates where lower(name) = ${filter.template})`)
  }
  if (filter.organization !== undefined) {
    where(sql`workspace.organization_id in
      (select id from organizations where lower(name) = ${filter.organization} or id::text = ${filter.organization})`)
  }
  whereShared(where, viewer, filter)
  whereBuild(where, filter, connected)
  return query
}

type Where = (condition: RawBuilder<boolean>) => void

const sharedWith = (userId: string, groupIds: readonly string[], or = sql``) =>
  sql<boolean>`(${or} workspace.user_acl <> '{}' and workspace.user_acl ? ${userId}::text
    or workspace.group_acl <> '{}' and workspace.group_acl ?| ${groupIds}::text[])`

function whereShared(where: Where, viewer: Viewer, filter: WorkspaceFilter): void {
  if (filter.shared !== undefined) {
    where(sql`(workspace.user_acl <> '{}' or workspace.group_acl <> '{}') = ${filter.shared}`)
  }
  if (filter.sharedWithUser === 'me') where(sql`workspace.user_acl ? ${viewer.id}::text`)
  else if (filter.sharedWithUser !== undefined) {
    where(sql`workspace.user_acl ?| array(select id::text from users
      where not deleted and (lower(username) = ${filter.sharedWithUser} or id::text = ${filter.sharedWithUser}))`)
  }
  if (filter.sharedWithGroup !== undefined) {
    where(sql`workspace.group_acl ?| array(select groups.id::text
      from groups join organizations organization on organization.id = organization_id
      where ${groupIsNamed(filter.sharedWithGroup)})`)
  }
}

/** Conditions on the latest build. */
function whereBuild(where: Where, filter: WorkspaceFilter, connected: readonly string[]): void {
  const build = (condition: RawBuilder<boolean>, joins = sql``) =>
    where(sql`exists (select from workspace_builds build ${joins}
      where build.id = workspace.latest_build_id and ${condition})`)
  const version = sql`join template_versions version on version.id = build.template_version_id`
  if (filter.status !== undefined) {
    const pairs = statesOf(filter.status).map(
      ([transition, job]) => sql<boolean>`(build.transition = ${transition} and job.job_status = ${job})`,
    )
    build(
      sql`(${pairs.length === 0 ? sql`false` : sql.join(pairs, sql` or `)})`,
      sql`join provisioner_jobs job on job.id = build.job_id`,
    )
  }
  if (filter.outdated !== undefined) {
    build(
      sql`(build.template_version_id <> template.active_version_id) = ${filter.outdated}`,
      sql`join templates template on template.id = workspace.template_id`,
    )
  }
  if (filter.hasAiTask !== undefined) build(sql`version.has_ai_task = ${filter.hasAiTask}`, version)
  if (filter.hasExternalAgent !== undefined)
    build(sql`version.has_external_agent = ${filter.hasExternalAgent}`, version)
  for (const { name, value } of filter.parameters) {
    build(
      value === undefined ? sql`true` : sql`lower(parameter.value) = ${value}`,
      sql`join workspace_build_parameters parameter
        on parameter.workspace_build_id = build.id and lower(parameter.name) = ${name}`,
    )
  }
  for (const statuses of filter.agentStatuses) {
    build(
      sql`${agentStatusSql(connected)} = any(${statuses}::text[])`,
      sql`join workspace_resources resource on resource.job_id = build.job_id
        join workspace_agents agent on agent.resource_id = resource.id`,
    )
  }
}

const transitions: readonly WorkspaceTransition[] = ['start', 'stop', 'delete']
const jobStates: readonly JobStatus[] = ['pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed']

/** Pairs of transition and job status that result in a workspace status. */
function statesOf(status: WorkspaceStatus): [WorkspaceTransition, JobStatus][] {
  return transitions.flatMap((transition) =>
    jobStates
      .filter((job) => deriveWorkspaceStatus(transition, job) === status)
      .map((job): [WorkspaceTransition, JobStatus] => [transition, job]),
  )
}
