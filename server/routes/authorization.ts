// Answers questions to the policy.

import type { FastifyInstance } from 'fastify'
import { type AuthorizationCheck, checkAuthorization } from '../../api/authorization.ts'
import type { Action, Resource } from '../../api/endpoint.ts'
import { can, isAllowed, type Principal } from '../policy.ts'
import { serve } from '../serve.ts'

export function registerAuthorizationRoutes(app: FastifyInstance): void {
  serve(app, checkAuthorization, async (request) => {
    isAllowed(request, 'read', { resource: 'user' })
    return Object.fromEntries(
      Object.entries(request.body.checks).map(([name, { object, action }]) => [
        name,
        mayDo(request.principal, object, action),
      ]),
    )
  })
}

/** Coder's words for actions that are ours under another name. */
const actionNames: Record<string, string> = {
  view_insights: 'read',
  ssh: 'connect',
  application_connect: 'connect',
  start: 'update',
  stop: 'update',
}

/** A resource or an action that we do not have is answered with no, except to owners, who may do everything. */
function mayDo(principal: Principal, object: AuthorizationCheck['object'], action: string): boolean {
  const ownerId = object.owner_id === 'me' ? principal.userId : object.owner_id
  const subject = { resource: object.resource_type as Resource, ...(ownerId ? { ownerId } : {}) }
  return can(principal, (actionNames[action] ?? action) as Action, subject)
}
