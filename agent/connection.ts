// The connection of an agent to coderd: dials coderd, acts as the HTTP/2 server on the socket, detects a dead peer, and
// reconnects. Callers handle the streams.

import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import {
  type AgentIdentity,
  type AgentRole,
  agentConnectPath,
  agentUpgradeProtocol,
  http2Options,
  pingEveryMs,
  reconnect,
  silenceLimitMs,
} from '../api/agents/agent-protocol.ts'
import { readMachineId } from '../lib/machine-id.ts'
import { requestUpgrade, type UpgradedSocket } from '../lib/node-upgrade.ts'
import { identifyProcess } from '../lib/process-identity.ts'
import { version } from '../lib/version.ts'
import { abortableSleep } from './abortable-sleep.ts'
import type { AgentSettings } from './settings.ts'

export interface ConnectionOptions {
  readonly settings: AgentSettings
  readonly role: AgentRole
  readonly onStream: (path: string, query: URLSearchParams, stream: ServerHttp2Stream) => void
  /** Called after each successful dial. */
  readonly onConnected: () => void
  /** Called with each new connection. */
  readonly onSession?: (session: ServerHttp2Session, socket: Socket) => void
  /** Called once per outage, with the reason. */
  readonly onError: (reason: Error) => void
  /** Closes the connection permanently. */
  readonly signal: AbortSignal
}

const dialTimeoutMs = 10_000

// A timer that fires this late means that the machine was suspended or the process stopped: the peer may be gone
// without notice.
const suspendThresholdMs = 10_000
const probeTimeoutMs = 3_000

/** How long open streams may take to finish after the signal. */
const closeTimeoutMs = 1_000

/** Stays connected until the signal aborts. */
export async function keepConnected(options: ConnectionOptions): Promise<void> {
  const { signal, settings } = options
  const capMs = settings.isLocal ? reconnect.sameMachineCapMs : reconnect.capMs
  let delayMs = 0
  let isErrorReported = false
  while (!signal.aborted) {
    await abortableSleep(withJitter(delayMs), signal)
    if (signal.aborted) return
    try {
      const { socket, head } = await dial(options)
      delayMs = 0
      isErrorReported = false
      await serveSocket(socket, head, options)
      if (signal.aborted) return
      throw new Error('The connection to the deployment was closed.')
    } catch (error) {
      if (!isErrorReported && !signal.aborted) options.onError(error as Error)
      isErrorReported = true
      delayMs = delayMs === 0 ? reconnect.firstMs : Math.min(delayMs * reconnect.factor, capMs)
    }
  }
}

/** Backoff with full jitter above the first delay, so that agents do not reconnect simultaneously. */
const withJitter = (delayMs: number) =>
  delayMs <= reconnect.firstMs ? delayMs : reconnect.firstMs + Math.random() * (delayMs - reconnect.firstMs)

/** @throws Error when coderd does not answer or rejects the agent. */
async function dial({ settings, role, signal }: ConnectionOptions): Promise<UpgradedSocket> {
  const url = new URL(`${settings.url}${agentConnectPath}`)
  for (const [name, value] of Object.entries(identify(role))) url.searchParams.set(name, String(value))
  return await requestUpgrade(url, {
    protocol: agentUpgradeProtocol,
    headers: { 'coder-session-token': settings.token },
    timeoutMs: dialTimeoutMs,
    signal,
  })
}

function identify(role: AgentRole): AgentIdentity {
  const self = identifyProcess(process.pid)
  return {
    role,
    version,
    pid: process.pid,
    started_at: self?.startedAt ?? '',
    boot_id: self?.bootId ?? '',
    machine_id: readMachineId(),
    hostname: hostname(),
    os: process.platform,
    arch: process.arch,
  }
}

/** Serves streams until the connection closes. */
function serveSocket(socket: Socket, head: Buffer, options: ConnectionOptions): Promise<void> {
  if (head.length > 0) socket.unshift(head)
  const server = http2.createServer(http2Options(options.role))
  server.on('session', (session) => {
    watchSilence(session, socket)
    closeOnAbort(session, socket, options.signal)
    options.onSession?.(session, socket)
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const url = new URL(headers[':path'] ?? '/', 'http://agent')
    options.onStream(url.pathname, url.searchParams, stream)
  })
  return new Promise((resolve) => {
    socket.on('close', resolve)
    server.on('sessionError', () => socket.destroy())
    server.emit('connection', socket)
    options.onConnected()
  })
}

/** Destroys the socket when coderd is silent for too long, or did not survive a suspend of this machine. */
function watchSilence(session: ServerHttp2Session, socket: Duplex): void {
  // Counted in ticks, not in time: a stopped process receives nothing.
  let silentTicks = 0
  let tickedAt = Date.now()
  const tick = setInterval(() => {
    const sinceMs = Date.now() - tickedAt
    tickedAt = Date.now()
    silentTicks++
    if (silentTicks * pingEveryMs >= silenceLimitMs) socket.destroy()
    else if (sinceMs > pingEveryMs + suspendThresholdMs) probe()
  }, pingEveryMs)
  const probe = () => {
    const deadline = setTimeout(() => socket.destroy(), probeTimeoutMs)
    session.ping(() => clearTimeout(deadline))
  }
  session.on('ping', () => (silentTicks = 0))
  socket.on('close', () => clearInterval(tick))
}

/** Lets streams finish, for a limited time: the peer may leave them open. */
function closeOnAbort(session: ServerHttp2Session, socket: Duplex, signal: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined
  const close = () => {
    session.close()
    timer = setTimeout(() => socket.destroy(), closeTimeoutMs)
  }
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  socket.on('close', () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', close)
  })
}
