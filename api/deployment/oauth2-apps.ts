// External applications that use this deployment as an OAuth2 provider. Not supported: the list is empty.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'

const OAuth2App = Type.Object({ id: Uuid, name: Type.String() })

export const listOAuth2Apps = endpoint({
  method: 'GET',
  path: '/api/v2/oauth2-provider/apps',
  summary: 'List OAuth2 applications (always empty).',
  access: user('list', 'oauth2_app'),
  query: Type.Object({ user_id: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(OAuth2App) },
})

/** Target of the `WWW-Authenticate` header. */
export const protectedResourcePath = '/.well-known/oauth-protected-resource'

export const getProtectedResource = endpoint({
  method: 'GET',
  path: protectedResourcePath,
  summary: 'Get the OAuth2 metadata of the protected resource. No authorization server is available.',
  access: open('describes how to authenticate'),
  responses: {
    200: Type.Object({
      resource: Type.String(),
      authorization_servers: Type.Array(Type.String()),
      bearer_methods_supported: Type.Array(Type.String()),
      scopes_supported: Type.Array(Type.String()),
    }),
  },
})
