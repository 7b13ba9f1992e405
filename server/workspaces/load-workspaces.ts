// Loads workspaces in their API form, in batches without a query per row. find-workspaces.ts selects and orders them.

import { zeroTime } from '../../api/common.ts'
import type { WorkspaceBuild } from '../../api/workspaces/builds.ts'
import type { SharedWorkspaceActor, Workspace } from '../../api/workspaces/workspaces.ts'
import { loadBuilds } from '../builds/load-builds.ts'
import type { ResourceContext, SensitiveValues } from '../builds/load-resources.ts'
import type { Db } from '../database/connect.ts'
import { loadSharedActors } from './load-sharing.ts'

/** Returns workspaces in the order of `ids`, without missing ones.
 *  @param viewerId the favorite flag is only set for the owner */
export async function loadWorkspaces(
  context: ResourceContext,
  ids: readonly string[],
  viewerId: string,
  sensitiveValues?: SensitiveValues,
): Promise<Workspace[]> {
  if (ids.length === 0) return []
  const rows = await readRows(context.db, ids)
  const builds = await loadBuilds(
    context,
    rows.map(({ build_id }) => build_id),
    sensitiveValues,
  )
  const sharedActors = await loadSharedActors(context.db, rows)
  const buildsByWorkspace = new Map(builds.map((build) => [build.workspace_id, build]))
  const workspaces = new Map<string, Workspace>()
  for (const row of rows) {
    const build = buildsByWorkspace.get(row.id)
    if (build) workspaces.set(row.id, toWorkspace(row, build, sharedActors(row), viewerId))
  }
  return ids.flatMap((id) => workspaces.get(id) ?? [])
}

export async function loadWorkspace(
  context: ResourceContext,
  id: string,
  viewerId: string,
  sensitiveValues?: SensitiveValues,
): Promise<Workspace> {
  const [workspace] = await loadWorkspaces(context, [id], viewerId, sensitiveValues)
  if (!workspace) throw new Error(`workspace ${id} has no build`)
  return workspace
}

type WorkspaceRow = Awaited<ReturnType<typeof readRows>>[number]

async function readRows(db: Db, ids: readonly string[]) {
  return await db
    .selectFrom('workspaces as workspace')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('organizations as organization', 'organization.id', 'workspace.organization_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom('workspace_builds')
          .whereRef('workspace_builds.workspace_id', '=', 'workspace.id')
          .select(['workspace_builds.id', 'workspace_builds.template_version_id'])
          .orderBy('build_number', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .where('workspace.id', 'in', ids)
    .selectAll('workspace')
    .select([
      'owner.username as owner_name',
      'owner.avatar_url as owner_avatar_url',
      'organization.name as organization_name',
      'template.name as template_name',
      'template.display_name as template_display_name',
      'template.icon as template_icon',
      'template.allow_user_cancel_workspace_jobs',
      'template.allow_user_autostop',
      'template.default_ttl_ms',
      'template.active_version_id',
      'template.require_active_version',
      'template.use_classic_parameter_flow',
      'latest.id as build_id',
      'latest.template_version_id as build_version_id',
    ])
    .select(({ selectFrom }) => [
      selectFrom('tasks')
        .whereRef('tasks.workspace_id', '=', 'workspace.id')
        .where('tasks.deleted_at', 'is', null)
        .select('tasks.id')
        .limit(1)
        .as('task_id'),
    ])
    .execute()
}

/** The template's TTL applies if users may not set their own. */
function ttlOf(row: WorkspaceRow): { ttl_ms?: number } {
  const ttlMs = row.allow_user_autostop ? row.ttl_ms : row.default_ttl_ms || null
  return ttlMs === null ? {} : { ttl_ms: ttlMs }
}

function toWorkspace(
  row: WorkspaceRow,
  build: WorkspaceBuild,
  shared: readonly SharedWorkspaceActor[],
  viewerId: string,
): Workspace {
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    owner_id: row.owner_id,
    owner_name: row.owner_name,
    owner_avatar_url: row.owner_avatar_url,
    organization_id: row.organization_id,
    organization_name: row.organization_name,
    template_id: row.template_id,
    template_name: row.template_name,
    template_display_name: row.template_display_name,
    template_icon: row.template_icon,
    template_allow_user_cancel_workspace_jobs: row.allow_user_cancel_workspace_jobs,
    template_active_version_id: row.active_version_id,
    template_require_active_version: row.require_active_version,
    template_use_classic_parameter_flow: row.use_classic_parameter_flow,
    latest_build: build,
    latest_app_status: latestStatus(build),
    outdated: row.build_version_id !== row.active_version_id,
    name: row.name,
    ...(row.autostart_schedule !== null && { autostart_schedule: row.autostart_schedule }),
    ...ttlOf(row),
    last_used_at: row.last_used_at?.toISOString() ?? zeroTime,
    deleting_at: row.deleting_at?.toISOString() ?? null,
    dormant_at: row.dormant_at?.toISOString() ?? null,
    health: toHealth(build),
    automatic_updates: row.automatic_updates,
    allow_renames: true,
    favorite: row.favorite && row.owner_id === viewerId,
    // Dormant workspaces do not autostart.
    next_start_at: row.dormant_at ? null : (row.next_start_at?.toISOString() ?? null),
    is_prebuild: false,
    ...(shared.length > 0 && { shared_with: [...shared] }),
    task_id: row.task_id,
  }
}

/** Returns the newest status among all apps. */
function latestStatus({ resources }: WorkspaceBuild): Workspace['latest_app_status'] {
  const apps = resources.flatMap((resource) => resource.agents ?? []).flatMap((agent) => agent.apps)
  const last = apps.flatMap(({ statuses }) => statuses[0] ?? [])
  return last.reduce<Workspace['latest_app_status']>(
    (newest, status) => (newest && newest.created_at >= status.created_at ? newest : status),
    null,
  )
}

/** Ignores child agents: their parent's health covers them. */
function toHealth({ resources }: WorkspaceBuild): Workspace['health'] {
  const agents = resources.flatMap((resource) => resource.agents ?? [])
  const failing = agents.filter(({ parent_id, health }) => parent_id === null && !health.healthy).map(({ id }) => id)
  return { healthy: failing.length === 0, failing_agents: failing }
}
