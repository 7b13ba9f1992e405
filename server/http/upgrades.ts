// Router for HTTP upgrades. It is the only `upgrade` listener, so that guards, authentication and authorization apply
// to every upgrade. Handlers own the connection after the upgrade.

import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import createRouter, { type HTTPVersion, type Instance as Router } from 'find-my-way'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Endpoint, ParamsOf, QueryOf } from '../../api/endpoint.ts'
import { ApiError, routeNotFound } from '../../api/errors.ts'
import { explainUnsupportedRoute } from '../../api/official-routes.ts'
import { coderVersion } from '../../lib/version.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import type { Principal } from '../policy/policy.ts'
import type { ForwardedUpgrade } from '../relay/messages.ts'
import type { RelayedSocket } from '../relay/relay.ts'
import {
  acceptWebSocket,
  type ClosableSocket,
  closeWebSockets,
  closeWithTimeout,
  createWebSocketServer,
} from '../relay/web-sockets.ts'
import { bearerChallenge, toApiError } from './errors.ts'
import type { HttpContext } from './http-context.ts'
import { checkHeaders } from './http-limits.ts'
import { identify } from './identify.ts'
import { serveUpgradeRequired } from './method-not-allowed.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RequestGuards } from './request-guards.ts'
import { assertAuthorized, assertPossiblyPermitted, lazyParser, type RequestContext } from './serve.ts'
import { assertStreamAvailable } from './stream-limit.ts'
import { findTerminalToken } from './terminal-tokens.ts'

export interface UpgradeRequest<E> extends RequestContext<E> {
  readonly upgrade: {
    /** Completes the WebSocket handshake, without compression. */
    webSocket(): Promise<WebSocket>
    /** Passes the socket to another process, which completes the handshake. */
    handOver<T extends RelayedSocket | undefined>(
      take: (socket: Socket, forwarded: ForwardedUpgrade) => Promise<T>,
    ): Promise<T>
  }
}

type UpgradeHandler<E> = (request: UpgradeRequest<E>) => Promise<void>

interface UpgradeRoute {
  readonly endpoint: Endpoint
  readonly parseParams: (input: unknown) => unknown
  readonly parseQuery: (input: unknown) => unknown
  readonly handler: UpgradeHandler<Endpoint>
}

declare module 'fastify' {
  interface FastifyInstance {
    upgradeRoutes: UpgradeRoute[]
  }
}

/** Registers the upgrade of an endpoint. An ApiError thrown before the upgrade becomes a plain HTTP response. */
export function serveUpgrade<E extends Endpoint>(app: FastifyInstance, endpoint: E, handler: UpgradeHandler<E>): void {
  const unparsed = (input: unknown) => input
  app.upgradeRoutes.push({
    endpoint,
    parseParams: endpoint.params ? lazyParser(endpoint.params, 'params') : unparsed,
    parseQuery: endpoint.query ? lazyParser(endpoint.query, 'querystring') : unparsed,
    handler: handler as unknown as UpgradeHandler<Endpoint>,
  })
}

/** Handles all upgrades of the HTTP server. */
export function installUpgrades(
  app: FastifyInstance,
  context: HttpContext,
  guards: RequestGuards,
  limits: RateLimits,
): void {
  const webSockets = createWebSocketServer()
  // Before the server waits for its connections to close: WebSockets do not close by themselves.
  app.addHook('preClose', async () => {
    closeWebSockets(webSockets)
  })
  const router = createRouter({ ignoreTrailingSlash: true, onBadUrl: () => undefined })
  for (const route of app.upgradeRoutes) {
    const { endpoint } = route
    router.on('GET', endpoint.path, () => undefined, route)
    if (!app.hasRoute({ method: 'GET', url: endpoint.path })) serveUpgradeRequired(app, endpoint)
  }
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const requestId = randomUUID()
    handleUpgrade({ app, context, guards, limits, router, webSockets, request, requestId, socket, head }).catch(
      (error: unknown) => rejectUpgrade(socket, toApiError(error, app.log, requestId), requestId, context.accessUrl),
    )
  })
}

/** Close code for a user who was signed out or suspended: policy violation. */
const signedOutCode = 1008

interface PendingUpgrade {
  readonly app: FastifyInstance
  readonly context: HttpContext
  readonly guards: RequestGuards
  readonly limits: RateLimits
  readonly router: Router<HTTPVersion.V1>
  readonly webSockets: WebSocketServer
  readonly request: IncomingMessage
  readonly requestId: string
  readonly socket: Duplex
  readonly head: Buffer
}

async function handleUpgrade(pending: PendingUpgrade): Promise<void> {
  const { app, context, guards, limits, router, webSockets, request, requestId, socket, head } = pending
  checkHeaders(request)
  guards.checkHost(request)
  const url = new URL(request.url ?? '/', 'http://localhost')
  const { route, params } = findRoute(router, url.pathname)
  // Agents are not web pages, and browsers do not attach terminal tokens automatically.
  if (route.endpoint.access.kind !== 'agent' && !findTerminalToken(request)) guards.checkOrigin(request)
  const { principal, agent } = await identify(context, limits, route.endpoint, request)
  assertPossiblyPermitted(route.endpoint, principal)
  const upgradeRequest: UpgradeRequest<Endpoint> = {
    params: route.parseParams(params) as ParamsOf<Endpoint>,
    query: route.parseQuery(Object.fromEntries(url.searchParams)) as QueryOf<Endpoint>,
    log: app.log,
    ip: request.socket.remoteAddress ?? '',
    headers: request.headers,
    requestId,
    principal: principal as Principal,
    agent: agent as AgentPrincipal,
    isAuthorized: false,
    upgrade: {
      webSocket() {
        assertAuthorized(route.endpoint, upgradeRequest)
        assertOpen(context)
        if (principal) assertStreamAvailable(context.sessions, principal)
        if (socket.destroyed) throw new Error('the client disconnected before the upgrade')
        request.socket.setNoDelay(true)
        return new Promise((resolve) =>
          acceptWebSocket(webSockets, request, socket, head, (webSocket) => {
            if (principal)
              closeOnSignOut(context, principal, webSocket, (code, reason) => closeWithTimeout(webSocket, code, reason))
            context.metrics?.watchWebSocket(route.endpoint.path, webSocket)
            resolve(webSocket)
          }),
        )
      },
      async handOver(take) {
        assertAuthorized(route.endpoint, upgradeRequest)
        assertOpen(context)
        if (principal) assertStreamAvailable(context.sessions, principal)
        request.socket.setNoDelay(true)
        request.socket.setTimeout(0)
        const taken = await take(request.socket, { headers: handshakeOf(request), head })
        if (taken && principal) closeOnSignOut(context, principal, taken, (code, reason) => taken.close(code, reason))
        if (taken) context.metrics?.watchWebSocket(route.endpoint.path, taken)
        return taken
      },
    },
  }
  await route.handler(upgradeRequest)
}

/** Closes the socket when its user is signed out or suspended. */
function closeOnSignOut(
  { sessions }: HttpContext,
  principal: Principal,
  socket: ClosableSocket,
  close: (code: number, reason: string) => void,
): void {
  const release = sessions.trackStream(principal, () => close(signedOutCode, 'signed out'))
  socket.once('close', release)
}

/** Headers that another process needs to complete the handshake; excludes credentials. */
const handshakeOf = ({ headers }: IncomingMessage): ForwardedUpgrade['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (header): header is [string, string] => header[0] === 'upgrade' || header[0].startsWith('sec-websocket-'),
    ),
  )

/** Rejects upgrades during shutdown, when open sockets have already been closed. @throws ApiError 503 */
function assertOpen(context: HttpContext): void {
  if (context.signal.aborted)
    throw new ApiError(503, 'Coder Local is stopping.', { detail: 'Try again after its restart.' })
}

function findRoute(router: Router<HTTPVersion.V1>, path: string): { route: UpgradeRoute; params: unknown } {
  const found = router.find('GET', path)
  if (!found) throw routeNotFound(explainUnsupportedRoute('GET', path) ?? undefined)
  const { store: route, params } = found
  // The router returns `onBadUrl`, which has no route, for an invalid percent encoding.
  if (!route)
    throw new ApiError(400, 'The URL is not valid.', { detail: 'A % must be followed by two hexadecimal digits.' })
  return { route: route as UpgradeRoute, params }
}

function rejectUpgrade(socket: Duplex, error: ApiError, requestId: string, accessUrl: string): void {
  if (socket.destroyed || !socket.writable) return
  const body = JSON.stringify(error.toResponse())
  const challenge = error.status === 401 ? `WWW-Authenticate: ${bearerChallenge(accessUrl)}\r\n` : ''
  // Destroyed after the response, since nothing reads further data from the client.
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Coder-Build-Version: ${coderVersion}\r\n${challenge}` +
      `X-Coder-Request-Id: ${requestId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
