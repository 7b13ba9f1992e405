// Whether the deployment is well: a report with one section a part, and what of it an administrator does not want to hear.

import { type Static, Type } from 'typebox'
import { maybe, nullable, oneOf, Response, Timestamp } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { ProvisionerDaemon } from '../organizations/provisioner-daemons.ts'
import { WorkspaceProxies } from './regions.ts'

export const HealthSeverity = oneOf(['ok', 'warning', 'error'])
export type HealthSeverity = Static<typeof HealthSeverity>

/** Coder's codes: what a page about health links explanations to. */
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
  /** What went wrong, and what to do about it. */
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
  /** The status that the upgrade was answered with. */
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
  /** Ours. */
  version: Type.String(),
  connections: Type.Integer(),
  max_connections: Type.Integer(),
  database_bytes: Type.Integer(),
  /** Zero where the database is on another computer. */
  free_disk_bytes: Type.Integer(),
})
export type DatabaseHealth = Static<typeof DatabaseHealth>

export const ProvisionersHealth = Type.Object({
  ...section,
  items: Type.Array(Type.Object({ provisioner_daemon: ProvisionerDaemon, warnings: Type.Array(HealthMessage) })),
})
export type ProvisionersHealth = Static<typeof ProvisionersHealth>

/** Ours: the agents of running workspaces. */
export const AgentsHealth = Type.Object({
  ...section,
  healthy: Type.Boolean(),
  connected: Type.Integer(),
  /** Of workspaces that run and whose agent is not there, by name, ten at most. */
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
    /** There are none: agents dial the deployment. */
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
  summary: 'Tells how the parts of the deployment are, as found in the last ten minutes or now',
  access: user('read', 'debug_info'),
  query: Type.Object({
    /** Looks now. */
    force: Type.Optional(Type.Boolean()),
    /** A page of text for people instead of JSON. */
    format: Type.Optional(oneOf(['', 'json', 'text', 'simple'])),
  }),
  responses: { 200: HealthReport },
})

export const getHealthSettings = endpoint({
  method: 'GET',
  path: '/api/v2/debug/health/settings',
  summary: 'Lists the sections of the health report that are not to be warned of',
  access: user('read', 'debug_info'),
  responses: { 200: HealthSettings },
})

export const updateHealthSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/debug/health/settings',
  summary: 'Chooses the sections of the health report that are not to be warned of',
  access: user('update', 'deployment_config'),
  body: Type.Object({ dismissed_healthchecks: maybe(Type.Array(HealthSection)) }),
  responses: { 200: HealthSettings, 204: Type.Null() },
})

export const getMetrics = endpoint({
  method: 'GET',
  path: '/api/v2/debug/metrics',
  summary: 'Figures of the deployment in the text form of Prometheus, where they are switched on',
  access: user('read', 'debug_info'),
  responses: { 200: Type.String() },
  raw: true,
})

export const echoWebSocket = endpoint({
  method: 'GET',
  path: '/api/v2/debug/ws',
  summary: 'Sends every message back, to try out whether WebSockets get through',
  access: user('read', 'debug_info'),
  responses: { 101: Response },
  upgrade: true,
})
