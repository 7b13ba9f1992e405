// Organizations. A deployment has exactly one, the default, which always exists: clients show an error page when the
// list is empty.

import { type Static, Type } from 'typebox'
import { Description, DisplayName, Icon, maybe, Name, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

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

/** `:organization` is an ID, a name or `default`. */
export const OrganizationParams = Type.Object({ organization: Type.String() })

/** `:user` is an ID, a username or `me`. */
export const MemberParams = Type.Object({
  organization: Type.String(),
  user: Type.String(),
})

export const listOrganizations = endpoint({
  method: 'GET',
  path: '/api/v2/organizations',
  summary: 'List the organizations that the caller may see.',
  // Readable by all users: those without an organization receive an empty list.
  access: user('read', 'deployment'),
  responses: { 200: Type.Array(Organization) },
})

export const getOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization',
  summary: 'Get an organization.',
  access: user('read', 'organization'),
  params: OrganizationParams,
  responses: { 200: Organization },
})

export const UpdateOrganizationRequest = Type.Object({
  name: maybe(Name),
  display_name: maybe(DisplayName),
  description: maybe(Description),
  icon: maybe(Icon),
})
export type UpdateOrganizationRequest = Static<typeof UpdateOrganizationRequest>

export const createOrganization = endpoint({
  method: 'POST',
  path: '/api/v2/organizations',
  summary: 'Create an organization. Always rejected: a local deployment has one organization.',
  access: user('create', 'organization'),
  body: Type.Object({ ...UpdateOrganizationRequest.properties, name: Name }),
  responses: { 201: Organization },
})

export const updateOrganization = endpoint({
  method: 'PATCH',
  path: '/api/v2/organizations/:organization',
  summary: 'Update name, display name, description or icon of an organization.',
  access: user('update', 'organization'),
  params: OrganizationParams,
  body: UpdateOrganizationRequest,
  responses: { 200: Organization },
})

export const deleteOrganization = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization',
  summary: 'Delete an organization. Always rejected: the default organization cannot be deleted.',
  access: user('delete', 'organization'),
  params: OrganizationParams,
  responses: { 200: Response },
})
