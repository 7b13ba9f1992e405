// Workspace schedules: autostart, time to live, deadline, dormancy, automatic updates.

import { type Static, Type } from 'typebox'
import { nullable, oneOf, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { Workspace } from './workspaces.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

/** A cron expression with a time zone, `CRON_TZ=Europe/Berlin 30 9 * * 1-5`; empty or null for none. */
export const UpdateWorkspaceAutostartRequest = Type.Object({ schedule: Type.Optional(nullable(Type.String())) })
export type UpdateWorkspaceAutostartRequest = Static<typeof UpdateWorkspaceAutostartRequest>

/** 0 or null for unlimited. */
export const UpdateWorkspaceTTLRequest = Type.Object({ ttl_ms: Type.Optional(nullable(Type.Integer())) })
export type UpdateWorkspaceTTLRequest = Static<typeof UpdateWorkspaceTTLRequest>

export const updateWorkspaceAutostart = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/autostart',
  summary: 'Set the autostart schedule of a workspace.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceAutostartRequest,
  responses: { 204: Type.Null() },
})

export const updateWorkspaceTtl = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/ttl',
  summary:
    'Set the time to live after a start. A running workspace keeps its deadline unless the time to live is removed.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceTTLRequest,
  responses: { 204: Type.Null() },
})

export const extendWorkspace = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/extend',
  summary: 'Set the deadline of a running workspace, at least 30 minutes ahead.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ deadline: Timestamp }),
  responses: { 200: Response },
})

export const updateWorkspaceDormancy = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/dormant',
  summary: 'Make a workspace dormant, so that it cannot be started, or activate it.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ dormant: Type.Boolean() }),
  responses: { 200: Workspace, 304: Type.Null() },
})

export const updateWorkspaceAutomaticUpdates = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/autoupdates',
  summary: "Set whether each start uses the template's active version.",
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: Type.Object({ automatic_updates: oneOf(['always', 'never']) }),
  responses: { 204: Type.Null() },
})

export const resolveAutostart = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/resolve-autostart',
  summary: 'Check whether the next autostart would fail because the active version requires new parameter values.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: Type.Object({ parameter_mismatch: Type.Boolean() }) },
})
