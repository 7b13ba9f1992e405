// Favorites. Only the owner of a workspace can mark it.

import type { FastifyInstance } from 'fastify'
import { forbidden } from '../../../api/errors.ts'
import { addFavorite, removeFavorite } from '../../../api/workspaces/favorites.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'

export function registerFavoriteRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  for (const [endpoint, favorite] of [
    [addFavorite, true],
    [removeFavorite, false],
  ] as const) {
    serve(app, endpoint, async (request) => {
      const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
      if (workspace.owner_id !== request.principal.userId) {
        throw forbidden('You can mark only your own workspaces as favorites.')
      }
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('workspaces').set({ favorite }).where('id', '=', workspace.id).execute()
        await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
      })
      return null
    })
  }
}
