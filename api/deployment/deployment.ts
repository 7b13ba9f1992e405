// What the deployment says about itself.

import { type Static, Type } from 'typebox'
import { oneOf, Response, Timestamp } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'

export const BuildInfo = Type.Object({
  external_url: Type.String(),
  /** The Coder version whose contract is served: clients choose their features by it and refuse what is not semver. */
  version: Type.String(),
  dashboard_url: Type.String(),
  telemetry: Type.Boolean(),
  workspace_proxy: Type.Boolean(),
  agent_api_version: Type.String(),
  provisioner_api_version: Type.String(),
  upgrade_message: Type.String(),
  deployment_id: Type.String(),
  webpush_public_key: Type.Optional(Type.String()),
  /** Our own version. */
  coder_local_version: Type.String(),
})
export type BuildInfo = Static<typeof BuildInfo>

/** Empty where apps are served by path only. */
export const AppHost = Type.Object({ host: Type.String() })
export type AppHost = Static<typeof AppHost>

export const getApiRoot = endpoint({
  method: 'GET',
  path: '/api/v2/',
  summary: 'Greets, so that a client can tell that the API is there',
  access: open('tells nothing but that the API is there'),
  responses: { 200: Response },
})

export const getBuildInfo = endpoint({
  method: 'GET',
  path: '/api/v2/buildinfo',
  summary: 'Names the versions and addresses of the deployment',
  access: open('clients compare versions before they sign in'),
  responses: { 200: BuildInfo },
})

export const getHealthz = endpoint({
  method: 'GET',
  path: '/healthz',
  summary: 'Answers OK as plain text while the server takes requests',
  access: open('asked by supervisors that have no account; tells only that the server answers'),
  responses: { 200: Type.String() },
  raw: true,
})

export const listExperiments = endpoint({
  method: 'GET',
  path: '/api/v2/experiments',
  summary: 'Lists the experiments that are switched on',
  access: user('read', 'deployment'),
  responses: { 200: Type.Array(Type.String()) },
})

export const getAppHost = endpoint({
  method: 'GET',
  path: '/api/v2/applications/host',
  summary: 'Names the host under which workspace apps get names of their own',
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
  /** Of the type that the setting has; not there for secrets. */
  value: Type.Optional(Type.Unknown()),
  /** Not there where nothing was set and there is nothing to fall back to. */
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
  /** Whether this is the newest version that is known of. */
  current: Type.Boolean(),
  version: Type.String(),
  url: Type.String(),
})

export const PrebuildsSettings = Type.Object({ reconciliation_paused: Type.Boolean() })

export const getDeploymentConfig = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/config',
  summary: 'Lists the settings of the deployment, without secrets',
  access: user('read', 'deployment_config'),
  responses: { 200: DeploymentConfig },
})

export const getDeploymentStats = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/stats',
  summary: 'Counts workspaces, connections and traffic',
  access: user('read', 'deployment_stats'),
  responses: { 200: DeploymentStats },
})

export const getSshConfig = endpoint({
  method: 'GET',
  path: '/api/v2/deployment/ssh',
  summary: 'Tells what clients write into the SSH configuration of people',
  access: user('read', 'deployment'),
  responses: { 200: SshConfig },
})

export const checkForUpdate = endpoint({
  method: 'GET',
  path: '/api/v2/updatecheck',
  summary: 'Tells whether there is a newer version: none is looked for',
  access: open('the version stands in buildinfo already'),
  responses: { 200: UpdateCheck },
})

export const listAvailableExperiments = endpoint({
  method: 'GET',
  path: '/api/v2/experiments/available',
  summary: 'Lists the experiments that could be switched on',
  access: user('read', 'deployment'),
  responses: { 200: Type.Object({ safe: Type.Array(Type.String()) }) },
})

export const getPrebuildsSettings = endpoint({
  method: 'GET',
  path: '/api/v2/prebuilds/settings',
  summary: 'Tells whether preparing workspaces is paused',
  access: user('read', 'deployment_config'),
  responses: { 200: PrebuildsSettings },
})

export const updatePrebuildsSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/prebuilds/settings',
  summary: 'Pauses or resumes the preparing of workspaces',
  access: user('update', 'deployment_config'),
  body: PrebuildsSettings,
  responses: { 200: PrebuildsSettings, 304: Type.Null() },
})

export const reportPolicyViolation = endpoint({
  method: 'POST',
  path: '/api/v2/csp/reports',
  summary: 'Takes the report of a browser on what a page was not allowed to load, for the log',
  access: user('read', 'deployment'),
  body: Type.Object({ 'csp-report': Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
  responses: { 200: Response },
})

export const checkLatency = endpoint({
  method: 'GET',
  path: '/latency-check',
  summary: 'Answers OK at once, so that a page can measure how long that takes',
  access: open('measured before and after signing in; tells only that the server answers'),
  responses: { 200: Type.String() },
  raw: true,
})

export const getInitScript = endpoint({
  method: 'GET',
  path: '/api/v2/init-script/:os/:arch',
  summary: 'The script that makes an agent of a machine, for the machine of a template to run',
  access: open('the machine that asks has no account; the script holds no secret'),
  params: Type.Object({ os: Type.String(), arch: Type.String() }),
  responses: { 200: Type.String() },
  raw: true,
})
