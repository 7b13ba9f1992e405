// Observations of a running agent: metadata, listening ports, containers, connection information.

import { type Static, Type } from 'typebox'
import { Response, ServerSentEvent, Timestamp } from '../common.ts'
import { agent, endpoint, user } from '../endpoint.ts'
import { FollowLogsQuery, LogsQuery } from '../organizations/provisioner-jobs.ts'
import { AgentParams, WorkspaceAgentLog } from './agents.ts'

export const WorkspaceAgentMetadata = Type.Object({
  result: Type.Object({
    collected_at: Timestamp,
    /** Seconds. */
    age: Type.Integer(),
    value: Type.String(),
    error: Type.String(),
  }),
  description: Type.Object({
    display_name: Type.String(),
    key: Type.String(),
    script: Type.String(),
    /** Seconds. */
    interval: Type.Integer(),
    timeout: Type.Integer(),
  }),
})
export type WorkspaceAgentMetadata = Static<typeof WorkspaceAgentMetadata>

export const WorkspaceAgentListeningPortsResponse = Type.Object({
  ports: Type.Array(Type.Object({ process_name: Type.String(), network: Type.String(), port: Type.Integer() })),
})
export type WorkspaceAgentListeningPortsResponse = Static<typeof WorkspaceAgentListeningPortsResponse>

/** Clients reach agents through coderd, not over a network of relays: the DERP map is empty. */
export const AgentConnectionInfo = Type.Object({
  derp_map: Type.Object({ Regions: Type.Record(Type.String(), Type.Unknown()) }),
  derp_force_websockets: Type.Boolean(),
  disable_direct_connections: Type.Boolean(),
  hostname_suffix: Type.String(),
})
export type AgentConnectionInfo = Static<typeof AgentConnectionInfo>

export const WorkspaceAgentListContainersResponse = Type.Object({
  containers: Type.Array(Type.Unknown()),
  devcontainers: Type.Array(Type.Unknown()),
  warnings: Type.Array(Type.String()),
})
export type WorkspaceAgentListContainersResponse = Static<typeof WorkspaceAgentListContainersResponse>

const DevcontainerParams = Type.Object({ ...AgentParams.properties, devcontainer: Type.String() })

export const watchMetadata = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/watch-metadata',
  summary: "Stream the agent's metadata as server-sent events. Each event contains all items.",
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: ServerSentEvent },
  raw: true,
})

export const watchMetadataSocket = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/watch-metadata-ws',
  summary: "Stream the agent's metadata over a WebSocket.",
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 101: ServerSentEvent },
  upgrade: true,
})

export const getListeningPorts = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/listening-ports',
  summary: 'List the listening ports in the workspace, except those of its apps and of the system.',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: WorkspaceAgentListeningPortsResponse },
})

export const listContainers = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/containers',
  summary: 'List the containers in the workspace (always empty: agents do not detect containers).',
  access: user('read', 'workspace'),
  params: AgentParams,
  query: Type.Object({ label: Type.Optional(Type.Unknown()) }),
  responses: { 200: WorkspaceAgentListContainersResponse },
})

export const watchContainers = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/watch',
  summary: 'Stream the containers in the workspace over a WebSocket.',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 101: WorkspaceAgentListContainersResponse },
  upgrade: true,
})

export const recreateDevcontainer = endpoint({
  method: 'POST',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer/recreate',
  summary: 'Recreate a dev container. Always rejected: agents do not detect containers.',
  access: user('update', 'workspace'),
  params: DevcontainerParams,
  responses: { 202: Response },
})

export const deleteDevcontainer = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer',
  summary: 'Delete a dev container. Always rejected: agents do not detect containers.',
  access: user('update', 'workspace'),
  params: DevcontainerParams,
  responses: { 204: Type.Null() },
})

export const getAgentConnection = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/connection',
  summary: 'Get the connection information of an agent.',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: AgentConnectionInfo },
})

export const getConnection = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/connection',
  summary: 'Get the connection information for all agents.',
  access: user('list', 'workspace'),
  responses: { 200: AgentConnectionInfo },
})

/** Older path of the agent's logs. */
export const getStartupLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/startup-logs',
  summary: "List the agent's log lines.",
  access: user('read', 'workspace'),
  params: AgentParams,
  query: LogsQuery,
  responses: { 200: Type.Array(WorkspaceAgentLog) },
})

export const followStartupLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/startup-logs',
  summary: "Stream the agent's log lines; each frame is an array of lines.",
  access: user('read', 'workspace'),
  params: AgentParams,
  query: FollowLogsQuery,
  responses: { 101: Type.Array(WorkspaceAgentLog) },
  upgrade: true,
})

export const PatchAppStatus = Type.Object({
  app_slug: Type.String(),
  state: Type.String(),
  message: Type.Optional(Type.String()),
  uri: Type.Optional(Type.String({ maxLength: 4096 })),
  icon: Type.Optional(Type.String()),
  needs_user_attention: Type.Optional(Type.Boolean()),
})
export type PatchAppStatus = Static<typeof PatchAppStatus>

export const patchOwnAppStatus = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspaceagents/me/app-status',
  summary: 'Report the status of an app of the calling agent.',
  access: agent,
  body: PatchAppStatus,
  responses: { 200: Response },
})

export const getOwnGitSshKey = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/gitsshkey',
  summary: "Get the SSH key that the workspace's owner uses for Git servers.",
  access: agent,
  responses: { 200: Type.Object({ public_key: Type.String(), private_key: Type.String() }) },
})

/** Server-sent events: one is sent when a prebuilt workspace is claimed, which never happens here. */
export const watchReinit = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/reinit',
  summary: 'Wait until the calling agent must restart for a new owner.',
  access: agent,
  responses: { 200: ServerSentEvent },
  raw: true,
})
