// External applications that use this deployment as an OAuth2 provider: none are supported.

import type { FastifyInstance } from 'fastify'
import { getProtectedResource, listOAuth2Apps } from '../../../api/deployment/oauth2-apps.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'
import { offeredScopes } from '../../policy/scopes.ts'

export function registerOAuth2AppRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, getProtectedResource, async () => ({
    resource: context.accessUrl,
    authorization_servers: [],
    bearer_methods_supported: ['header'],
    scopes_supported: [...offeredScopes],
  }))

  serve(app, listOAuth2Apps, async (request) => {
    authorize(request, 'list', { resource: 'oauth2_app' })
    return []
  })
}
