// Users, how they sign in, and their keys. Which roles may do what belongs to server/policy.

import { type Static, Type } from 'typebox'
import { maybe, Name, oneOf, paginationQuery, RealName, Response, Timestamp, Uuid } from './common.ts'
import { endpoint, open, user } from './endpoint.ts'
import { Organization, SlimRole } from './organizations.ts'

export const UserStatus = oneOf(['active', 'dormant', 'suspended'])
export type UserStatus = Static<typeof UserStatus>

/** Empty only in requests and for users that never signed in. */
export const LoginType = oneOf(['', 'password', 'github', 'oidc', 'token', 'none'])
export type LoginType = Static<typeof LoginType>

export const MinimalUser = Type.Object({
  id: Uuid,
  username: Type.String(),
  name: Type.Optional(Type.String()),
  avatar_url: Type.Optional(Type.String()),
})
export type MinimalUser = Static<typeof MinimalUser>

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

const Email = Type.String({ format: 'email' })
const Password = Type.String({ minLength: 1 })

export const CreateFirstUserRequest = Type.Object({
  email: Email,
  username: Name,
  name: maybe(RealName),
  password: Password,
  trial: maybe(Type.Boolean()),
  // Clients fill this in for a licence trial, which does not exist here: taken and ignored.
  trial_info: maybe(Type.Object({})),
})
export type CreateFirstUserRequest = Static<typeof CreateFirstUserRequest>

export const CreateFirstUserResponse = Type.Object({
  user_id: Uuid,
  organization_id: Uuid,
})
export type CreateFirstUserResponse = Static<typeof CreateFirstUserResponse>

export const LoginWithPasswordRequest = Type.Object({
  email: Email,
  password: Password,
})
export type LoginWithPasswordRequest = Static<typeof LoginWithPasswordRequest>

export const LoginWithPasswordResponse = Type.Object({
  session_token: Type.String(),
})
export type LoginWithPasswordResponse = Static<typeof LoginWithPasswordResponse>

export const AuthMethods = Type.Object({
  terms_of_service_url: Type.Optional(Type.String()),
  password: Type.Object({ enabled: Type.Boolean() }),
  github: Type.Object({
    enabled: Type.Boolean(),
    default_provider_configured: Type.Boolean(),
  }),
  oidc: Type.Object({
    enabled: Type.Boolean(),
    signInText: Type.String(),
    iconUrl: Type.String(),
  }),
})
export type AuthMethods = Static<typeof AuthMethods>

export const CreateUserRequest = Type.Object({
  email: Email,
  username: Name,
  name: maybe(RealName),
  password: maybe(Type.String()),
  login_type: maybe(LoginType),
  user_status: maybe(UserStatus),
  organization_ids: maybe(Type.Array(Uuid)),
})
export type CreateUserRequest = Static<typeof CreateUserRequest>

export const UpdateUserPasswordRequest = Type.Object({
  old_password: maybe(Type.String()),
  password: Password,
})
export type UpdateUserPasswordRequest = Static<typeof UpdateUserPasswordRequest>

export const AllowListTarget = Type.Object({
  type: Type.String(),
  id: Type.String(),
})
export type AllowListTarget = Static<typeof AllowListTarget>

export const ApiKey = Type.Object({
  id: Type.String(),
  user_id: Uuid,
  last_used: Timestamp,
  expires_at: Timestamp,
  created_at: Timestamp,
  updated_at: Timestamp,
  login_type: LoginType,
  scope: Type.String(),
  scopes: Type.Array(Type.String()),
  token_name: Type.String(),
  lifetime_seconds: Type.Integer(),
  allow_list: Type.Array(AllowListTarget),
})
export type ApiKey = Static<typeof ApiKey>

export const ApiKeyWithOwner = Type.Object({
  ...ApiKey.properties,
  username: Type.String(),
})
export type ApiKeyWithOwner = Static<typeof ApiKeyWithOwner>

/** The only time the key itself is shown. */
export const GenerateApiKeyResponse = Type.Object({ key: Type.String() })
export type GenerateApiKeyResponse = Static<typeof GenerateApiKeyResponse>

export const CreateTokenRequest = Type.Object({
  /** Nanoseconds. */
  lifetime: maybe(Type.Integer({ minimum: 0 })),
  token_name: maybe(Type.String({ maxLength: 64 })),
  scope: maybe(Type.String()),
  scopes: maybe(Type.Array(Type.String())),
  allow_list: maybe(Type.Array(AllowListTarget)),
})
export type CreateTokenRequest = Static<typeof CreateTokenRequest>

/** Resource types and actions are free text: a check that names one we do not have is answered with no. */
export const AuthorizationCheck = Type.Object({
  object: Type.Object({
    resource_type: Type.String(),
    owner_id: maybe(Type.String()),
    organization_id: maybe(Type.String()),
    resource_id: maybe(Type.String()),
    any_org: maybe(Type.Boolean()),
  }),
  action: Type.String(),
})
export type AuthorizationCheck = Static<typeof AuthorizationCheck>

export const AuthorizationRequest = Type.Object({
  checks: Type.Record(Type.String(), AuthorizationCheck),
})
export type AuthorizationRequest = Static<typeof AuthorizationRequest>

export const AuthorizationResponse = Type.Record(Type.String(), Type.Boolean())
export type AuthorizationResponse = Static<typeof AuthorizationResponse>

/** `:user` is an id, a username or `me`. */
export const UserParams = Type.Object({ user: Type.String() })
const OrganizationOfUserParams = Type.Object({
  user: Type.String(),
  organizationname: Type.String(),
})
const KeyParams = Type.Object({ user: Type.String(), keyid: Type.String() })

export const getFirstUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/first',
  summary: 'Tells whether the deployment has been set up: 404 until the first user exists',
  access: open('asked before anybody can have signed in'),
  responses: { 200: Response },
})

export const createFirstUser = endpoint({
  method: 'POST',
  path: '/api/v2/users/first',
  summary: 'Sets the deployment up: makes the first user, its owner, and the default organization',
  access: open('there is nobody yet who could sign in; refused once a user exists'),
  body: CreateFirstUserRequest,
  responses: { 201: CreateFirstUserResponse },
})

export const login = endpoint({
  method: 'POST',
  path: '/api/v2/users/login',
  summary: 'Exchanges email and password for a session, in the answer and as a cookie',
  access: open('this is how a session begins'),
  body: LoginWithPasswordRequest,
  responses: { 201: LoginWithPasswordResponse },
})

export const logout = endpoint({
  method: 'POST',
  path: '/api/v2/users/logout',
  summary: 'Ends the session that asks and removes its cookie',
  access: user('delete', 'api_key'),
  responses: { 200: Response },
})

export const getAuthMethods = endpoint({
  method: 'GET',
  path: '/api/v2/users/authmethods',
  summary: 'Lists the ways to sign in',
  access: open('the sign-in page is drawn from it'),
  responses: { 200: AuthMethods },
})

export const listUsers = endpoint({
  method: 'GET',
  path: '/api/v2/users',
  summary: 'Lists users, filtered by a search text and in pages',
  access: user('list', 'user'),
  query: Type.Object({ q: Type.Optional(Type.String()), ...paginationQuery }),
  responses: { 200: GetUsersResponse },
})

export const createUser = endpoint({
  method: 'POST',
  path: '/api/v2/users',
  summary: 'Makes a user',
  access: user('create', 'user'),
  body: CreateUserRequest,
  responses: { 201: User },
})

export const getUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user',
  summary: 'Gives a user',
  access: user('read', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const deleteUser = endpoint({
  method: 'DELETE',
  path: '/api/v2/users/:user',
  summary: 'Deletes a user who owns no workspaces',
  access: user('delete', 'user'),
  params: UserParams,
  responses: { 200: Response },
})

export const updateUserPassword = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/password',
  summary: 'Sets a new password; your own needs the old one',
  access: user('update', 'user'),
  params: UserParams,
  body: UpdateUserPasswordRequest,
  responses: { 204: Type.Null() },
})

export const suspendUser = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/status/suspend',
  summary: 'Shuts a user out until activated again',
  access: user('update', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const activateUser = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/status/activate',
  summary: 'Lets a suspended or dormant user in again',
  access: user('update', 'user'),
  params: UserParams,
  responses: { 200: User },
})

export const getUserRoles = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/roles',
  summary: "Names a user's roles, for the whole site and by organization",
  access: user('read', 'user'),
  params: UserParams,
  responses: { 200: UserRoles },
})

export const listOrganizationsOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/organizations',
  summary: 'Lists the organizations a user belongs to',
  access: user('list', 'organization'),
  params: UserParams,
  responses: { 200: Type.Array(Organization) },
})

export const getOrganizationOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/organizations/:organizationname',
  summary: 'Gives one of the organizations a user belongs to, by name',
  access: user('read', 'organization'),
  params: OrganizationOfUserParams,
  responses: { 200: Organization },
})

export const createSessionKey = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/keys',
  summary: 'Makes a session key, for handing to another program of the same user',
  access: user('create', 'api_key'),
  params: UserParams,
  responses: { 201: GenerateApiKeyResponse },
})

export const getKey = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/:keyid',
  summary: 'Describes a key, without its secret',
  access: user('read', 'api_key'),
  params: KeyParams,
  responses: { 200: ApiKey },
})

export const deleteKey = endpoint({
  method: 'DELETE',
  path: '/api/v2/users/:user/keys/:keyid',
  summary: 'Revokes a key at once',
  access: user('delete', 'api_key'),
  params: KeyParams,
  responses: { 204: Type.Null() },
})

export const listTokens = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/tokens',
  summary: "Lists a user's named tokens, without their secrets; an admin may ask for everybody's",
  access: user('list', 'api_key'),
  params: UserParams,
  query: Type.Object({
    include_all: Type.Optional(Type.Boolean()),
    include_expired: Type.Optional(Type.Boolean()),
  }),
  responses: { 200: Type.Array(ApiKeyWithOwner) },
})

export const createToken = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/keys/tokens',
  summary: 'Makes a named token with a lifetime',
  access: user('create', 'api_key'),
  params: UserParams,
  body: CreateTokenRequest,
  responses: { 201: GenerateApiKeyResponse },
})

export const checkAuthorization = endpoint({
  method: 'POST',
  path: '/api/v2/authcheck',
  summary: 'Answers named questions of the form: may I do this to that?',
  access: user('read', 'user'),
  body: AuthorizationRequest,
  responses: { 200: AuthorizationResponse },
})
