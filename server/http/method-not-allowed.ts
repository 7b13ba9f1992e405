// What is answered where an address is known, but not to be asked in this way: with another method, or for a WebSocket
// without an upgrade.

import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify'
import type { Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import { admit } from './serve.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that a path can be asked with; none for an unknown one. */
    methodsOf(path: string): readonly string[]
  }
}

/** Notes every route that is registered from here on. */
export function noteMethods(app: FastifyInstance): void {
  const methodsByPath = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const known = methodsByPath.get(url) ?? { pattern: toPattern(url), methods: new Set() }
    methodsByPath.set(url, known)
    for (const one of [method].flat()) known.methods.add(one)
  })
  app.decorate('methodsOf', (path: string) => [
    ...new Set([...methodsByPath.values()].filter(({ pattern }) => pattern.test(path)).flatMap((p) => [...p.methods])),
  ])
}

const toPattern = (url: string) =>
  new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z_]+/g, '[^/]+')}/?$`)

/** @param allowed goes into the header `Allow` */
export const methodNotAllowed = (method: string, allowed: readonly string[]): ApiError =>
  new ApiError(405, `This address does not take ${method}.`, { detail: `It takes ${allowed.join(', ')}.` })

/** An address of WebSockets only, asked without an upgrade. */
export function serveUpgradeRequired(app: FastifyInstance, endpoint: Endpoint): void {
  app.route({
    method: 'GET',
    url: endpoint.path,
    config: { endpoint },
    schema: {
      ...(endpoint.params ? { params: endpoint.params } : {}),
      ...(endpoint.query ? { querystring: endpoint.query } : {}),
    },
    preValidation: async (request) => admit(endpoint, request.principal),
    handler: async (_request, reply) => refuseWithoutUpgrade(reply),
  })
}

/** For addresses that are answered plainly too, until `follow` asks for what comes. @throws ApiError 426 */
export function assertNotFollowing({
  query,
  reply,
}: {
  readonly query: { readonly follow?: string }
  readonly reply: FastifyReply
}): void {
  if (query.follow !== undefined) refuseWithoutUpgrade(reply)
}

/** @throws ApiError 426, always */
function refuseWithoutUpgrade(reply: FastifyReply): never {
  reply.header('connection', 'Upgrade').header('upgrade', 'websocket')
  throw new ApiError(426, 'Only WebSockets are answered here.', {
    detail: 'Ask with the headers "Connection: Upgrade" and "Upgrade: websocket".',
  })
}
