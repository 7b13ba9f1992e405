// The OpenAPI description of the contract, for authors of clients.

import { Type } from 'typebox'
import { endpoint, open } from '../endpoint.ts'

export const getReference = endpoint({
  method: 'GET',
  path: '/swagger/doc.json',
  summary: 'Get the OpenAPI description of every endpoint. Swagger UI is at /swagger/.',
  access: open('identical in every deployment'),
  responses: { 200: Type.Unknown() },
  raw: true,
})
