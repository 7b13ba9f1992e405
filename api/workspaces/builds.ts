// Builds: one transition of a workspace, the job that carries it out, and the resources it leaves.

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

/** Computed from the transition and the status of its job. */
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

/** The reasons that a client may give for a build it asks for. */
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
  /** None of a job that has ended. */
  matched_provisioners: MatchedProvisioners,
  template_version_preset_id: nullable(Uuid),
  has_ai_task: Type.Optional(Type.Boolean()),
  has_external_agent: Type.Optional(Type.Boolean()),
})
export type WorkspaceBuild = Static<typeof WorkspaceBuild>

export const WorkspaceBuildParameter = NamedValue
export type WorkspaceBuildParameter = Static<typeof WorkspaceBuildParameter>

/** Ids of zeros mean: left out. */
const Base64 = Type.String({ pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' })

export const CreateWorkspaceBuildRequest = Type.Object({
  transition: WorkspaceTransition,
  template_version_id: maybe(Uuid),
  rich_parameter_values: maybe(Type.Array(WorkspaceBuildParameter)),
  dry_run: maybe(Type.Boolean()),
  /** Terraform state to build from instead of the last one. */
  state: maybe(Base64),
  /** With `delete`: forget the resources instead of destroying them. */
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
  summary: 'Asks for the workspace to be started, stopped or deleted; refused while another build is active',
  // Each transition is an action of its own, asked about when the body is known.
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  body: CreateWorkspaceBuildRequest,
  responses: { 201: WorkspaceBuild },
})

export const listBuilds = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/builds',
  summary: "Lists a workspace's builds, the latest first",
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  query: Type.Object({ ...paginationQuery, since: Type.Optional(Timestamp) }),
  responses: { 200: Type.Array(WorkspaceBuild) },
})

export const getBuild = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild',
  summary: 'Gives a build',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: WorkspaceBuild },
})

export const getBuildByNumber = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/workspace/:workspacename/builds/:buildnumber',
  summary: 'Gives a build by its number within the workspace',
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
  summary: 'Asks the running or waiting build to end early',
  access: user('update', 'workspace'),
  params: BuildParams,
  query: Type.Object({ expect_status: Type.Optional(oneOf(['running', 'pending'])) }),
  responses: { 200: Response },
})

export const getBuildLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/logs',
  summary: "Lists the build's log lines so far",
  access: user('read', 'workspace'),
  params: BuildParams,
  query: LogsQuery,
  responses: { 200: Type.Array(ProvisionerJobLog) },
})

export const followBuildLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/logs',
  summary: "Streams the build's log lines, one a frame, and closes when the build is over",
  access: user('read', 'workspace'),
  params: BuildParams,
  query: FollowLogsQuery,
  responses: { 101: ProvisionerJobLog },
  upgrade: true,
})

export const getBuildParameters = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/parameters',
  summary: 'Lists the parameter values the build was made with',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: Type.Array(WorkspaceBuildParameter) },
})

export const getBuildResources = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/resources',
  summary: 'Lists the resources the build left, with their agents',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: Type.Array(WorkspaceResource) },
})

export const getBuildState = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/state',
  summary: "Gives the build's Terraform state as it was stored; for those who may update the template",
  access: user('update', 'template'),
  params: BuildParams,
  responses: { 200: Type.Unknown() },
  raw: true,
})

export const updateBuildState = endpoint({
  method: 'PUT',
  path: '/api/v2/workspacebuilds/:workspacebuild/state',
  summary: "Replaces the build's Terraform state without building; for those who may update the template",
  access: user('update', 'template'),
  params: BuildParams,
  body: Type.Object({ state: Base64 }),
  responses: { 204: Type.Null() },
})

/** Of the latest build. */
export const getWorkspaceTimings = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/timings',
  summary: "Tells how long the parts of the workspace's latest build took",
  access: user('read', 'workspace'),
  params: BuildsOfWorkspaceParams,
  responses: { 200: WorkspaceBuildTimings },
})

export const getBuildTimings = endpoint({
  method: 'GET',
  path: '/api/v2/workspacebuilds/:workspacebuild/timings',
  summary: 'Tells how long each stage, script and connection of the build took',
  access: user('read', 'workspace'),
  params: BuildParams,
  responses: { 200: WorkspaceBuildTimings },
})
