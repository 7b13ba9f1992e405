// The one upgrade router. Nothing else may listen for `upgrade`: guards, authentication and policy stand in this path
// as they stand before every request. What travels after the upgrade is the handler's.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Endpoint, ParamsOf, QueryOf } from '../../api/endpoint.ts'
import { ApiError, routeNotFound } from '../../api/errors.ts'
import { findRefusal } from '../../api/official-routes.ts'
import { coderVersion } from '../../lib/version.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import type { Principal } from '../policy/policy.ts'
import type { UpgradeRequest } from '../relay/messages.ts'
import type { RelayedSocket } from '../relay/relay.ts'
import {
  acceptWebSocket,
  type ClosableSocket,
  closeWebSockets,
  closeWithTimeout,
  createWebSocketServer,
} from '../relay/web-sockets.ts'
import { howToSignIn, toApiError } from './errors.ts'
import type { HttpContext } from './http-context.ts'
import { checkHeaders } from './http-limits.ts'
import { identify } from './identify.ts'
import { serveUpgradeRequired } from './method-not-allowed.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RequestGuards } from './request-guards.ts'
import { type Asked, admit, assertAuthorized, lazyParser } from './serve.ts'
import { findTerminalToken } from './terminal-tokens.ts'

export interface Upgraded<E> extends Asked<E> {
  readonly upgrade: {
    /** Answers 101 and speaks WebSocket, uncompressed. */
    webSocket(): Promise<WebSocket>
    /** Gives up the socket, which is answered in another process. What comes of it is held like a WebSocket. */
    handOver<T extends RelayedSocket | undefined>(
      take: (socket: Socket, arrival: UpgradeRequest) => Promise<T>,
    ): Promise<T>
  }
}

type UpgradeHandler<E> = (request: Upgraded<E>) => Promise<void>

interface UpgradeRoute {
  readonly endpoint: Endpoint
  readonly pattern: RegExp
  readonly parseParams: (given: unknown) => unknown
  readonly parseQuery: (given: unknown) => unknown
  readonly handler: UpgradeHandler<Endpoint>
}

declare module 'fastify' {
  interface FastifyInstance {
    upgradeRoutes: UpgradeRoute[]
  }
}

/** Registers the upgrade of an endpoint. An ApiError thrown before the upgrade is answered as plain HTTP. */
export function serveUpgrade<E extends Endpoint>(app: FastifyInstance, endpoint: E, handler: UpgradeHandler<E>): void {
  const asIs = (given: unknown) => given
  app.upgradeRoutes.push({
    endpoint,
    pattern: new RegExp(`^${endpoint.path.replace(/:([A-Za-z_]+)/g, '(?<$1>[^/]+)')}/?$`),
    parseParams: endpoint.params ? lazyParser(endpoint.params, 'params') : asIs,
    parseQuery: endpoint.query ? lazyParser(endpoint.query, 'querystring') : asIs,
    handler: handler as unknown as UpgradeHandler<Endpoint>,
  })
}

/** Takes over every upgrade of the HTTP server. */
export function installUpgrades(
  app: FastifyInstance,
  context: HttpContext,
  door: RequestGuards,
  limits: RateLimits,
): void {
  const webSockets = createWebSocketServer()
  // Before the server waits for its connections to end, which these would not do by themselves.
  app.addHook('preClose', async () => {
    closeWebSockets(webSockets)
  })
  for (const { endpoint } of app.upgradeRoutes) {
    if (!app.hasRoute({ method: 'GET', url: endpoint.path })) serveUpgradeRequired(app, endpoint)
  }
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const requestId = randomUUID()
    handleUpgrade({ app, context, door, limits, webSockets, request, requestId, socket, head }).catch(
      (error: unknown) => refuse(socket, toApiError(error, app.log, requestId), requestId, context.accessUrl),
    )
  })
}

/** What a WebSocket is closed with when its user may not be here any more: a policy was violated. */
const signedOutCode = 1008

interface Arriving {
  readonly app: FastifyInstance
  readonly context: HttpContext
  readonly door: RequestGuards
  readonly limits: RateLimits
  readonly webSockets: WebSocketServer
  readonly request: IncomingMessage
  readonly requestId: string
  readonly socket: Duplex
  readonly head: Buffer
}

async function handleUpgrade(arriving: Arriving): Promise<void> {
  const { app, context, door, limits, webSockets, request, requestId, socket, head } = arriving
  checkHeaders(request)
  door.checkHost(request)
  const url = new URL(request.url ?? '/', 'http://localhost')
  const { route, params } = findRoute(app, url.pathname)
  // An agent is no page, and a token for a terminal is sent by nobody without being asked.
  if (route.endpoint.access.kind !== 'agent' && !findTerminalToken(request)) door.checkOrigin(request)
  const { principal, agent } = await identify(context, limits, route.endpoint, request)
  admit(route.endpoint, principal)
  const asked: Upgraded<Endpoint> = {
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
        assertAuthorized(route.endpoint, asked)
        assertOpen(context)
        if (socket.destroyed) throw new Error('the client went away before the upgrade')
        request.socket.setNoDelay(true)
        return new Promise((resolve) =>
          acceptWebSocket(webSockets, request, socket, head, (webSocket) => {
            if (principal) hold(context, principal, webSocket, (...why) => closeWithTimeout(webSocket, ...why))
            context.metrics?.watchWebSocket(route.endpoint.path, webSocket)
            resolve(webSocket)
          }),
        )
      },
      async handOver(take) {
        assertAuthorized(route.endpoint, asked)
        assertOpen(context)
        request.socket.setNoDelay(true)
        request.socket.setTimeout(0)
        const taken = await take(request.socket, { headers: handshakeOf(request), head })
        if (taken && principal) hold(context, principal, taken, (code, reason) => taken.close(code, reason))
        if (taken) context.metrics?.watchWebSocket(route.endpoint.path, taken)
        return taken
      },
    },
  }
  await route.handler(asked)
}

/** Nobody goes on watching or typing who was shut out or signed out. */
function hold(
  { sessions: access }: HttpContext,
  principal: Principal,
  socket: ClosableSocket,
  close: (code: number, reason: string) => void,
): void {
  const release = access.trackStream(principal, () => close(signedOutCode, 'signed out'))
  socket.once('close', release)
}

/** What another process needs to answer with 101. Not the key that signed its sender in. */
const handshakeOf = ({ headers }: IncomingMessage): UpgradeRequest['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (header): header is [string, string] => header[0] === 'upgrade' || header[0].startsWith('sec-websocket-'),
    ),
  )

/** What is upgraded while coderd stops would be closed by nobody. @throws ApiError 503 */
function assertOpen(context: HttpContext): void {
  if (context.signal.aborted)
    throw new ApiError(503, 'Coder Local is stopping.', { detail: 'Try again when it is back.' })
}

function findRoute(app: FastifyInstance, path: string): { route: UpgradeRoute; params: Record<string, string> } {
  for (const route of app.upgradeRoutes) {
    const match = route.pattern.exec(path)
    if (match) return { route, params: decodeAll(match.groups ?? {}) }
  }
  throw routeNotFound(findRefusal('GET', path) ?? undefined)
}

function decodeAll(groups: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    throw new ApiError(400, 'The address is not valid.', {
      detail: 'A % in it is not followed by two hexadecimal digits.',
    })
  }
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function refuse(socket: Duplex, error: ApiError, requestId: string, accessUrl: string): void {
  if (socket.destroyed || !socket.writable) return
  const body = JSON.stringify(error.toResponse())
  const signIn = error.status === 401 ? `WWW-Authenticate: ${howToSignIn(accessUrl)}\r\n` : ''
  // What its client goes on to say is read by nobody, and so would its end be.
  socket.end(
    `HTTP/1.1 ${error.status} ${reasons[error.status] ?? 'Error'}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Coder-Build-Version: ${coderVersion}\r\n${signIn}` +
      `X-Coder-Request-Id: ${requestId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
