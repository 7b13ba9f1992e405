// Daily cost of a user's workspaces, and the user's budget.

import type { FastifyInstance } from 'fastify'
import {
  getWorkspaceQuota,
  getWorkspaceQuotaOfUser,
  type WorkspaceQuota,
} from '../../../api/workspaces/workspace-quotas.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization, requireUser } from '../../lookup/users.ts'
import { readQuota } from '../../users/quotas.ts'

const noLimit = -1

export function registerWorkspaceQuotaRoutes(app: FastifyInstance, context: ServerContext): void {
  const read = async (userId: string): Promise<WorkspaceQuota> => {
    const { consumed, budget } = await readQuota(context.db, userId)
    return { credits_consumed: consumed, budget: budget ?? noLimit }
  }

  serve(app, getWorkspaceQuota, async (request) => {
    await requireOrganization(context, request, request.params.organization, 'read')
    return await read((await requireUser(context, request, request.params.user, 'read')).id)
  })
  serve(app, getWorkspaceQuotaOfUser, async (request) =>
    read((await requireUser(context, request, request.params.user, 'read')).id),
  )
}
