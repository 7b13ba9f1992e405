// Entitlements of the deployment: every feature is included, no license is needed.

import { type Static, Type } from 'typebox'
import { oneOf, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const Feature = Type.Object({
  entitlement: oneOf(['entitled', 'grace_period', 'not_entitled']),
  /** Whether the feature is available and enabled. */
  enabled: Type.Boolean(),
})

export const Entitlements = Type.Object({
  features: Type.Record(Type.String(), Feature),
  warnings: Type.Array(Type.String()),
  errors: Type.Array(Type.String()),
  has_license: Type.Boolean(),
  trial: Type.Boolean(),
  require_telemetry: Type.Boolean(),
  refreshed_at: Timestamp,
})
export type Entitlements = Static<typeof Entitlements>

export const License = Type.Object({
  id: Type.Integer(),
  uuid: Uuid,
  uploaded_at: Timestamp,
  claims: Type.Record(Type.String(), Type.Unknown()),
})

export const Replica = Type.Object({
  id: Uuid,
  hostname: Type.String(),
  created_at: Timestamp,
  relay_address: Type.String(),
  region_id: Type.Integer(),
  error: Type.String(),
  /** Milliseconds. */
  database_latency: Type.Integer(),
})

export const getEntitlements = endpoint({
  method: 'GET',
  path: '/api/v2/entitlements',
  summary: 'List the features with their entitlement and state.',
  access: user('read', 'deployment'),
  responses: { 200: Entitlements },
})

export const listLicenses = endpoint({
  method: 'GET',
  path: '/api/v2/licenses',
  summary: 'List licenses (always empty: none is needed).',
  access: user('read', 'license'),
  responses: { 200: Type.Array(License) },
})

export const refreshEntitlements = endpoint({
  method: 'POST',
  path: '/api/v2/licenses/refresh-entitlements',
  summary: 'Refresh the entitlements. Nothing changes: everything is included.',
  access: user('create', 'license'),
  responses: { 201: Response },
})

export const listReplicas = endpoint({
  method: 'GET',
  path: '/api/v2/replicas',
  summary: 'List the running coderd replicas.',
  access: user('read', 'replicas'),
  responses: { 200: Type.Array(Replica) },
})
