// Lists provisioner daemons.

import type { FastifyInstance } from 'fastify'
import { listProvisionerDaemons } from '../../../api/organizations/provisioner-daemons.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { loadDaemons } from '../../jobs/load-daemons.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { authorize } from '../../policy/policy.ts'
import { readAge, readTags, splitIds, splitWords } from '../../search/list-parameters.ts'

export function registerProvisionerDaemonRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listProvisionerDaemons, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'provisioner_jobs', organizationId: organization.id })
    const { limit = 0, offline = false } = request.query
    const [ids, statuses, tags] = [
      splitIds('ids', request.query.ids),
      splitWords('status', request.query.status, daemonStatuses),
      readTags(request.query.tags),
    ]
    const oldestMs = Date.now() - (readAge('max_age', request.query.max_age) ?? Number.POSITIVE_INFINITY)
    const listed = await loadDaemons(db, { organizationId: organization.id, ids, tags })
    const matching = listed.filter(
      ({ status, last_seen_at }) =>
        (statuses
          ? statuses.includes(status ?? '') || (offline && status === 'offline')
          : offline || status !== 'offline') && Date.parse(last_seen_at ?? '0001-01-01T00:00:00Z') >= oldestMs,
    )
    return limit > 0 ? matching.slice(0, limit) : matching
  })
}

const daemonStatuses: readonly string[] = ['offline', 'idle', 'busy']
