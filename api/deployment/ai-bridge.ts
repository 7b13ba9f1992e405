// Requests from workspaces to language models. They do not pass through the deployment, so the list is empty.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

const Interception = Type.Object({ id: Uuid, model: Type.String(), provider: Type.String() })

export const listInterceptions = endpoint({
  method: 'GET',
  path: '/api/v2/aibridge/interceptions',
  summary: 'List the requests to language models that passed through the deployment (always empty).',
  access: user('list', 'aibridge_interception'),
  query: Type.Object({
    q: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer()),
    after_id: Type.Optional(Type.String()),
    offset: Type.Optional(Type.Integer()),
  }),
  responses: { 200: Type.Object({ count: Type.Integer(), results: Type.Array(Interception) }) },
})
