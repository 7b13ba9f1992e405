// Loads tasks in their API form, in batches: first the rows, then the workspaces.

import type { WorkspaceAgent, WorkspaceApp } from '../../api/agents/agents.ts'
import { zeroUuid } from '../../api/common.ts'
import type { Task } from '../../api/tasks/tasks.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import type { ResourceContext } from '../builds/load-resources.ts'
import type { Db } from '../database/connect.ts'
import { omitEmpty } from '../omit-empty.ts'
import { loadWorkspaces } from '../workspaces/load-workspaces.ts'
import { deriveTaskStatus } from './task-status.ts'

/** Returns tasks in the order of `ids`. */
export async function loadTasks(context: ResourceContext, ids: readonly string[], viewerId: string): Promise<Task[]> {
  if (ids.length === 0) return []
  const rows = await readRows(context.db, ids)
  const workspaceIds = rows.flatMap(({ workspace_id }) => workspace_id ?? [])
  const workspaces = new Map(
    (await loadWorkspaces(context, workspaceIds, viewerId)).map((workspace) => [workspace.id, workspace]),
  )
  const appIds = await readTaskApps(context.db, [...workspaces.values()])
  const tasks = new Map(rows.map((row) => [row.id, toTask(row, workspaces.get(row.workspace_id ?? ''), appIds)]))
  return ids.flatMap((id) => tasks.get(id) ?? [])
}

type TaskRow = Awaited<ReturnType<typeof readRows>>[number]

async function readRows(db: Db, ids: readonly string[]) {
  return await db
    .selectFrom('tasks as task')
    .innerJoin('users as owner', 'owner.id', 'task.owner_id')
    .innerJoin('template_versions as version', 'version.id', 'task.template_version_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('task.id', 'in', ids)
    .selectAll('task')
    .select([
      'owner.username as owner_name',
      'owner.avatar_url as owner_avatar_url',
      'template.id as template_id',
      'template.name as template_name',
      'template.display_name as template_display_name',
      'template.icon as template_icon',
    ])
    .execute()
}

/** Loads the apps of the tasks' AI tools. */
async function readTaskApps(db: Db, workspaces: readonly Workspace[]): Promise<Set<string>> {
  const agentIds = workspaces.flatMap(agentsOf).map(({ id }) => id)
  if (agentIds.length === 0) return new Set()
  const apps = await db
    .selectFrom('workspace_apps')
    .select('id')
    .where('agent_id', 'in', agentIds)
    .where('is_task', '=', true)
    .execute()
  return new Set(apps.map(({ id }) => id))
}

const agentsOf = ({ latest_build }: Workspace): WorkspaceAgent[] =>
  latest_build.resources.flatMap((resource) => resource.agents ?? [])

function toTask(row: TaskRow, workspace: Workspace | undefined, appIds: ReadonlySet<string>): Task {
  const agents = workspace ? agentsOf(workspace) : []
  const agent = agents.find(({ apps }) => apps.some(({ id }) => appIds.has(id))) ?? agents[0]
  const app = agent?.apps.find(({ id }) => appIds.has(id))
  const status = deriveTaskStatus(workspace, agent, app)
  return {
    id: row.id,
    organization_id: row.organization_id,
    owner_id: row.owner_id,
    owner_name: row.owner_name,
    ...omitEmpty({ owner_avatar_url: row.owner_avatar_url }, ['owner_avatar_url']),
    name: row.name,
    display_name: row.display_name,
    template_id: row.template_id ?? zeroUuid,
    template_version_id: row.template_version_id,
    template_name: row.template_name ?? '',
    template_display_name: row.template_display_name ?? '',
    template_icon: row.template_icon ?? '',
    workspace_id: row.workspace_id,
    workspace_name: workspace?.name ?? '',
    ...(workspace && {
      workspace_status: workspace.latest_build.status,
      workspace_build_number: workspace.latest_build.build_number,
    }),
    workspace_agent_id: agent?.id ?? null,
    workspace_agent_lifecycle: agent?.lifecycle_state ?? null,
    workspace_agent_health: agent?.health ?? null,
    workspace_app_id: app?.id ?? null,
    initial_prompt: row.prompt,
    status,
    current_state: stateOf(workspace, app) ?? startupState(workspace, status),
    created_at: row.created_at.toISOString(),
    updated_at: workspace?.updated_at ?? row.created_at.toISOString(),
  }
}

/** Latest status of the tool since the last start of the workspace. */
function stateOf(workspace: Workspace | undefined, app: WorkspaceApp | undefined): Task['current_state'] {
  const last = app?.statuses[0] ?? workspace?.latest_app_status
  if (!last) return null
  return {
    timestamp: last.created_at,
    state: last.state === 'failure' ? 'failed' : last.state,
    message: last.message,
    uri: last.uri,
  }
}

/** State derived from the workspace before the tool has reported one. */
function startupState(workspace: Workspace | undefined, status: Task['status']): Task['current_state'] {
  const message =
    status === 'pending'
      ? 'The workspace is waiting for its build'
      : status === 'initializing' && 'The workspace is starting'
  if (!workspace || !message) return null
  return { timestamp: workspace.latest_build.created_at, state: 'working', message, uri: '' }
}
