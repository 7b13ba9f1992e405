// What a person's workspaces cost a day. Nothing limits it: a budget needs groups that give one.

import type { FastifyInstance } from 'fastify'
import { getWorkspaceQuota, getWorkspaceQuotaOfUser, type WorkspaceQuota } from '../../api/workspace-quotas.ts'
import type { ServerContext } from '../context.ts'
import { serve } from '../door/serve.ts'
import { requireOrganization, requireUser } from '../load.ts'

const noLimit = -1

export function registerWorkspaceQuotaRoutes(app: FastifyInstance, context: ServerContext): void {
  const read = async (userId: string): Promise<WorkspaceQuota> => {
    const { consumed } = await context.db
      .selectFrom('workspaces as workspace')
      .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
      .where('workspace.owner_id', '=', userId)
      .where('workspace.deleted', '=', false)
      .select(({ fn }) => fn.sum<number | null>('build.daily_cost').as('consumed'))
      .executeTakeFirstOrThrow()
    return { credits_consumed: Number(consumed ?? 0), budget: noLimit }
  }

  serve(app, getWorkspaceQuota, async (request) => {
    await requireOrganization(context, request, request.params.organization, 'read')
    return await read((await requireUser(context, request, request.params.user, 'read')).id)
  })
  serve(app, getWorkspaceQuotaOfUser, async (request) =>
    read((await requireUser(context, request, request.params.user, 'read')).id),
  )
}
