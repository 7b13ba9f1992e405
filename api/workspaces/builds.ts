// Builds: a transition of a workspace, the job that performs it, and the resulting resources.

import { type Static, Type } from 'typebox'
import { WorkspaceAgent } from '../agents/agents.ts'
import { maybe, NamedValue, nullable, oneOf, paginationQuery, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import {
  FollowLogsQuery,
  LogsQuery,
  MatchedProvisioners,
  ProvisionerJob,
  ProvisionerJobLog,
} from '../organizations/provisioner-jobs.ts'

export const WorkspaceTransition = oneOf(['start', 'stop', 'delete'])
export type WorkspaceTransition = Static<typeof WorkspaceTransition>

/** Derived from the transition and its job's status. */
export const WorkspaceStatus = oneOf([
  'pending',
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'canceling',
  'canceled',
  'deleting',
  'deleted',
])
export type WorkspaceStatus = Static<typeof WorkspaceStatus>

/** Build reasons that clients may set. */
const clientReasons = [
  'dashboard',
  'cli',
  'ssh_connection',
  'vscode_connection',
  'jetbrains_connection',
  'task_manual_pause',
  'task_resume',
] as const

export const BuildReason = oneOf([
  'initiator',
  'autostart',
  'autostop',
  'dormancy',
  'autodelete',
  'failedstop',
  'task_auto_pause',
  ...clientReasons,
])
export type BuildReason = Static<typeof BuildReason>

export const WorkspaceResourceMetadata = Type.Object({
  key: Type.String(),
  value: Type.String(),
  sensitive: Type.Boolean(),
})
export type WorkspaceResourceMetadata = Static<typeof WorkspaceResourceMetadata>

export const WorkspaceResource = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  job_id: Uuid,
  workspace_transition: WorkspaceTransition,
  type: Type.String(),
  name: Type.String(),
  hide: Type.Boolean(),
  icon: Type.String(),
  agents: Type.Optional(Type.Array(WorkspaceAgent)),
  metadata: Type.Optional(Type.Array(WorkspaceResourceMetadata)),
  daily_cost: Type.Integer(),
})
export type WorkspaceResource = Static<typeof WorkspaceResource>

export const WorkspaceBuild = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  workspace_id: Uuid,
  workspace_name: Type.String(),
  workspace_owner_id: Uuid,
  workspace_owner_name: Type.Optional(Type.String()),
  workspace_owner_avatar_url: Type.Optional(Type.String()),
  template_version_id: Uuid,
  template_version_name: Type.String(),
  build_number: Type.Integer(),
  transition: WorkspaceTransition,
  initiator_id: Uuid,
  initiator_name: Type.String(),
  job: ProvisionerJob,
  reason: BuildReason,
  resources: Type.Array(WorkspaceResource),
  deadline: nullable(Timestamp),
  max_deadline: nullable(Timestamp),
  status: WorkspaceStatus,
  daily_cost: Type.Integer(),
  /** Zero for finished jobs. */
  matched_provisioners: MatchedProvisioners,
  template_version_preset_id: nullable(Uuid),
  has_ai_task: Type.Optional(Type.Boolean()),
  has_external_agent: Type.Optional(Type.Boolean()),
})
export type WorkspaceBuild = Static<typeof WorkspaceBuild>

export const WorkspaceBuildParameter = NamedValue
export type WorkspaceBuildParameter = Static<typeof WorkspaceBuildParameter>

const Base64 = Type.String({ pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' })

/** Zero IDs are treated as absent. */
export const CreateWorkspaceBuildRequest = Type.Object({
  transition: WorkspaceTransition,
  template_version_id: maybe(Uuid),
  rich_parameter_values: maybe(Type.Array(WorkspaceBuildParameter)),
  dry_run: maybe(Type.Boolean()),
  /** Terraform state to use instead of the latest one. */
  state: maybe(Base64),
  /** With `delete`: abandons the resources instead of destroying them. */
  orphan: maybe(Type.Boolean()),
  log_level: maybe(oneOf(['', 'debug'])),
  template_version_preset_id: maybe(Uuid),
  reason: maybe(oneOf(['', ...clientReasons])),
})
export type CreateWorkspaceBuildRequest = Static<typeof CreateWorkspaceBuildRequest>

export const TimingStage = oneOf(['init', 'plan', 'graph', 'apply', 'start', 'stop', 'cron', 'connect'])
export type TimingStage = Static<typeof TimingStage>

export const ProvisionerTiming = Type.Object({
  job_id: Uuid,
  started_at: Timestamp,
  ended_at: Timestamp,
  stage: TimingStage,
  source: Type.String(),
  action: Type.String(),
  resource: Type.String(),
})
export type ProvisionerTiming = Static<typeof ProvisionerTiming>

export const AgentScriptTiming = Type.Object({
  started_at: Timestamp,
  ended_at: Timestamp,
  exit_code: Type.Integer(),
  stage: TimingStage,
  status: Type.String(),
  display_name: Type.String(),
  workspace_agent_id: Type.String(),
  workspace_agent_name: Type.String(),
})
export type AgentScriptTiming = Static<typeof AgentScriptTiming>

export const AgentConnectionTiming = Type.Object({
  started_at: Timestamp,
  ended_at: Timestamp,
  stage: TimingStage,
  workspace_agent_id: Type.String(),
  workspace_agent_name: Type.String(),
})
export type AgentConnectionTiming = Static<typeof AgentConnectionTiming>

export const WorkspaceBuildTimings = Type.Object({
  provisioner_timings: Type.Array(ProvisionerTiming),
  agent_script_timings: Type.Array(AgentScriptTiming),
  agent_connection_timings: Type.Array(AgentConnectionTiming),
})
export type WorkspaceBuildTimings = Static<typeof WorkspaceBuildTimings>

const BuildParams = Type.Object({ workspacebuild: Uuid })
const BuildsOfWorkspaceParams = Type.Object({ workspace: Uuid })

export const createBuild = endpoint({
  method: 'POST',
  path: '/api/v2/workspaces/:workspace/builds',
  summary: 'Create a build that starts, stops or deletes a workspace. Rejected while another build is active.',
  // Each transition is a separate action, authorized once the body is known.
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  body: CreateWorkspaceBuildRequest,
  responses: { 201: WorkspaceBuild },
})

export const listBuilds = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/builds',
  summary: 'List the builds of a workspace, latest first.',
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  query: Type.Object({ ...paginationQuery, since: Type.Optional(Timestamp) }),
  responses: { 200: Type.Array(WorkspaceBuild) },
})

export const getBuild = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild',
  summary: 'Get a build.',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: WorkspaceBuild },
})

export const getBuildByNumber = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/workspace/:workspacename/builds/:buildnumber',
  summary: 'Get a build by its number within the workspace.',
  access: user('read', 'workspace'),
  params: Type.Object({
    user: Type.String(),
    workspacename: Type.String(),
    buildnumber: Type.Integer({ minimum: 1 }),
  }),
  responses: { 200: WorkspaceBuild },
})

export const cancelBuild = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspacebuilds/:workspacebuild/cancel',
  summary: 'Cancel a running or pending build.',
  access: user('update', 'workspace'),
  params: BuildParams,
  query: Type.Object({ expect_status: Type.Optional(oneOf(['running', 'pending'])) }),
  responses: { 200: Response },
})

export const getBuildLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/logs',
  summary: 'List the log lines of a build.',
  access: user('read', 'workspace'),
  params: BuildParams,
  query: LogsQuery,
  responses: { 200: Type.Array(ProvisionerJobLog) },
})

export const followBuildLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/logs',
  summary: 'Stream the log lines of a build, one per frame, until it finishes.',
  access: user('read', 'workspace'),
  params: BuildParams,
  query: FollowLogsQuery,
  responses: { 101: ProvisionerJobLog },
  upgrade: true,
})

export const getBuildParameters = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/parameters',
  summary: 'List the parameter values of a build.',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: Type.Array(WorkspaceBuildParameter) },
})

export const getBuildResources = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/resources',
  summary: 'List the resources of a build with their agents.',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: Type.Array(WorkspaceResource) },
})

export const getBuildState = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/state',
  summary: 'Get the Terraform state of a build. Requires permission to update templates.',
  access: user('update', 'template'),
  params: BuildParams,
  responses: { 200: Type.Unknown() },
  raw: true,
})

export const updateBuildState = endpoint({
  method: 'PUT',
  path: '/api/v2/workspacebuilds/:workspacebuild/state',
  summary: 'Replace the Terraform state of a build without building. Requires permission to update templates.',
  access: user('update', 'template'),
  params: BuildParams,
  body: Type.Object({ state: Base64 }),
  responses: { 204: Type.Null() },
})

export const getWorkspaceTimings = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/timings',
  summary: "Get the timings of the workspace's latest build.",
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  responses: { 200: WorkspaceBuildTimings },
})

export const getBuildTimings = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/timings',
  summary: 'Get the timings of each stage, script and agent connection of a build.',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: WorkspaceBuildTimings },
})
