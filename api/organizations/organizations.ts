// Organizations and who belongs to them. A local deployment has one, the default, which is never absent: clients
// show an error page when the list is empty.

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
  // Whoever belongs to none is told so.
  access: user('read', 'deployment'),
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
  summary: 'Would make another organization; refused, as a local deployment has one',
  access: user('create', 'organization'),
  body: Type.Object({ ...UpdateOrganizationRequest.properties, name: Name }),
  responses: { 201: Organization },
})

export const updateOrganization = endpoint({
  method: 'PATCH',
  path: '/api/v2/organizations/:organization',
  summary: 'Sets name, display name, description or icon',
  access: user('update', 'organization'),
  params: OrganizationParams,
  body: UpdateOrganizationRequest,
  responses: { 200: Organization },
})

export const deleteOrganization = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization',
  summary: 'Would delete an organization; the default one stays',
  access: user('delete', 'organization'),
  params: OrganizationParams,
  responses: { 200: Response },
})
