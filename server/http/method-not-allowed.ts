// Responses for known paths that are requested in the wrong way: another method (405), or a WebSocket endpoint without
// an upgrade (426).

import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify'
import createRouter, { type HTTPMethod, type HTTPVersion, type Instance as Router } from 'find-my-way'
import type { Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import { assertPossiblyPermitted } from './serve.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Methods registered for a path; empty for an unknown path. */
    methodsOf(path: string): readonly string[]
  }
}

/** Records the methods of every route registered after this call. */
export function recordMethods(app: FastifyInstance): void {
  const routes: Pick<RouteOptions, 'method' | 'url'>[] = []
  app.addHook('onRoute', ({ method, url }) => void routes.push({ method, url }))
  let router: Router<HTTPVersion.V1> | undefined
  app.decorate('methodsOf', (path: string) => {
    router ??= toRouter(routes)
    return app.supportedMethods.filter((method) => router?.find(method as HTTPMethod, path))
  })
}

/** Built for the first rejected request: Fastify's router does not list the methods of a path. */
function toRouter(routes: readonly Pick<RouteOptions, 'method' | 'url'>[]): Router<HTTPVersion.V1> {
  const router = createRouter({ ignoreTrailingSlash: true })
  for (const { method, url } of routes) router.on(method as HTTPMethod | HTTPMethod[], url, () => undefined)
  return router
}

/** @param allowed the methods in the `Allow` header */
export const methodNotAllowed = (method: string, allowed: readonly string[]): ApiError =>
  new ApiError(405, `This URL does not support ${method}.`, { detail: `Supported: ${allowed.join(', ')}.` })

/** Registers the 426 response of a WebSocket endpoint. */
export function serveUpgradeRequired(app: FastifyInstance, endpoint: Endpoint): void {
  app.route({
    method: 'GET',
    url: endpoint.path,
    config: { endpoint },
    schema: {
      ...(endpoint.params ? { params: endpoint.params } : {}),
      ...(endpoint.query ? { querystring: endpoint.query } : {}),
    },
    preValidation: async (request) => assertPossiblyPermitted(endpoint, request.principal),
    handler: async (_request, reply) => requireUpgrade(reply),
  })
}

/** For endpoints that also serve plain requests: `follow` requires an upgrade. @throws ApiError 426 */
export function assertNotFollowing({
  query,
  reply,
}: {
  readonly query: { readonly follow?: string }
  readonly reply: FastifyReply
}): void {
  if (query.follow !== undefined) requireUpgrade(reply)
}

/** @throws ApiError 426, always */
function requireUpgrade(reply: FastifyReply): never {
  reply.header('connection', 'Upgrade').header('upgrade', 'websocket')
  throw new ApiError(426, 'This endpoint only accepts WebSockets.', {
    detail: 'Send the headers "Connection: Upgrade" and "Upgrade: websocket".',
  })
}
