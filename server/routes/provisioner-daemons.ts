// The daemons that take jobs.

import type { FastifyInstance } from 'fastify'
import { listProvisionerDaemons } from '../../api/provisioner-daemons.ts'
import { loadDaemons } from '../builds/load-daemons.ts'
import type { ServerContext } from '../context.ts'
import { serve } from '../door/serve.ts'
import { requireOrganization } from '../load.ts'
import { authorize } from '../policy/policy.ts'
import { readTags, splitIds, splitWords } from './provisioner-queries.ts'

export function registerProvisionerDaemonRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listProvisionerDaemons, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'provisioner_jobs', organizationId: organization.id })
    const { limit = 0 } = request.query
    const [ids, wanted, tags] = [
      splitIds('ids', request.query.ids),
      splitWords('status', request.query.status, daemonStatuses),
      readTags(request.query.tags),
    ]
    const listed = await loadDaemons(db, { organizationId: organization.id, ids, tags })
    const shown = wanted ? listed.filter(({ status }) => wanted.includes(status ?? '')) : listed
    return limit > 0 ? shown.slice(0, limit) : shown
  })
}

const daemonStatuses: readonly string[] = ['offline', 'idle', 'busy']
