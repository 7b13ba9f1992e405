// When a workspace starts, stops and sleeps by itself: what its owner may set.

import { type Static, Type } from 'typebox'
import { nullable, oneOf, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { Workspace } from './workspaces.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

/** A cron line with a time zone, `CRON_TZ=Europe/Berlin 30 9 * * 1-5`; empty or null for none. */
export const UpdateWorkspaceAutostartRequest = Type.Object({ schedule: Type.Optional(nullable(Type.String())) })
export type UpdateWorkspaceAutostartRequest = Static<typeof UpdateWorkspaceAutostartRequest>

/** 0 or null for as long as one likes. */
export const UpdateWorkspaceTTLRequest = Type.Object({ ttl_ms: Type.Optional(nullable(Type.Integer())) })
export type UpdateWorkspaceTTLRequest = Static<typeof UpdateWorkspaceTTLRequest>

export const updateWorkspaceAutostart = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/autostart',
  summary: 'Sets when the workspace starts by itself',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceAutostartRequest,
  responses: { 204: Type.Null() },
})

export const updateWorkspaceTtl = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/ttl',
  summary: 'Sets how long the workspace runs after a start; a running one keeps its deadline unless it loses it',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceTTLRequest,
  responses: { 204: Type.Null() },
})

export const extendWorkspace = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/extend',
  summary: 'Moves the deadline of a running workspace to at least 30 minutes ahead',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ deadline: Timestamp }),
  responses: { 200: Response },
})

export const updateWorkspaceDormancy = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/dormant',
  summary: 'Puts the workspace to sleep, so that it cannot be started, or wakes it',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ dormant: Type.Boolean() }),
  responses: { 200: Workspace, 304: Type.Null() },
})

export const updateWorkspaceAutomaticUpdates = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/autoupdates',
  summary: "Sets whether each start takes the template's active version",
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ automatic_updates: oneOf(['always', 'never']) }),
  responses: { 204: Type.Null() },
})

export const resolveAutostart = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/resolve-autostart',
  summary: 'Tells whether the next automatic start would fail for parameters that the active version asks for',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: Type.Object({ parameter_mismatch: Type.Boolean() }) },
})
