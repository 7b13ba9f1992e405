// Users and their organizations. Sign-in is in sign-in.ts, API keys in api-keys.ts.

import { type Static, Type } from 'typebox'
import { maybe, Name, paginationQuery, RealName, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { Organization } from '../organizations/organizations.ts'
import { SlimRole, UpdateRoles } from '../organizations/roles.ts'
import { LoginType, MinimalUser, UserStatus } from '../user-fields.ts'

export const User = Type.Object({
  ...MinimalUser.properties,
  email: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_seen_at: Timestamp,
  status: UserStatus,
  login_type: LoginType,
  theme_preference: Type.Optional(Type.String()),
  organization_ids: Type.Array(Uuid),
  roles: Type.Array(SlimRole),
})
export type User = Static<typeof User>

export const GetUsersResponse = Type.Object({
  users: Type.Array(User),
  count: Type.Integer(),
})
export type GetUsersResponse = Static<typeof GetUsersResponse>

export const UserRoles = Type.Object({
  roles: Type.Array(Type.String()),
  organization_roles: Type.Record(Type.String(), Type.Array(Type.String())),
})
export type UserRoles = Static<typeof UserRoles>

export const Email = Type.String({ format: 'email', maxLength: 320 })
// Bounded before any work: Unicode normalization of a long password takes quadratic time.
export const maxPasswordLength = 1024
export const Password = Type.String({ minLength: 1, maxLength: maxPasswordLength })

export const CreateUserRequest = Type.Object({
  email: Email,
  username: Name,
  name: maybe(RealName),
  password: maybe(Type.String({ maxLength: maxPasswordLength })),
  login_type: maybe(LoginType),
  user_status: maybe(UserStatus),
  organization_ids: maybe(Type.Array(Uuid)),
})
export type CreateUserRequest = Static<typeof CreateUserRequest>

export const UpdateUserProfileRequest = Type.Object({
  username: Name,
  name: maybe(RealName),
})
export type UpdateUserProfileRequest = Static<typeof UpdateUserProfileRequest>

/** `:user` is an ID, a username or `me`. */
export const UserParams = Type.Object({ user: Type.String() })
const OrganizationOfUserParams = Type.Object({
  user: Type.String(),
  organizationname: Type.String(),
})

export const listUsers = endpoint({
  method: 'GET',
  path: '/api/v2/users',
  summary: 'List users by search query, in pages.',
  access: user('list', 'user'),
  query: Type.Object({ q: Type.Optional(Type.String()), ...paginationQuery }),
  responses: { 200: GetUsersResponse },
})

export const createUser = endpoint({
  method: 'POST',
  path: '/api/v2/users',
  summary: 'Create a user.',
  access: user('create', 'user'),
  body: CreateUserRequest,
  responses: { 201: User },
})

export const getUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user',
  summary: 'Get a user.',
  access: user('read', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const deleteUser = endpoint({
  method: 'DELETE',
  path: '/api/v2/users/:user',
  summary: 'Delete a user who owns no workspaces.',
  access: user('delete', 'user'),
  params: UserParams,
  responses: { 200: Response },
})

export const updateUserProfile = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/profile',
  summary: 'Update username and full name.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UpdateUserProfileRequest,
  responses: { 200: User },
})

export const suspendUser = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/status/suspend',
  summary: 'Suspend a user.',
  access: user('update', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const activateUser = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/status/activate',
  summary: 'Activate a suspended or dormant user.',
  access: user('update', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const getUserRoles = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/roles',
  summary: "List a user's roles, site-wide and by organization.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserRoles },
})

export const updateUserRoles = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/roles',
  summary: "Set a user's site-wide roles. Callers cannot change their own roles or assign roles they may not grant.",
  access: user('assign', 'assign_role'),
  params: UserParams,
  body: UpdateRoles,
  responses: { 200: User },
})

export const listOrganizationsOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/organizations',
  summary: 'List the organizations of a user.',
  access: user('list', 'organization'),
  params: UserParams,
  responses: { 200: Type.Array(Organization) },
})

export const getOrganizationOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/organizations/:organizationname',
  summary: 'Get an organization of a user by name.',
  access: user('read', 'organization'),
  params: OrganizationOfUserParams,
  responses: { 200: Organization },
})
