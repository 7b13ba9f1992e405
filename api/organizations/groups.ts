// Groups of users. Each organization has a group of all its members; its ID is the organization's.

import { type Static, Type } from 'typebox'
import { DisplayName, Icon, maybe, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { LoginType, MinimalUser, UserStatus } from '../user-fields.ts'
import { OrganizationParams } from './organizations.ts'

export const ReducedUser = Type.Object({
  ...MinimalUser.properties,
  email: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_seen_at: Type.Optional(Timestamp),
  status: UserStatus,
  login_type: LoginType,
  theme_preference: Type.Optional(Type.String()),
})
export type ReducedUser = Static<typeof ReducedUser>

export const Group = Type.Object({
  id: Uuid,
  name: Type.String(),
  display_name: Type.String(),
  organization_id: Uuid,
  organization_name: Type.String(),
  organization_display_name: Type.String(),
  members: Type.Array(ReducedUser),
  total_member_count: Type.Integer(),
  avatar_url: Type.String(),
  quota_allowance: Type.Integer(),
  source: oneOf(['user', 'oidc']),
})
export type Group = Static<typeof Group>

const GroupParams = Type.Object({ group: Uuid })

export const listGroups = endpoint({
  method: 'GET',
  path: '/api/v2/groups',
  summary: 'List groups, filtered by organization, member or IDs.',
  access: user('list', 'group'),
  query: Type.Object({
    /** An ID or a name. */
    organization: Type.Optional(Type.String()),
    has_member: Type.Optional(Type.String()),
    /** Comma-separated. */
    group_ids: Type.Optional(Type.String()),
  }),
  responses: { 200: Type.Array(Group) },
})

export const listGroupsOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/groups',
  summary: 'List the groups of an organization.',
  access: user('list', 'group'),
  params: OrganizationParams,
  responses: { 200: Type.Array(Group) },
})

export const getGroupByName = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/groups/:groupname',
  summary: 'Get a group by name.',
  access: user('read', 'group'),
  params: Type.Object({ organization: Type.String(), groupname: Type.String() }),
  responses: { 200: Group },
})

export const getGroup = endpoint({
  method: 'GET',
  path: '/api/v2/groups/:group',
  summary: 'Get a group.',
  access: user('read', 'group'),
  params: GroupParams,
  responses: { 200: Group },
})

/** `Everyone` is reserved. */
const groupName = '^(?![eE][vV][eE][rR][yY][oO][nN][eE]$)[a-zA-Z0-9]+(?:[-_.][a-zA-Z0-9]+)*$'
const GroupName = Type.String({ minLength: 1, maxLength: 36, pattern: groupName })

const GroupSettings = Type.Object({
  display_name: maybe(DisplayName),
  avatar_url: maybe(Icon),
  /** Added to the daily workspace budget of each member. */
  quota_allowance: maybe(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
})

export const createGroup = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/groups',
  summary: 'Create a group without members.',
  access: user('create', 'group'),
  params: OrganizationParams,
  body: Type.Object({ name: GroupName, ...GroupSettings.properties }),
  responses: { 201: Group },
})

export const updateGroup = endpoint({
  method: 'PATCH',
  path: '/api/v2/groups/:group',
  summary: 'Update a group, and add or remove members. The Everyone group keeps its name and members.',
  access: user('update', 'group'),
  params: GroupParams,
  body: Type.Object({
    ...GroupSettings.properties,
    /** Unchanged if empty. The Everyone group accepts only its own name. */
    name: maybe(Type.String({ maxLength: 36, pattern: `${groupName}|^(?:Everyone)?$` })),
    add_users: maybe(Type.Array(Type.String(), { maxItems: 1_000 })),
    remove_users: maybe(Type.Array(Type.String(), { maxItems: 1_000 })),
  }),
  responses: { 200: Group },
})

export const deleteGroup = endpoint({
  method: 'DELETE',
  path: '/api/v2/groups/:group',
  summary: 'Delete a group and its access grants. The Everyone group cannot be deleted.',
  access: user('delete', 'group'),
  params: GroupParams,
  responses: { 200: Group },
})
