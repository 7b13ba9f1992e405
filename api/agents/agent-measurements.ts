// What is seen of an agent from outside while it runs: the values it measures, the ports it sees, containers, and how it
// is reached.

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

/** There is no network of its own between clients and agents here: the map of its relays is empty. */
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
  summary: 'Streams what the agent measures as server-sent events, all items each time one has changed',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: ServerSentEvent },
  raw: true,
})

export const watchMetadataSocket = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/watch-metadata-ws',
  summary: 'Streams what the agent measures over a WebSocket',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 101: ServerSentEvent },
  upgrade: true,
})

export const getListeningPorts = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/listening-ports',
  summary: 'Lists the ports on which something listens in the workspace, but for its apps and the system',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: WorkspaceAgentListeningPortsResponse },
})

export const listContainers = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/containers',
  summary: 'Lists the containers inside the workspace: none, as its agents look for none',
  access: user('read', 'workspace'),
  params: AgentParams,
  query: Type.Object({ label: Type.Optional(Type.Unknown()) }),
  responses: { 200: WorkspaceAgentListContainersResponse },
})

export const watchContainers = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/watch',
  summary: 'Streams the containers inside the workspace over a WebSocket',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 101: WorkspaceAgentListContainersResponse },
  upgrade: true,
})

export const recreateDevcontainer = endpoint({
  method: 'POST',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer/recreate',
  summary: 'Makes a dev container of the workspace anew: there are none',
  access: user('update', 'workspace'),
  params: DevcontainerParams,
  responses: { 202: Response },
})

export const deleteDevcontainer = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer',
  summary: 'Deletes a dev container of the workspace: there are none',
  access: user('update', 'workspace'),
  params: DevcontainerParams,
  responses: { 204: Type.Null() },
})

export const getAgentConnection = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/connection',
  summary: 'Tells clients how agents are reached',
  access: user('read', 'workspace'),
  params: AgentParams,
  responses: { 200: AgentConnectionInfo },
})

export const getConnection = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/connection',
  summary: 'Tells clients how any agent is reached',
  access: user('list', 'workspace'),
  responses: { 200: AgentConnectionInfo },
})

/** The older address of the agent's logs. */
export const getStartupLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/startup-logs',
  summary: "Lists the agent's log lines so far",
  access: user('read', 'workspace'),
  params: AgentParams,
  query: LogsQuery,
  responses: { 200: Type.Array(WorkspaceAgentLog) },
})

export const followStartupLogs = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/:workspaceagent/startup-logs',
  summary: "Streams the agent's log lines, each frame an array of them",
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
  uri: Type.Optional(Type.String()),
  icon: Type.Optional(Type.String()),
  needs_user_attention: Type.Optional(Type.Boolean()),
})
export type PatchAppStatus = Static<typeof PatchAppStatus>

export const patchOwnAppStatus = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspaceagents/me/app-status',
  summary: 'Tells what an app of the agent that asks is doing',
  access: agent,
  body: PatchAppStatus,
  responses: { 200: Response },
})

export const getOwnGitSshKey = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/gitsshkey',
  summary: "Gives the key with which the workspace's owner signs in to Git servers",
  access: agent,
  responses: { 200: Type.Object({ public_key: Type.String(), private_key: Type.String() }) },
})

/** Server-sent events; one comes when a prebuilt workspace is claimed, which none here is. */
export const watchReinit = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/reinit',
  summary: 'Waits until the agent that asks is to begin anew for another owner',
  access: agent,
  responses: { 200: ServerSentEvent },
  raw: true,
})
