// Setting a deployment up, and how a session begins and ends.

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
  limit: 'logins',
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
