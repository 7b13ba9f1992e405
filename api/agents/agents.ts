// Workspace agents for clients: status, apps, scripts, logs, terminals. The protocol between agent and coderd is
// in agent-protocol.ts.

import { type Static, Type } from 'typebox'
import { maybe, nullable, oneOf, Response, Timestamp, Uuid } from '../common.ts'
import { agent, endpoint, user } from '../endpoint.ts'
import { FollowLogsQuery, LogLevel, LogsQuery } from '../organizations/provisioner-jobs.ts'
import { type LifecycleState, lifecycleStates } from './agent-protocol.ts'

/** Computed by coderd from the agent's last heartbeat. */
export const WorkspaceAgentStatus = oneOf(['connecting', 'connected', 'disconnected', 'timeout'])
export type WorkspaceAgentStatus = Static<typeof WorkspaceAgentStatus>

/** Reported by the agent itself. */
export const WorkspaceAgentLifecycle = oneOf(lifecycleStates)
export type WorkspaceAgentLifecycle = LifecycleState

export const AgentSubsystem = oneOf(['envbox', 'envbuilder', 'exectrace'])
export type AgentSubsystem = Static<typeof AgentSubsystem>

export const DisplayApp = oneOf(['vscode', 'vscode_insiders', 'web_terminal', 'port_forwarding_helper', 'ssh_helper'])
export type DisplayApp = Static<typeof DisplayApp>

export const SharingLevel = oneOf(['owner', 'authenticated', 'organization', 'public'])
export type SharingLevel = Static<typeof SharingLevel>

export const WorkspaceAppHealth = oneOf(['disabled', 'initializing', 'healthy', 'unhealthy'])
export type WorkspaceAppHealth = Static<typeof WorkspaceAppHealth>

/** Templates of older providers may use `window`. */
export const WorkspaceAppOpenIn = oneOf(['slim-window', 'tab', 'window'])
export type WorkspaceAppOpenIn = Static<typeof WorkspaceAppOpenIn>

export const WorkspaceAppStatusState = oneOf(['working', 'idle', 'complete', 'failure'])
export type WorkspaceAppStatusState = Static<typeof WorkspaceAppStatusState>

/** The last reported activity of an app, usually an AI tool. */
export const WorkspaceAppStatus = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  workspace_id: Uuid,
  agent_id: Uuid,
  app_id: Uuid,
  state: WorkspaceAppStatusState,
  message: Type.String(),
  uri: Type.String(),
  icon: Type.String(),
  needs_user_attention: Type.Boolean(),
})
export type WorkspaceAppStatus = Static<typeof WorkspaceAppStatus>

/** `interval` in seconds; `threshold` is the number of consecutive failures. An empty `url` disables the check. */
export const Healthcheck = Type.Object({ url: Type.String(), interval: Type.Integer(), threshold: Type.Integer() })
export type Healthcheck = Static<typeof Healthcheck>

export const WorkspaceApp = Type.Object({
  id: Uuid,
  url: Type.Optional(Type.String()),
  external: Type.Boolean(),
  slug: Type.String(),
  display_name: Type.Optional(Type.String()),
  command: Type.Optional(Type.String()),
  icon: Type.Optional(Type.String()),
  subdomain: Type.Boolean(),
  subdomain_name: Type.Optional(Type.String()),
  sharing_level: SharingLevel,
  healthcheck: Healthcheck,
  health: WorkspaceAppHealth,
  group: Type.Optional(Type.String()),
  hidden: Type.Boolean(),
  open_in: WorkspaceAppOpenIn,
  tooltip: Type.Optional(Type.String()),
  statuses: Type.Array(WorkspaceAppStatus),
})
export type WorkspaceApp = Static<typeof WorkspaceApp>

export const WorkspaceAgentScript = Type.Object({
  id: Uuid,
  log_source_id: Uuid,
  log_path: Type.String(),
  script: Type.String(),
  cron: Type.String(),
  run_on_start: Type.Boolean(),
  run_on_stop: Type.Boolean(),
  start_blocks_login: Type.Boolean(),
  /** Nanoseconds; 0 is no limit. */
  timeout: Type.Integer(),
  display_name: Type.String(),
})
export type WorkspaceAgentScript = Static<typeof WorkspaceAgentScript>

export const WorkspaceAgentLogSource = Type.Object({
  workspace_agent_id: Uuid,
  id: Uuid,
  created_at: Timestamp,
  display_name: Type.String(),
  icon: Type.String(),
})
export type WorkspaceAgentLogSource = Static<typeof WorkspaceAgentLogSource>

/** `reason` is set if the agent is not healthy. */
export const WorkspaceAgentHealth = Type.Object({ healthy: Type.Boolean(), reason: Type.Optional(Type.String()) })
export type WorkspaceAgentHealth = Static<typeof WorkspaceAgentHealth>

export const Latency = Type.Object({ preferred: Type.Boolean(), latency_ms: Type.Number() })
export type Latency = Static<typeof Latency>

export const WorkspaceAgent = Type.Object({
  id: Uuid,
  parent_id: nullable(Uuid),
  created_at: Timestamp,
  updated_at: Timestamp,
  first_connected_at: Type.Optional(Timestamp),
  last_connected_at: Type.Optional(Timestamp),
  disconnected_at: Type.Optional(Timestamp),
  started_at: Type.Optional(Timestamp),
  ready_at: Type.Optional(Timestamp),
  status: WorkspaceAgentStatus,
  lifecycle_state: WorkspaceAgentLifecycle,
  name: Type.String(),
  resource_id: Uuid,
  instance_id: Type.Optional(Type.String()),
  architecture: Type.String(),
  /** `null` when there are none. */
  environment_variables: nullable(Type.Record(Type.String(), Type.String())),
  operating_system: Type.String(),
  logs_length: Type.Integer(),
  logs_overflowed: Type.Boolean(),
  directory: Type.Optional(Type.String()),
  expanded_directory: Type.Optional(Type.String()),
  version: Type.String(),
  api_version: Type.String(),
  apps: Type.Array(WorkspaceApp),
  /** By region name. */
  latency: Type.Optional(Type.Record(Type.String(), Latency)),
  connection_timeout_seconds: Type.Integer(),
  troubleshooting_url: Type.String(),
  subsystems: Type.Array(AgentSubsystem),
  health: WorkspaceAgentHealth,
  display_apps: Type.Array(DisplayApp),
  log_sources: Type.Array(WorkspaceAgentLogSource),
  scripts: Type.Array(WorkspaceAgentScript),
  /** Read by older clients instead of `scripts[].start_blocks_login`. */
  startup_script_behavior: oneOf(['blocking', 'non-blocking']),
})
export type WorkspaceAgent = Static<typeof WorkspaceAgent>

/** IDs ascend within an agent. */
export const WorkspaceAgentLog = Type.Object({
  id: Type.Integer(),
  created_at: Timestamp,
  output: Type.String(),
  level: LogLevel,
  source_id: Uuid,
})
export type WorkspaceAgentLog = Static<typeof WorkspaceAgentLog>

export const PatchLogsRequest = Type.Object({
  log_source_id: Uuid,
  logs: Type.Array(Type.Object({ created_at: Timestamp, output: Type.String(), level: LogLevel })),
})
export type PatchLogsRequest = Static<typeof PatchLogsRequest>

export const PostLogSourceRequest = Type.Object({
  id: Uuid,
  display_name: maybe(Type.String({ maxLength: 127 })),
  icon: maybe(Type.String({ maxLength: 4096 })),
})
export type PostLogSourceRequest = Static<typeof PostLogSourceRequest>

export const AgentParams = Type.Object({ workspaceagent: Uuid })

/** `reconnect` is the session ID, chosen by the client: the same ID attaches again. `height` and `width` in cells, 0 if
 *  unknown. `backend_type` is ignored: there is one kind of terminal.
 *  With `protocol=2` the frames are those of agent-protocol.ts; without it, JSON in and raw bytes out. */
export const PtyQuery = Type.Object({
  reconnect: Uuid,
  height: Type.Integer({ minimum: 0, maximum: 65535, default: 80 }),
  width: Type.Integer({ minimum: 0, maximum: 65535, default: 80 }),
  command: Type.Optional(Type.String()),
  container: Type.Optional(Type.String()),
  container_user: Type.Optional(Type.String()),
  backend_type: Type.Optional(Type.String()),
  /** Not in Coder's API, like the following fields. `2` selects the frames of agent-protocol.ts. */
  protocol: Type.Optional(oneOf(['2'])),
  read_only: Type.Optional(oneOf(['true'])),
  /** ID of one of the user's terminal profiles, for a new session. */
  profile: Type.Optional(Type.String({ maxLength: 64 })),
  /** Working directory of a new session, absolute; a missing directory is reported in the terminal. */
  folder: Type.Optional(Type.String({ maxLength: 4096, pattern: '^/[^\\x00]*$' })),
  /** Shows a stored, exited session instead of starting a new one with its ID. */
  ended: Type.Optional(oneOf(['true'])),
  /** Snapshots include the images on the screen. */
  images: Type.Optional(oneOf(['true'])),
  /** `<epoch>:<offset>`: the position up to which the client has output. */
  resume: Type.Optional(Type.String({ pattern: '^[0-9a-zA-Z-]{1,64}:[0-9]{1,15}$' })),
})
export type PtyQuery = Static<typeof PtyQuery>

export const getAgent = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent',
  summary: 'Get an agent with its apps, scripts and health.',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: WorkspaceAgent },
})

export const getAgentLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/logs',
  summary: "List the agent's log lines.",
  access: user('read', 'workspace'),
  params: AgentParams,
  query: LogsQuery,
  responses: { 200: Type.Array(WorkspaceAgentLog) },
})

export const followAgentLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/logs',
  summary: "Stream the agent's log lines; each frame is an array of lines.",
  access: user('read', 'workspace'),
  params: AgentParams,
  query: FollowLogsQuery,
  responses: { 101: Type.Array(WorkspaceAgentLog) },
  upgrade: true,
})

export const openPty = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/pty',
  summary: 'Attach to a terminal session, creating it if it does not exist.',
  access: user('ssh', 'workspace'),
  params: AgentParams,
  query: PtyQuery,
  responses: { 101: Type.Unknown() },
  upgrade: true,
})

export const patchOwnLogs = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspaceagents/me/logs',
  summary: 'Append log lines to a log source of the calling agent.',
  access: agent,
  body: PatchLogsRequest,
  responses: { 200: Response },
})

export const postOwnLogSource = endpoint({
  method: 'POST',
  path: '/api/v2/workspaceagents/me/log-source',
  summary: 'Register a log source of the calling agent.',
  access: agent,
  body: PostLogSourceRequest,
  responses: { 201: WorkspaceAgentLogSource },
})

/** RPC endpoint of Coder's own agents: not served. */
export const openOfficialRpc = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/rpc',
  summary: "Connect an agent of an official Coder release. Always rejected: use this deployment's agent.",
  access: agent,
  responses: { 101: Type.Null() },
  upgrade: true,
})
