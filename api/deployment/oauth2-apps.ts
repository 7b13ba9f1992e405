// Applications of others that sign people in with this deployment: there are none, and none can be added.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'

const OAuth2App = Type.Object({ id: Uuid, name: Type.String() })

export const listOAuth2Apps = endpoint({
  method: 'GET',
  path: '/api/v2/oauth2-provider/apps',
  summary: 'Lists the applications that may sign people in: none',
  access: user('list', 'oauth2_app'),
  query: Type.Object({ user_id: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(OAuth2App) },
})

/** Where `WWW-Authenticate` points to. */
export const protectedResourcePath = '/.well-known/oauth-protected-resource'

export const getProtectedResource = endpoint({
  method: 'GET',
  path: protectedResourcePath,
  summary: 'Tells clients of OAuth2 how to send a token; no server gives tokens of that kind out',
  access: open('it says how to sign in'),
  responses: {
    200: Type.Object({
      resource: Type.String(),
      authorization_servers: Type.Array(Type.String()),
      bearer_methods_supported: Type.Array(Type.String()),
      scopes_supported: Type.Array(Type.String()),
    }),
  },
})
