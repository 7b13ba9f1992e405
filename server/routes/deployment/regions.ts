// Regions: one, the deployment itself.

import type { FastifyInstance } from 'fastify'
import { listRegions, listWorkspaceProxies } from '../../../api/deployment/regions.ts'
import { primaryProxy, primaryRegion } from '../../agents/primary-region.ts'
import type { ServerContext } from '../../context.ts'
import { readDeploymentId } from '../../deployment/deployment-id.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'

export function registerRegionRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, listRegions, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return { regions: [primaryRegion(context, await readDeploymentId(context.db))] }
  })

  serve(app, listWorkspaceProxies, async (request) => {
    authorize(request, 'read', { resource: 'workspace_proxy' })
    return { regions: [primaryProxy(context, await readDeploymentId(context.db), context.clock.now())] }
  })
}
