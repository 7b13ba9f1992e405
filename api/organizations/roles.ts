// Roles as they are shown and given. What each role may do is the server's table.

import { type Static, Type } from 'typebox'
import { maybe, oneOf } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { resourceActions } from '../rbac.ts'

/** A role as it is shown; `organization_id` is there when it holds in one organization only. */
export const SlimRole = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.Optional(Type.String()),
})
export type SlimRole = Static<typeof SlimRole>

/** All of them: what is left out is taken away. */
/** None when they are left out, as Go clients write it. */
export const UpdateRoles = Type.Object({ roles: maybe(Type.Array(Type.String())) })
export type UpdateRoles = Static<typeof UpdateRoles>

export const Permission = Type.Object({
  negate: Type.Boolean(),
  resource_type: oneOf(Object.keys(resourceActions)),
  action: Type.String(),
})
export type Permission = Static<typeof Permission>

/** As clients give it; which actions there are depends on the resource. */
export const GivenPermission = Type.Object({
  negate: maybe(Type.Boolean()),
  resource_type: Type.String({ maxLength: 64 }),
  action: Type.String({ maxLength: 64 }),
})

/** A role that an organization has made for itself. */
export const RoleOfOrganization = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.String(),
  site_permissions: Type.Array(Permission),
  organization_permissions: Type.Array(Permission),
  organization_member_permissions: Type.Array(Permission),
  user_permissions: Type.Array(Permission),
})
export type RoleOfOrganization = Static<typeof RoleOfOrganization>

export const AssignableRole = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.Optional(Type.String()),
  site_permissions: Type.Array(Permission),
  organization_permissions: Type.Array(Permission),
  organization_member_permissions: Type.Array(Permission),
  user_permissions: Type.Array(Permission),
  /** Whether whoever asks may give it. */
  assignable: Type.Boolean(),
  built_in: Type.Boolean(),
})
export type AssignableRole = Static<typeof AssignableRole>

export const listSiteRoles = endpoint({
  method: 'GET',
  path: '/api/v2/users/roles',
  summary: 'Lists the roles of the whole deployment, what they may do, and which of them the caller may give',
  access: user('read', 'assign_role'),
  responses: { 200: Type.Array(AssignableRole) },
})
