// Initial setup, sign-in and sign-out.

import { type Static, Type } from 'typebox'
import { maybe, Name, RealName, Response, Uuid } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'
import { Email, Password } from './users.ts'

export const CreateFirstUserRequest = Type.Object({
  email: Email,
  username: Name,
  name: maybe(RealName),
  password: Password,
  trial: maybe(Type.Boolean()),
  // Clients send this for a license trial, which does not exist here; accepted and ignored.
  trial_info: maybe(Type.Object({})),
  // Printed when coderd starts. Required unless the client runs as the operating-system user of coderd.
  setup_code: maybe(Type.String({ maxLength: 64 })),
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

export const getFirstUser = endpoint({
  method: 'GET',
  path: '/api/v2/users/first',
  summary: 'Check whether the deployment has been set up. Returns 404 until the first user exists.',
  access: open('called before the first user exists'),
  responses: { 200: Response },
})

export const createFirstUser = endpoint({
  method: 'POST',
  path: '/api/v2/users/first',
  summary: 'Create the first user, who becomes the owner, and the default organization.',
  access: open('no user can sign in yet; rejected once a user exists'),
  body: CreateFirstUserRequest,
  responses: { 201: CreateFirstUserResponse },
})

export const login = endpoint({
  method: 'POST',
  path: '/api/v2/users/login',
  limit: 'logins',
  summary: 'Exchange email and password for a session token, returned in the body and as a cookie.',
  access: open('creates the session'),
  body: LoginWithPasswordRequest,
  responses: { 201: LoginWithPasswordResponse },
})

export const logout = endpoint({
  method: 'POST',
  path: '/api/v2/users/logout',
  summary: 'Delete the current session and its cookie.',
  access: user('delete', 'api_key'),
  responses: { 200: Response },
})

export const getAuthMethods = endpoint({
  method: 'GET',
  path: '/api/v2/users/authmethods',
  summary: 'List the sign-in methods.',
  access: open('the sign-in page needs it'),
  responses: { 200: AuthMethods },
})
