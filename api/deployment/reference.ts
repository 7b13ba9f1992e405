// The description of the contract itself, for whoever writes a client.

import { Type } from 'typebox'
import { endpoint, open } from '../endpoint.ts'

export const getReference = endpoint({
  method: 'GET',
  path: '/swagger/doc.json',
  summary: 'Describes every endpoint, in the form of OpenAPI; /swagger/ shows it to people',
  access: open('it is the same in every deployment and tells nothing of this one'),
  responses: { 200: Type.Unknown() },
  raw: true,
})
