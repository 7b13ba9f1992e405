// Workspaces: a user's running or stopped instance of a template.

import { type Static, Type } from 'typebox'
import { UserParams } from '../account/users.ts'
import { WorkspaceAppStatus } from '../agents/agents.ts'
import {
  Milliseconds,
  maybe,
  Name,
  nullable,
  oneOf,
  paginationQuery,
  ServerSentEvent,
  Timestamp,
  Uuid,
} from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { MemberParams } from '../organizations/organizations.ts'
import { WorkspaceBuild, WorkspaceBuildParameter } from './builds.ts'

export const AutomaticUpdates = oneOf(['always', 'never'])
export type AutomaticUpdates = Static<typeof AutomaticUpdates>

export const WorkspaceHealth = Type.Object({ healthy: Type.Boolean(), failing_agents: Type.Array(Uuid) })
export type WorkspaceHealth = Static<typeof WorkspaceHealth>

/** A user or group that the workspace is shared with. */
export const SharedWorkspaceActor = Type.Object({
  id: Uuid,
  actor_type: oneOf(['group', 'user']),
  name: Type.String(),
  avatar_url: Type.Optional(Type.String()),
  roles: Type.Array(oneOf(['admin', 'use', ''])),
})
export type SharedWorkspaceActor = Static<typeof SharedWorkspaceActor>

export const Workspace = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  owner_id: Uuid,
  owner_name: Type.String(),
  owner_avatar_url: Type.String(),
  organization_id: Uuid,
  organization_name: Type.String(),
  template_id: Uuid,
  template_name: Type.String(),
  template_display_name: Type.String(),
  template_icon: Type.String(),
  template_allow_user_cancel_workspace_jobs: Type.Boolean(),
  template_active_version_id: Uuid,
  template_require_active_version: Type.Boolean(),
  template_use_classic_parameter_flow: Type.Boolean(),
  latest_build: WorkspaceBuild,
  latest_app_status: nullable(WorkspaceAppStatus),
  outdated: Type.Boolean(),
  name: Type.String(),
  /** A cron expression with five fields and a time zone. */
  autostart_schedule: Type.Optional(Type.String()),
  ttl_ms: Type.Optional(Type.Integer()),
  last_used_at: Timestamp,
  deleting_at: nullable(Timestamp),
  dormant_at: nullable(Timestamp),
  health: WorkspaceHealth,
  automatic_updates: AutomaticUpdates,
  allow_renames: Type.Boolean(),
  /** Set for the caller's own workspaces only. */
  favorite: Type.Boolean(),
  next_start_at: nullable(Timestamp),
  is_prebuild: Type.Boolean(),
  task_id: nullable(Uuid),
  shared_with: Type.Optional(Type.Array(SharedWorkspaceActor)),
})
export type Workspace = Static<typeof Workspace>

export const WorkspacesResponse = Type.Object({ workspaces: Type.Array(Workspace), count: Type.Integer() })
export type WorkspacesResponse = Static<typeof WorkspacesResponse>

/** Names either the template or one of its versions. Zero IDs are treated as absent. */
export const CreateWorkspaceRequest = Type.Object({
  template_id: maybe(Uuid),
  template_version_id: maybe(Uuid),
  name: Name,
  autostart_schedule: maybe(Type.String()),
  ttl_ms: maybe(Milliseconds),
  rich_parameter_values: maybe(Type.Array(WorkspaceBuildParameter)),
  automatic_updates: maybe(oneOf(['', ...AutomaticUpdates.enum])),
  template_version_preset_id: maybe(Uuid),
})
export type CreateWorkspaceRequest = Static<typeof CreateWorkspaceRequest>

export const UpdateWorkspaceRequest = Type.Object({ name: maybe(Name) })
export type UpdateWorkspaceRequest = Static<typeof UpdateWorkspaceRequest>

/** The program that uses the workspace. */
export const PostWorkspaceUsageRequest = Type.Object({
  agent_id: Uuid,
  app_name: oneOf(['vscode', 'jetbrains', 'reconnecting-pty', 'ssh']),
})

const WorkspaceParams = Type.Object({ workspace: Uuid })
const includeDeleted = { include_deleted: Type.Optional(Type.Boolean()) }

export const listWorkspaces = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces',
  summary: 'List the workspaces that the caller may see: favorites first, then running ones, then by owner and name.',
  access: user('list', 'workspace'),
  query: Type.Object({ q: Type.Optional(Type.String()), ...paginationQuery }),
  responses: { 200: WorkspacesResponse },
})

export const getWorkspace = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace',
  summary: 'Get a workspace. Returns 410 for a deleted one unless include_deleted is set.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  query: Type.Object(includeDeleted),
  responses: { 200: Workspace },
})

export const getWorkspaceByName = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/workspace/:workspacename',
  summary: "Get a user's workspace by name.",
  access: user('read', 'workspace'),
  params: Type.Object({ user: Type.String(), workspacename: Type.String() }),
  query: Type.Object(includeDeleted),
  responses: { 200: Workspace },
})

export const createWorkspace = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/workspaces',
  summary: 'Create a workspace from a template and start it.',
  access: user('create', 'workspace'),
  params: UserParams,
  body: CreateWorkspaceRequest,
  responses: { 201: Workspace },
})

/** Older path of `createWorkspace`. */
export const createWorkspaceInOrganization = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/members/:user/workspaces',
  summary: 'Create a workspace for a member of the organization.',
  access: user('create', 'workspace'),
  params: MemberParams,
  body: CreateWorkspaceRequest,
  responses: { 201: Workspace },
})

export const updateWorkspace = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspaces/:workspace',
  summary: 'Rename a workspace, if the deployment allows renames.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceRequest,
  responses: { 204: Type.Null() },
})

export const watchWorkspace = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/watch',
  summary: 'Stream the whole workspace as server-sent events on each change.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: ServerSentEvent },
  raw: true,
})

export const watchWorkspaceSocket = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/watch-ws',
  summary: 'Stream the whole workspace over a WebSocket on each change.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 101: ServerSentEvent },
  upgrade: true,
})

export const postWorkspaceUsage = endpoint({
  method: 'POST',
  path: '/api/v2/workspaces/:workspace/usage',
  summary: 'Report activity in a workspace, which postpones its automatic stop.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  /** Any other body, or none, also counts as activity. */
  body: Type.Unsafe<unknown>({ properties: { agent_id: {}, app_name: {} } }),
  responses: { 204: Type.Null() },
})
