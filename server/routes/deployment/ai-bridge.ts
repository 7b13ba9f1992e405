// AI bridge: not available; its lists are empty.

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
