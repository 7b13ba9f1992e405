// Applications that would sign people in with this deployment: there are none.

import type { FastifyInstance } from 'fastify'
import { listOAuth2Apps } from '../../api/oauth2-apps.ts'
import { serve } from '../door/serve.ts'
import { authorize } from '../policy/policy.ts'

export function registerOAuth2AppRoutes(app: FastifyInstance): void {
  serve(app, listOAuth2Apps, async (request) => {
    authorize(request, 'list', { resource: 'oauth2_app' })
    return []
  })
}
