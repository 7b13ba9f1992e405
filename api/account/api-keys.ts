// API keys of users: session keys for other programs, and named tokens. The secret is shown once, on creation.

import { type Static, Type } from 'typebox'
import { maybe, Timestamp, Uuid } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'
import { LoginType } from '../user-fields.ts'
import { UserParams } from './users.ts'

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
  /** Each entry is `type:id`, such as `workspace:*`. Coder's schema declares objects; its clients exchange strings. */
  allow_list: Type.Array(Type.String()),
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
  lifetime: maybe(Type.Integer({ minimum: 0, maximum: 9_223_372_036_854_775_000 })),
  token_name: maybe(Type.String({ maxLength: 64 })),
  scope: maybe(Type.String()),
  scopes: maybe(Type.Array(Type.String())),
  /** The same format as in responses. */
  allow_list: maybe(Type.Array(Type.String({ maxLength: 128 }))),
})
export type CreateTokenRequest = Static<typeof CreateTokenRequest>

const KeyParams = Type.Object({ user: Type.String(), keyid: Type.String() })

export const createSessionKey = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/keys',
  summary: 'Create a session key for another program of the same user.',
  access: user('create', 'api_key'),
  params: UserParams,
  responses: { 201: GenerateApiKeyResponse },
})

export const getKey = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/:keyid',
  summary: 'Get an API key without its secret.',
  access: user('read', 'api_key'),
  params: KeyParams,
  responses: { 200: ApiKey },
})

export const deleteKey = endpoint({
  method: 'DELETE',
  path: '/api/v2/users/:user/keys/:keyid',
  summary: 'Revoke an API key.',
  access: user('delete', 'api_key'),
  params: KeyParams,
  responses: { 204: Type.Null() },
})

export const listTokens = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/tokens',
  summary: "List a user's named tokens without their secrets. Administrators can list the tokens of all users.",
  access: user('read', 'api_key'),
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
  summary: 'Create a named token with a lifetime.',
  access: user('create', 'api_key'),
  params: UserParams,
  body: CreateTokenRequest,
  responses: { 201: GenerateApiKeyResponse },
})

export const getToken = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/tokens/:keyname',
  summary: 'Get a named token without its secret.',
  access: user('read', 'api_key'),
  params: Type.Object({ user: Type.String(), keyname: Type.String() }),
  responses: { 200: ApiKey },
})

export const getTokenConfig = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/keys/tokens/tokenconfig',
  summary: 'Get the maximum token lifetime in nanoseconds.',
  access: user('read', 'api_key'),
  params: UserParams,
  responses: { 200: Type.Object({ max_token_lifetime: Type.Number() }) },
})

export const listScopes = endpoint({
  method: 'GET',
  path: '/api/v2/auth/scopes',
  summary: 'List the scopes that a token can have.',
  access: open('contains no user data; token forms list these scopes'),
  responses: { 200: Type.Object({ external: Type.Array(Type.String()) }) },
})
