// Favorite workspaces, listed first for their owner.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

export const addFavorite = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/favorite',
  summary: 'Mark a workspace of the caller as a favorite.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  responses: { 204: Type.Null() },
})

export const removeFavorite = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaces/:workspace/favorite',
  summary: 'Remove a workspace from the favorites.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  responses: { 204: Type.Null() },
})
