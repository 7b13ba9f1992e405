// Users and groups that a workspace is shared with, and their roles.

import { type Static, Type } from 'typebox'
import { maybe, oneOf, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { Group } from '../organizations/groups.ts'
import { MemberParams } from '../organizations/organizations.ts'
import { MinimalUser } from '../user-fields.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

/** `use` grants access, `admin` also permits starting, stopping and updating; an empty role removes the share. */
export const WorkspaceRole = oneOf(['admin', 'use', ''])
export type WorkspaceRole = Static<typeof WorkspaceRole>

export const WorkspaceUser = Type.Object({ ...MinimalUser.properties, role: WorkspaceRole })
export type WorkspaceUser = Static<typeof WorkspaceUser>

export const WorkspaceGroup = Type.Object({ ...Group.properties, role: WorkspaceRole })
export type WorkspaceGroup = Static<typeof WorkspaceGroup>

export const WorkspaceACL = Type.Object({ users: Type.Array(WorkspaceUser), group: Type.Array(WorkspaceGroup) })
export type WorkspaceACL = Static<typeof WorkspaceACL>

const Roles = Type.Record(Type.String(), WorkspaceRole)

/** By ID of the user or group; omitted entries are unchanged. */
export const UpdateWorkspaceACL = Type.Object({ user_roles: maybe(Roles), group_roles: maybe(Roles) })
export type UpdateWorkspaceACL = Static<typeof UpdateWorkspaceACL>

export const getWorkspaceAcl = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/acl',
  summary: 'List the users and groups that a workspace is shared with.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: WorkspaceACL },
})

export const updateWorkspaceAcl = endpoint({
  method: 'PATCH',
  path: '/api/v2/workspaces/:workspace/acl',
  summary: 'Update the users and groups that a workspace is shared with.',
  access: user('share', 'workspace'),
  params: WorkspaceParams,
  body: UpdateWorkspaceACL,
  responses: { 204: Type.Null() },
})

export const deleteWorkspaceAcl = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaces/:workspace/acl',
  summary: 'Remove all shares of a workspace.',
  access: user('share', 'workspace'),
  params: WorkspaceParams,
  responses: { 204: Type.Null() },
})

export const listAvailableOwners = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/:user/workspaces/available-users',
  summary: 'List the users for whom the caller may create a workspace.',
  access: user('create', 'workspace'),
  params: MemberParams,
  query: Type.Object({
    q: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  }),
  responses: { 200: Type.Array(MinimalUser) },
})
