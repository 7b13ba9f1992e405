// Information about the deployment: versions, settings, statistics.

import { type Static, Type } from 'typebox'
import { oneOf, Response, Timestamp } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'

export const BuildInfo = Type.Object({
  external_url: Type.String(),
  /** The Coder version of the implemented contract: clients select features by it and require semver. */
  version: Type.String(),
  dashboard_url: Type.String(),
  telemetry: Type.Boolean(),
  workspace_proxy: Type.Boolean(),
  agent_api_version: Type.String(),
  provisioner_api_version: Type.String(),
  upgrade_message: Type.String(),
  deployment_id: Type.String(),
  webpush_public_key: Type.Optional(Type.String()),
  /** The version of Coder Local. */
  coder_local_version: Type.String(),
})
export type BuildInfo = Static<typeof BuildInfo>

/** Empty if apps are served by path only. */
export const AppHost = Type.Object({ host: Type.String() })
export type AppHost = Static<typeof AppHost>

export const getApiRoot = endpoint({
  method: 'GET',
  path: '/api/v2/',
  summary: 'Check that the API is available.',
  access: open('reveals only that the API is available'),
  responses: { 200: Response },
})

export const getBuildInfo = endpoint({
  method: 'GET',
  path: '/api/v2/buildinfo',
  summary: 'Get the versions and URLs of the deployment.',
  access: open('clients compare versions before they sign in'),
  responses: { 200: BuildInfo },
})

export const getHealthz = endpoint({
  method: 'GET',
  path: '/healthz',
  summary: 'Check that the server accepts requests. Returns OK as plain text.',
  access: open('called by supervisors without an account; reveals only that the server responds'),
  responses: { 200: Type.String() },
  raw: true,
})

export const listExperiments = endpoint({
  method: 'GET',
  path: '/api/v2/experiments',
  summary: 'List the enabled experiments.',
  access: user('read', 'deployment'),
  responses: { 200: Type.Array(Type.String()) },
})

export const getAppHost = endpoint({
  method: 'GET',
  path: '/api/v2/applications/host',
  summary: 'Get the wildcard host for workspace apps.',
  access: user('read', 'deployment'),
  responses: { 200: AppHost },
})

export interface OptionGroup {
  readonly name: string
  readonly yaml: string
  readonly parent?: OptionGroup
}

export const DeploymentOption = Type.Object({
  name: Type.String(),
  description: Type.String(),
  flag: Type.String(),
  env: Type.String(),
  yaml: Type.Optional(Type.String()),
  default: Type.Optional(Type.String()),
  /** Has the setting's type; absent for secrets. */
  value: Type.Optional(Type.Unknown()),
  /** Absent if the setting has no value and no default. */
  value_source: Type.Optional(oneOf(['flag', 'env', 'yaml', 'default'])),
  group: Type.Optional(Type.Unsafe<OptionGroup>({ type: 'object', additionalProperties: true })),
  hidden: Type.Optional(Type.Boolean()),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
})
export type DeploymentOption = Static<typeof DeploymentOption>

export const DeploymentConfig = Type.Object({
  /** Every setting under Coder's key. */
  config: Type.Record(Type.String(), Type.Unknown()),
  options: Type.Array(DeploymentOption),
})

export const DeploymentStats = Type.Object({
  aggregated_from: Timestamp,
  collected_at: Timestamp,
  next_update_at: Timestamp,
  workspaces: Type.Object({
    pending: Type.Integer(),
    building: Type.Integer(),
    running: Type.Integer(),
    failed: Type.Integer(),
    stopped: Type.Integer(),
    connection_latency_ms: Type.Object({ P50: Type.Number(), P95: Type.Number() }),
    rx_bytes: Type.Integer(),
    tx_bytes: Type.Integer(),
  }),
  session_count: Type.Object({
    vscode: Type.Integer(),
    ssh: Type.Integer(),
    jetbrains: Type.Integer(),
    reconnecting_pty: Type.Integer(),
  }),
})
export type DeploymentStats = Static<typeof DeploymentStats>

export const SshConfig = Type.Object({
  hostname_prefix: Type.String(),
  hostname_suffix: Type.String(),
  ssh_config_options: Type.Record(Type.String(), Type.String()),
})

export const UpdateCheck = Type.Object({
  /** Whether this is the latest known version. */
  current: Type.Boolean(),
  version: Type.String(),
  url: Type.String(),
})

export const PrebuildsSettings = Type.Object({ reconciliation_paused: Type.Boolean() })

export const getDeploymentConfig = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/config',
  summary: 'List the deployment settings without secrets.',
  access: user('read', 'deployment_config'),
  responses: { 200: DeploymentConfig },
})

export const getDeploymentStats = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/stats',
  summary: 'Get the numbers of workspaces and connections, and their traffic.',
  access: user('read', 'deployment_stats'),
  responses: { 200: DeploymentStats },
})

export const getSshConfig = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/ssh',
  summary: "Get the options that clients write to users' SSH configuration.",
  access: user('read', 'deployment'),
  responses: { 200: SshConfig },
})

export const checkForUpdate = endpoint({
  method: 'GET',
  path: '/api/v2/updatecheck',
  summary: 'Check for a newer version. No update source is queried.',
  access: open('the version is already public in buildinfo'),
  responses: { 200: UpdateCheck },
})

export const listAvailableExperiments = endpoint({
  method: 'GET',
  path: '/api/v2/experiments/available',
  summary: 'List the available experiments.',
  access: user('read', 'deployment'),
  responses: { 200: Type.Object({ safe: Type.Array(Type.String()) }) },
})

export const getPrebuildsSettings = endpoint({
  method: 'GET',
  path: '/api/v2/prebuilds/settings',
  summary: 'Get whether reconciliation of prebuilt workspaces is paused.',
  access: user('read', 'deployment_config'),
  responses: { 200: PrebuildsSettings },
})

export const updatePrebuildsSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/prebuilds/settings',
  summary: 'Pause or resume reconciliation of prebuilt workspaces.',
  access: user('update', 'deployment_config'),
  body: PrebuildsSettings,
  responses: { 200: PrebuildsSettings, 304: Type.Null() },
})

export const reportPolicyViolation = endpoint({
  method: 'POST',
  path: '/api/v2/csp/reports',
  summary: 'Log a content security policy violation reported by a browser.',
  access: user('read', 'deployment'),
  body: Type.Object({ 'csp-report': Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
  responses: { 200: Response },
})

export const checkLatency = endpoint({
  method: 'GET',
  path: '/latency-check',
  summary: 'Answer OK immediately, for latency measurements by pages.',
  access: open('measured with and without a session; reveals only that the server responds'),
  responses: { 200: Type.String() },
  raw: true,
})

export const getInitScript = endpoint({
  method: 'GET',
  path: '/api/v2/init-script/:os/:arch',
  summary: "Get the script that starts an agent on a template's machine.",
  access: open('the machine has no account; the script contains no secret'),
  params: Type.Object({ os: Type.String(), arch: Type.String() }),
  responses: { 200: Type.String() },
  raw: true,
})
