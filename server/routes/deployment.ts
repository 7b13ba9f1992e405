// What the deployment says about itself.

import type { FastifyInstance } from 'fastify'
import { getApiRoot, getAppHost, getBuildInfo, getHealthz, listExperiments } from '../../api/deployment.ts'
import { coderVersion, version } from '../../lib/version.ts'
import type { ServerContext } from '../context.ts'
import { authorize } from '../policy.ts'
import { serve } from '../serve.ts'

export function registerDeploymentRoutes(app: FastifyInstance, context: ServerContext): void {
  const deploymentId = readDeploymentId(context)

  serve(app, getApiRoot, async () => ({ message: 'Coder Local' }))

  serve(app, getBuildInfo, async () => ({
    external_url: '',
    version: coderVersion,
    dashboard_url: context.accessUrl,
    telemetry: false,
    workspace_proxy: false,
    agent_api_version: '2.0',
    provisioner_api_version: '1.0',
    upgrade_message: '',
    deployment_id: await deploymentId(),
    coder_local_version: version,
  }))

  serve(app, getHealthz, async ({ reply }) => {
    reply.type('text/plain; charset=utf-8').send('OK')
    return ''
  })

  serve(app, listExperiments, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return []
  })

  serve(app, getAppHost, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return { host: context.config.wildcardAccessUrl }
  })
}

/** Made once for a database and kept there. */
function readDeploymentId({ db }: ServerContext): () => Promise<string> {
  let known: string | undefined
  return async () => {
    known ??= (
      await db.selectFrom('site_configs').select('value').where('key', '=', 'deployment_id').executeTakeFirst()
    )?.value
    return known ?? ''
  }
}
