// Health of the deployment: a report with one section per component, and the dismissed sections.

import { type Static, Type } from 'typebox'
import { maybe, nullable, oneOf, Response, Timestamp } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { ProvisionerDaemon } from '../organizations/provisioner-daemons.ts'
import { WorkspaceProxies } from './regions.ts'

export const HealthSeverity = oneOf(['ok', 'warning', 'error'])
export type HealthSeverity = Static<typeof HealthSeverity>

/** Coder's codes, which health pages link to explanations. */
export const HealthCode = oneOf([
  'EUNKNOWN',
  'EWP01',
  'EWP02',
  'EWP04',
  'EDB01',
  'EDB02',
  'EWS01',
  'EWS02',
  'EWS03',
  'EACS01',
  'EACS02',
  'EACS03',
  'EACS04',
  'EDERP01',
  'EDERP02',
  'EPD01',
  'EPD02',
  'EPD03',
])
export type HealthCode = Static<typeof HealthCode>

export const HealthMessage = Type.Object({ code: HealthCode, message: Type.String() })
export type HealthMessage = Static<typeof HealthMessage>

export const HealthSection = oneOf([
  'DERP',
  'AccessURL',
  'Websocket',
  'Database',
  'WorkspaceProxy',
  'ProvisionerDaemons',
])
export type HealthSection = Static<typeof HealthSection>

const section = {
  severity: HealthSeverity,
  warnings: Type.Array(HealthMessage),
  dismissed: Type.Boolean(),
  /** The problem and its remedy. */
  error: Type.Optional(Type.String()),
}

export const AccessUrlHealth = Type.Object({
  ...section,
  healthy: Type.Boolean(),
  access_url: Type.String(),
  reachable: Type.Boolean(),
  status_code: Type.Integer(),
  healthz_response: Type.String(),
})
export type AccessUrlHealth = Static<typeof AccessUrlHealth>

export const WebsocketHealth = Type.Object({
  ...section,
  healthy: Type.Boolean(),
  body: Type.String(),
  /** HTTP status of the upgrade. */
  code: Type.Integer(),
})
export type WebsocketHealth = Static<typeof WebsocketHealth>

export const DatabaseHealth = Type.Object({
  ...section,
  healthy: Type.Boolean(),
  reachable: Type.Boolean(),
  latency: Type.String(),
  latency_ms: Type.Integer(),
  threshold_ms: Type.Integer(),
  /** Not in Coder's API, like the following fields. */
  version: Type.String(),
  connections: Type.Integer(),
  max_connections: Type.Integer(),
  database_bytes: Type.Integer(),
  /** 0 if the database is on another machine. */
  free_disk_bytes: Type.Integer(),
})
export type DatabaseHealth = Static<typeof DatabaseHealth>

export const ProvisionersHealth = Type.Object({
  ...section,
  items: Type.Array(Type.Object({ provisioner_daemon: ProvisionerDaemon, warnings: Type.Array(HealthMessage) })),
})
export type ProvisionersHealth = Static<typeof ProvisionersHealth>

/** Agents of running workspaces. Not in Coder's API. */
export const AgentsHealth = Type.Object({
  ...section,
  healthy: Type.Boolean(),
  connected: Type.Integer(),
  /** Names of running workspaces whose agent is not connected, at most ten. */
  missing: Type.Array(Type.String()),
})
export type AgentsHealth = Static<typeof AgentsHealth>

export const HealthReport = Type.Object({
  time: Timestamp,
  healthy: Type.Boolean(),
  severity: HealthSeverity,
  coder_version: Type.String(),
  access_url: AccessUrlHealth,
  websocket: WebsocketHealth,
  database: DatabaseHealth,
  workspace_proxy: Type.Object({
    ...section,
    healthy: Type.Boolean(),
    workspace_proxies: WorkspaceProxies,
  }),
  derp: Type.Object({
    ...section,
    healthy: Type.Boolean(),
    /** Always empty: agents dial the deployment. */
    regions: Type.Record(Type.String(), Type.Unknown()),
    netcheck: nullable(Type.Object({})),
    netcheck_logs: Type.Array(Type.String()),
  }),
  provisioner_daemons: ProvisionersHealth,
  agents: AgentsHealth,
})
export type HealthReport = Static<typeof HealthReport>

export const HealthSettings = Type.Object({ dismissed_healthchecks: Type.Array(HealthSection) })
export type HealthSettings = Static<typeof HealthSettings>

export const getHealth = endpoint({
  method: 'GET',
  path: '/api/v2/debug/health',
  summary: 'Get the health report, at most ten minutes old or refreshed on request.',
  access: user('read', 'debug_info'),
  query: Type.Object({
    /** Runs the checks now. */
    force: Type.Optional(Type.Boolean()),
    /** Plain text instead of JSON. */
    format: Type.Optional(oneOf(['', 'json', 'text', 'simple'])),
  }),
  responses: { 200: HealthReport },
})

export const getHealthSettings = endpoint({
  method: 'GET',
  path: '/api/v2/debug/health/settings',
  summary: 'List the dismissed sections of the health report.',
  access: user('read', 'debug_info'),
  responses: { 200: HealthSettings },
})

export const updateHealthSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/debug/health/settings',
  summary: 'Set the dismissed sections of the health report.',
  access: user('update', 'deployment_config'),
  body: Type.Object({ dismissed_healthchecks: maybe(Type.Array(HealthSection)) }),
  responses: { 200: HealthSettings, 204: Type.Null() },
})

export const getMetrics = endpoint({
  method: 'GET',
  path: '/api/v2/debug/metrics',
  summary: 'Get the metrics of the deployment in Prometheus text format, if enabled.',
  access: user('read', 'debug_info'),
  responses: { 200: Type.String() },
  raw: true,
})

export const echoWebSocket = endpoint({
  method: 'GET',
  path: '/api/v2/debug/ws',
  summary: 'Echo every message, to test WebSocket connectivity.',
  access: user('read', 'debug_info'),
  responses: { 101: Response },
  upgrade: true,
})
