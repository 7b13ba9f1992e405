// Workspaces that their owner wants first in the list.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

export const addFavorite = endpoint({
  method: 'PUT',
  path: '/api/v2/workspaces/:workspace/favorite',
  summary: 'Marks a workspace of the caller as a favourite',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  responses: { 204: Type.Null() },
})

export const removeFavorite = endpoint({
  method: 'DELETE',
  path: '/api/v2/workspaces/:workspace/favorite',
  summary: 'Takes the mark away',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  responses: { 204: Type.Null() },
})
