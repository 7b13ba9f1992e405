// Raw sockets to this agent: dials coderd for each one that the relay requests, waits until the relay names a target, and
// connects the socket to it. A line of `createRawServices` is one kind of target.

import type { ServerHttp2Stream } from 'node:http2'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { homedir } from 'node:os'
import {
  agentRawSocketPath,
  type DialErrorCode,
  type DialKind,
  type DialTarget,
  maxRawMessageBytes,
  type RawRequest,
  type RawResponse,
  rawUpgradeProtocol,
} from '../../api/agents/agent-protocol.ts'
import { joinSockets } from '../../lib/join-sockets.ts'
import { prefixed, readMessage } from '../../lib/length-prefixed.ts'
import { requestUpgrade } from '../../lib/node-upgrade.ts'
import type { AgentSettings } from '../settings.ts'
import { prepareDatagrams } from './datagrams.ts'
import { measurements } from './measurements.ts'

const dialTimeoutMs = 10_000
/** Lower than the timeout of the relay, whose message would be less specific. */
const connectTimeoutMs = 10_000

/** Prepares the service for one socket and returns what serves it. @throws if the target cannot be reached */
type RawService<T extends DialTarget> = (target: T) => Promise<(socket: Socket) => void>

type RawServices = { readonly [K in DialKind]: RawService<Extract<DialTarget, { kind: K }>> }

/** @param prepareSsh prepares the SSH server of the workspace */
export const createRawServices = (prepareSsh: RawServices['ssh']): RawServices => ({
  tcp: async ({ host, port }) => joinWith(await connectTo({ host, port })),
  udp: ({ host, port }) => prepareDatagrams(host, port),
  unix: async ({ path }) => joinWith(await connectTo({ path: path.replace(/^~(?=\/)/, homedir()) })),
  ssh: prepareSsh,
  measure: async ({ mode }) => measurements[mode],
})

/** Handles `/raw-socket`. The sockets are closed when the signal aborts. */
export async function openRawSocket(
  settings: AgentSettings,
  services: RawServices,
  stream: ServerHttp2Stream,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(`${settings.url}${agentRawSocketPath}`)
  url.searchParams.set('ticket', query.get('ticket') ?? '')
  try {
    const { socket, head } = await requestUpgrade(url, {
      protocol: rawUpgradeProtocol,
      headers: { 'coder-session-token': settings.token },
      timeoutMs: dialTimeoutMs,
      signal,
    })
    if (head.length > 0) socket.unshift(head)
    if (!stream.destroyed) stream.respond({ ':status': 200 }, { endStream: true })
    await serveRawSocket(services, socket)
  } catch (error) {
    if (stream.destroyed || stream.headersSent) return
    stream.respond({ ':status': 502 })
    stream.end((error as Error).message)
  }
}

async function serveRawSocket(services: RawServices, socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy())
  socket.allowHalfOpen = true
  try {
    const { target } = JSON.parse((await readMessage(socket, maxRawMessageBytes)).toString()) as RawRequest
    const serve = await prepare(services, target).catch(
      (error: unknown) => void respond(socket, { error: toDialError(error) }),
    )
    if (!serve) {
      socket.end()
      return
    }
    respond(socket, {})
    serve(socket)
  } catch {
    // The relay closed the socket without using it.
    socket.destroy()
  }
}

async function prepare(services: RawServices, target: DialTarget): Promise<(socket: Socket) => void> {
  // A newer relay may send kinds unknown to this agent.
  const service = services[target.kind] as RawService<DialTarget> | undefined
  if (!service) throw new UnsupportedError()
  return await service(target)
}

const respond = (socket: Socket, response: RawResponse) => socket.write(prefixed(Buffer.from(JSON.stringify(response))))

const joinWith = (upstream: Socket) => (socket: Socket) => joinSockets(socket, upstream)

function connectTo(address: { host: string; port: number } | { path: string }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options: NetConnectOpts = { ...address, allowHalfOpen: true, noDelay: true }
    const socket = connect(options)
    const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError()), connectTimeoutMs)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

class UnsupportedError extends Error {
  readonly code = 'EPROTONOSUPPORT'
  override readonly message =
    'The agent is of a version that does not support this. Restart the workspace to update it.'
}

class ConnectTimeoutError extends Error {
  readonly code = 'ETIMEDOUT'
  override readonly message = `No answer within ${connectTimeoutMs / 1000} s.`
}

const dialErrorCodes: Readonly<Record<string, DialErrorCode>> = {
  EPROTONOSUPPORT: 'unsupported',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
}

function toDialError(error: unknown): NonNullable<RawResponse['error']> {
  const { code = '', message } = error as NodeJS.ErrnoException
  return { code: dialErrorCodes[code] ?? 'failed', message: message || `The connection failed (${code}).` }
}
