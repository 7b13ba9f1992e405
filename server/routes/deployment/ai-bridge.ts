// Requests to language models: none pass through the deployment.

import type { FastifyInstance } from 'fastify'
import { listInterceptions } from '../../../api/deployment/ai-bridge.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'

export function registerAiBridgeRoutes(app: FastifyInstance): void {
  serve(app, listInterceptions, async (request) => {
    authorize(request, 'list', { resource: 'aibridge_interception' })
    return { count: 0, results: [] }
  })
}
