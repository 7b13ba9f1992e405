// External accounts, such as those at code hosts. None can be linked to this deployment: lists are empty, and requests
// that name a provider return 404.

import { Type } from 'typebox'
import { Flag, Timestamp } from '../common.ts'
import { agent, endpoint, user } from '../endpoint.ts'

const ExternalAuthProvider = Type.Object({
  id: Type.String(),
  type: Type.String(),
  device: Type.Boolean(),
  display_name: Type.String(),
  display_icon: Type.String(),
  allow_refresh: Type.Boolean(),
  allow_validate: Type.Boolean(),
})

const ExternalAuthLink = Type.Object({
  provider_id: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  has_refresh_token: Type.Boolean(),
  expires: Timestamp,
  authenticated: Type.Boolean(),
  validate_error: Type.String(),
})

const ListUserExternalAuthResponse = Type.Object({
  providers: Type.Array(ExternalAuthProvider),
  links: Type.Array(ExternalAuthLink),
})

const ExternalAuthUser = Type.Object({
  id: Type.Integer(),
  login: Type.String(),
  avatar_url: Type.String(),
  profile_url: Type.String(),
  name: Type.String(),
})

const ExternalAuth = Type.Object({
  authenticated: Type.Boolean(),
  device: Type.Boolean(),
  display_name: Type.String(),
  supports_revocation: Type.Boolean(),
  user: ExternalAuthUser,
  app_installable: Type.Boolean(),
  installations: Type.Array(
    Type.Object({ id: Type.Integer(), account: ExternalAuthUser, configure_url: Type.String() }),
  ),
  app_install_url: Type.String(),
})

const ProviderParams = Type.Object({ externalauth: Type.String() })

export const listExternalAuths = endpoint({
  method: 'GET',
  path: '/api/v2/external-auth',
  summary: "List external auth providers and the caller's links to them (always empty).",
  access: user('read_personal', 'user'),
  responses: { 200: ListUserExternalAuthResponse },
})

export const getExternalAuth = endpoint({
  method: 'GET',
  path: '/api/v2/external-auth/:externalauth',
  summary: 'Get a linked external account. Always returns 404: no provider is configured.',
  access: user('read_personal', 'user'),
  params: ProviderParams,
  responses: { 200: ExternalAuth },
})

export const deleteExternalAuth = endpoint({
  method: 'DELETE',
  path: '/api/v2/external-auth/:externalauth',
  summary: 'Unlink an external account. Always returns 404: no provider is configured.',
  access: user('update_personal', 'user'),
  params: ProviderParams,
  responses: { 200: Type.Object({ token_revoked: Type.Boolean(), token_revocation_error: Type.String() }) },
})

export const getExternalAuthDevice = endpoint({
  method: 'GET',
  path: '/api/v2/external-auth/:externalauth/device',
  summary: 'Start a device authorization. Always returns 404: no provider is configured.',
  access: user('read_personal', 'user'),
  params: ProviderParams,
  responses: {
    200: Type.Object({
      device_code: Type.String(),
      user_code: Type.String(),
      verification_uri: Type.String(),
      expires_in: Type.Integer(),
      interval: Type.Integer(),
    }),
  },
})

export const exchangeExternalAuthDevice = endpoint({
  method: 'POST',
  path: '/api/v2/external-auth/:externalauth/device',
  summary: 'Complete a device authorization. Always returns 404: no provider is configured.',
  access: user('update_personal', 'user'),
  params: ProviderParams,
  body: Type.Object({ device_code: Type.Optional(Type.String()) }),
  responses: { 204: Type.Null() },
})

const AgentExternalAuthQuery = Type.Object({
  match: Type.Optional(Type.String()),
  id: Type.Optional(Type.String()),
  listen: Type.Optional(Flag),
})

const AgentExternalAuth = Type.Object({
  access_token: Type.String(),
  token_extra: Type.Record(Type.String(), Type.Unknown()),
  url: Type.String(),
  type: Type.String(),
  username: Type.String(),
  password: Type.String(),
})

export const getAgentExternalAuth = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/external-auth',
  summary: 'Get the credentials of an external account. Always returns 404, so that Git prompts the user.',
  access: agent,
  query: AgentExternalAuthQuery,
  responses: { 200: AgentExternalAuth },
})

export const getAgentGitAuth = endpoint({
  method: 'GET',
  path: '/api/v2/workspaceagents/me/gitauth',
  summary: 'Get the credentials of an external account (path of older agents).',
  access: agent,
  query: AgentExternalAuthQuery,
  responses: { 200: AgentExternalAuth },
})
