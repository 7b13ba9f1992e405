// Members of an organization and their roles.

import { type Static, Type } from 'typebox'
import { DisplayName, maybe, Name, paginationQuery, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { MemberParams, OrganizationParams } from './organizations.ts'
import { AssignableRole, CustomRole, PermissionInput, SlimRole, UpdateRoles } from './roles.ts'

export const OrganizationMember = Type.Object({
  user_id: Uuid,
  organization_id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  roles: Type.Array(SlimRole),
})
export type OrganizationMember = Static<typeof OrganizationMember>

export const OrganizationMemberWithUser = Type.Object({
  ...OrganizationMember.properties,
  username: Type.String(),
  name: Type.Optional(Type.String()),
  avatar_url: Type.Optional(Type.String()),
  email: Type.String(),
  global_roles: Type.Array(SlimRole),
})
export type OrganizationMemberWithUser = Static<typeof OrganizationMemberWithUser>

export const listMembers = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members',
  summary: 'List the members of an organization with their roles.',
  access: user('list', 'organization_member'),
  params: OrganizationParams,
  responses: { 200: Type.Array(OrganizationMemberWithUser) },
})

export const listMembersInPages = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/paginated-members',
  summary: 'List the members of an organization in pages, with the total count.',
  access: user('list', 'organization_member'),
  params: OrganizationParams,
  query: Type.Object({ q: Type.Optional(Type.String()), ...paginationQuery }),
  responses: { 200: Type.Object({ members: Type.Array(OrganizationMemberWithUser), count: Type.Integer() }) },
})

export const getMember = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/:user',
  summary: 'Get an organization member with their roles.',
  access: user('read', 'organization_member'),
  params: MemberParams,
  responses: { 200: OrganizationMemberWithUser },
})

export const addMember = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/members/:user',
  summary: 'Add a user to an organization.',
  access: user('create', 'organization_member'),
  params: MemberParams,
  responses: { 200: OrganizationMember },
})

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization/members/:user',
  summary: 'Remove a member from an organization. Callers cannot remove themselves.',
  access: user('delete', 'organization_member'),
  params: MemberParams,
  responses: { 204: Type.Null() },
})

export const updateMemberRoles = endpoint({
  method: 'PUT',
  path: '/api/v2/organizations/:organization/members/:user/roles',
  summary:
    "Set a member's roles in the organization. Callers cannot change their own roles or assign roles they may not grant.",
  access: user('assign', 'assign_org_role'),
  params: MemberParams,
  body: UpdateRoles,
  responses: { 200: OrganizationMember },
})

export const listOrganizationRoles = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/roles',
  summary: 'List the roles of an organization with their permissions, and whether the caller may assign them.',
  access: user('read', 'assign_org_role'),
  params: OrganizationParams,
  responses: { 200: Type.Array(AssignableRole) },
})

/** The complete role. Site and user permissions cannot be granted by an organization and must be empty. */
const CustomRoleRequest = Type.Object({
  name: Name,
  display_name: maybe(DisplayName),
  site_permissions: maybe(Type.Array(PermissionInput, { maxItems: 0 })),
  organization_permissions: maybe(Type.Array(PermissionInput, { maxItems: 1_000 })),
  organization_member_permissions: maybe(Type.Array(PermissionInput, { maxItems: 1_000 })),
  user_permissions: maybe(Type.Array(PermissionInput, { maxItems: 0 })),
})
export type CustomRoleRequest = Static<typeof CustomRoleRequest>

export const createCustomRole = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/members/roles',
  summary: 'Create a custom role. It cannot grant permissions that the caller does not have.',
  access: user('create', 'assign_org_role'),
  params: OrganizationParams,
  body: CustomRoleRequest,
  responses: { 200: CustomRole },
})

export const updateCustomRole = endpoint({
  method: 'PUT',
  path: '/api/v2/organizations/:organization/members/roles',
  summary: 'Replace the permissions of a custom role.',
  access: user('update', 'assign_org_role'),
  params: OrganizationParams,
  body: CustomRoleRequest,
  responses: { 200: CustomRole },
})

export const deleteCustomRole = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization/members/roles/:rolename',
  summary: 'Delete a custom role and remove it from all members.',
  access: user('delete', 'assign_org_role'),
  params: Type.Object({ organization: Type.String(), rolename: Type.String() }),
  responses: { 204: Type.Null() },
})
