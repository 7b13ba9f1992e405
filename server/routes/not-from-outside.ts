// What others would bring here and do not: applications that sign people in, provisioner daemons with keys of their own.

import type { FastifyInstance } from 'fastify'
import { listOAuth2Apps } from '../../api/oauth2-apps.ts'
import { listDaemonsByKey, listProvisionerKeys } from '../../api/provisioner-keys.ts'
import { builtInKeyId, loadDaemons } from '../builds/load-daemons.ts'
import type { ServerContext } from '../context.ts'
import { serve } from '../door/serve.ts'
import { requireOrganization } from '../load.ts'
import { authorize } from '../policy/policy.ts'

export function registerOutsideRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, listOAuth2Apps, async (request) => {
    authorize(request, 'list', { resource: 'oauth2_app' })
    return []
  })

  serve(app, listProvisionerKeys, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', { resource: 'provisioner_daemon', organizationId: organization.id })
    return []
  })

  serve(app, listDaemonsByKey, async (request) => {
    const { id, created_at } = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'provisioner_daemon', organizationId: id })
    const key = { id: builtInKeyId, created_at: created_at.toISOString(), organization: id, name: 'built-in', tags: {} }
    return [{ key, daemons: await loadDaemons(context.db, { organizationId: id }) }]
  })
}
