// Requests of workspaces to language models: they do not go through the deployment, so that it has none to tell of.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

const Interception = Type.Object({ id: Uuid, model: Type.String(), provider: Type.String() })

export const listInterceptions = endpoint({
  method: 'GET',
  path: '/api/v2/aibridge/interceptions',
  summary: 'Lists the requests to language models that went through the deployment: none',
  access: user('list', 'aibridge_interception'),
  query: Type.Object({
    q: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer()),
    after_id: Type.Optional(Type.String()),
    offset: Type.Optional(Type.Integer()),
  }),
  responses: { 200: Type.Object({ count: Type.Integer(), results: Type.Array(Interception) }) },
})
