// External authentication. No provider can be configured, and every endpoint reports that.

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

const unsupportedDetail = 'No outside account can be linked to this deployment.'

function rejectRequest(request: AuthzRequest, action: Action): never {
  authorizeOwn(request, action)
  throw new ApiError(404, notFound().message, { detail: unsupportedDetail })
}

/** Git's helper in a workspace asks the person when it is told this. */
function rejectAgentRequest({ match, id }: { readonly match?: string; readonly id?: string }): never {
  if (!match && !id) {
    const detail = 'Give "match" or "id".'
    throw new ApiError(400, 'Query parameters have invalid values.', { validations: [{ field: 'match', detail }] })
  }
  throw new ApiError(404, `No external account is set up for "${match || id}".`, { detail: unsupportedDetail })
}
