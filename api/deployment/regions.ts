// Regions through which workspaces are reached. There is one: the deployment itself.

import { type Static, Type } from 'typebox'
import { oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const Region = Type.Object({
  id: Uuid,
  name: Type.String(),
  display_name: Type.String(),
  icon_url: Type.String(),
  healthy: Type.Boolean(),
  path_app_url: Type.String(),
  /** Empty if applications have no subdomains. */
  wildcard_hostname: Type.String(),
})
export type Region = Static<typeof Region>

/** A region with its status, for administrators. */
export const WorkspaceProxy = Type.Object({
  ...Region.properties,
  derp_enabled: Type.Boolean(),
  derp_only: Type.Boolean(),
  status: Type.Object({
    status: oneOf(['ok', 'unreachable', 'unhealthy', 'unregistered']),
    report: Type.Object({ errors: Type.Array(Type.String()), warnings: Type.Array(Type.String()) }),
    checked_at: Timestamp,
  }),
  created_at: Timestamp,
  updated_at: Timestamp,
  deleted: Type.Boolean(),
  version: Type.String(),
})
export type WorkspaceProxy = Static<typeof WorkspaceProxy>

export const WorkspaceProxies = Type.Object({ regions: Type.Array(WorkspaceProxy) })

export const listRegions = endpoint({
  method: 'GET',
  path: '/api/v2/regions',
  summary: 'List the regions through which workspaces are reached.',
  access: user('read', 'deployment'),
  responses: { 200: Type.Object({ regions: Type.Array(Region) }) },
})

export const listWorkspaceProxies = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceproxies',
  summary: 'List the regions with their status.',
  access: user('read', 'workspace_proxy'),
  responses: { 200: WorkspaceProxies },
})
