// External accounts: none can be linked to this deployment, so lists are empty and all other requests are rejected.

import type { FastifyInstance } from 'fastify'
import {
  deleteExternalAuth,
  exchangeExternalAuthDevice,
  getAgentExternalAuth,
  getAgentGitAuth,
  getExternalAuth,
  getExternalAuthDevice,
  listExternalAuths,
} from '../../../api/account/external-auth.ts'
import { ApiError, notFound } from '../../../api/errors.ts'
import type { Action } from '../../../api/rbac.ts'
import { type RequestContext, serve } from '../../http/serve.ts'
import { userObject } from '../../policy/objects.ts'
import { authorize } from '../../policy/policy.ts'

export function registerExternalAuthRoutes(app: FastifyInstance): void {
  serve(app, listExternalAuths, async (request) => {
    authorizeOwn(request, 'read_personal')
    return { providers: [], links: [] }
  })

  serve(app, getExternalAuth, async (request) => rejectRequest(request, 'read_personal'))
  serve(app, deleteExternalAuth, async (request) => rejectRequest(request, 'update_personal'))
  serve(app, getExternalAuthDevice, async (request) => rejectRequest(request, 'read_personal'))
  serve(app, exchangeExternalAuthDevice, async (request) => rejectRequest(request, 'update_personal'))
  serve(app, getAgentExternalAuth, async ({ query }) => rejectAgentRequest(query))
  serve(app, getAgentGitAuth, async ({ query }) => rejectAgentRequest(query))
}

type AuthzRequest = Pick<RequestContext<unknown>, 'principal' | 'isAuthorized'>

const authorizeOwn = (request: AuthzRequest, action: Action) =>
  authorize(request, action, userObject(request.principal.userId))

const unsupportedDetail = 'External accounts are not supported by this deployment.'

function rejectRequest(request: AuthzRequest, action: Action): never {
  authorizeOwn(request, action)
  throw new ApiError(404, notFound().message, { detail: unsupportedDetail })
}

/** After this response, the Git helper in a workspace prompts the user. */
function rejectAgentRequest({ match, id }: { readonly match?: string; readonly id?: string }): never {
  if (!match && !id) {
    const detail = 'Set "match" or "id".'
    throw new ApiError(400, 'Query parameters have invalid values.', { validations: [{ field: 'match', detail }] })
  }
  throw new ApiError(404, `No external account is set up for "${match || id}".`, { detail: unsupportedDetail })
}
