// Permission checks, used by pages to show only the actions that are permitted.

import { type Static, Type } from 'typebox'
import { maybe } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

/** Resource types and actions are free text: a check with an unknown one returns false. */
export const AuthorizationCheck = Type.Object({
  object: Type.Object({
    resource_type: Type.String(),
    owner_id: maybe(Type.String()),
    organization_id: maybe(Type.String()),
    resource_id: maybe(Type.String()),
    any_org: maybe(Type.Boolean()),
  }),
  action: Type.String(),
})
export type AuthorizationCheck = Static<typeof AuthorizationCheck>

export const AuthorizationRequest = Type.Object({
  checks: Type.Record(Type.String(), AuthorizationCheck),
})
export type AuthorizationRequest = Static<typeof AuthorizationRequest>

export const AuthorizationResponse = Type.Record(Type.String(), Type.Boolean())
export type AuthorizationResponse = Static<typeof AuthorizationResponse>

export const checkAuthorization = endpoint({
  method: 'POST',
  path: '/api/v2/authcheck',
  summary: 'Check whether the caller may perform actions on objects.',
  access: user('read', 'user'),
  body: AuthorizationRequest,
  responses: { 200: AuthorizationResponse },
})
