// Roles and their assignment. The server defines the permissions of built-in roles.

import { type Static, Type } from 'typebox'
import { maybe, oneOf } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { resourceActions } from '../rbac.ts'

/** A role reference; `organization_id` is set for roles of one organization. */
export const SlimRole = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.Optional(Type.String()),
})
export type SlimRole = Static<typeof SlimRole>

/** The complete set of roles: omitted roles are removed. An omitted list is empty, because Go clients omit empty lists. */
export const UpdateRoles = Type.Object({ roles: maybe(Type.Array(Type.String())) })
export type UpdateRoles = Static<typeof UpdateRoles>

export const Permission = Type.Object({
  negate: Type.Boolean(),
  resource_type: oneOf(Object.keys(resourceActions)),
  action: Type.String(),
})
export type Permission = Static<typeof Permission>

/** As sent by clients; the valid actions depend on the resource. */
export const PermissionInput = Type.Object({
  negate: maybe(Type.Boolean()),
  resource_type: Type.String({ maxLength: 64 }),
  action: Type.String({ maxLength: 64 }),
})

/** A custom role of an organization. */
export const CustomRole = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.String(),
  site_permissions: Type.Array(Permission),
  organization_permissions: Type.Array(Permission),
  organization_member_permissions: Type.Array(Permission),
  user_permissions: Type.Array(Permission),
})
export type CustomRole = Static<typeof CustomRole>

export const AssignableRole = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Type.Optional(Type.String()),
  site_permissions: Type.Array(Permission),
  organization_permissions: Type.Array(Permission),
  organization_member_permissions: Type.Array(Permission),
  user_permissions: Type.Array(Permission),
  /** Whether the caller is allowed to assign it. */
  assignable: Type.Boolean(),
  built_in: Type.Boolean(),
})
export type AssignableRole = Static<typeof AssignableRole>

export const listSiteRoles = endpoint({
  method: 'GET',
  path: '/api/v2/users/roles',
  summary: 'List the site-wide roles with their permissions, and whether the caller may assign them.',
  access: user('read', 'assign_role'),
  responses: { 200: Type.Array(AssignableRole) },
})
