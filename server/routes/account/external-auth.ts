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
    askAboutOwn(request, 'read_personal')
    return { providers: [], links: [] }
  })

  serve(app, getExternalAuth, async (request) => refuse(request, 'read_personal'))
  serve(app, deleteExternalAuth, async (request) => refuse(request, 'update_personal'))
  serve(app, getExternalAuthDevice, async (request) => refuse(request, 'read_personal'))
  serve(app, exchangeExternalAuthDevice, async (request) => refuse(request, 'update_personal'))
  serve(app, getAgentExternalAuth, async ({ query }) => refuseAgent(query))
  serve(app, getAgentGitAuth, async ({ query }) => refuseAgent(query))
}

type AuthzRequest = Pick<RequestContext<unknown>, 'principal' | 'isAuthorized'>

const askAboutOwn = (request: AuthzRequest, action: Action) =>
  authorize(request, action, userObject(request.principal.userId))

const why = 'This deployment has no external authentication providers.'

function refuse(request: AuthzRequest, action: Action): never {
  askAboutOwn(request, action)
  throw new ApiError(404, notFound().message, { detail: why })
}

/** `coder gitaskpass` prompts the user after this error. */
function refuseAgent({ match, id }: { readonly match?: string; readonly id?: string }): never {
  if (!match && !id) {
    const detail = 'Give "match" or "id".'
    throw new ApiError(400, 'Query parameters have invalid values.', { validations: [{ field: 'match', detail }] })
  }
  throw new ApiError(404, `No external authentication provider matches "${match || id}".`, { detail: why })
}
