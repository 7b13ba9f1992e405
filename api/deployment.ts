// What the deployment says about itself.

import { type Static, Type } from 'typebox'
import { Response } from './common.ts'
import { endpoint, open, user } from './endpoint.ts'

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
