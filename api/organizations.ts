// Organizations and who belongs to them. A local deployment has one, the default, which is never absent: clients
// show an error page when the list is empty.

import { type Static, Type } from 'typebox'
import { Timestamp, Uuid } from './common.ts'
import { endpoint, user } from './endpoint.ts'
import { AssignableRole, SlimRole } from './roles.ts'

export const Organization = Type.Object({
  id: Uuid,
  name: Type.String(),
  display_name: Type.String(),
  icon: Type.String(),
  description: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  is_default: Type.Boolean(),
})
export type Organization = Static<typeof Organization>

export const OrganizationMember = Type.Object({
  user_id: Uuid,
  organization_id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  roles: Type.Array(SlimRole),
  username: Type.String(),
  name: Type.Optional(Type.String()),
  avatar_url: Type.Optional(Type.String()),
  email: Type.String(),
  global_roles: Type.Array(SlimRole),
})
export type OrganizationMember = Static<typeof OrganizationMember>

/** `:organization` is an id, a name or `default`. */
export const OrganizationParams = Type.Object({ organization: Type.String() })

/** `:user` is an id, a username or `me`. */
export const MemberParams = Type.Object({
  organization: Type.String(),
  user: Type.String(),
})

export const listOrganizations = endpoint({
  method: 'GET',
  path: '/api/v2/organizations',
  summary: 'Lists the organizations that the caller may see',
  access: user('list', 'organization'),
  responses: { 200: Type.Array(Organization) },
})

export const getOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization',
  summary: 'Gives an organization',
  access: user('read', 'organization'),
  params: OrganizationParams,
  responses: { 200: Organization },
})

export const listOrganizationRoles = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/roles',
  summary: 'Lists the roles of an organization, what they may do, and which of them the caller may give',
  access: user('read', 'assign_org_role'),
  params: OrganizationParams,
  responses: { 200: Type.Array(AssignableRole) },
})

export const getMember = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/:user',
  summary: 'Gives a user as a member of the organization, with the roles held there',
  access: user('read', 'organization'),
  params: MemberParams,
  responses: { 200: OrganizationMember },
})
