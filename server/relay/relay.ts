// coderd's client of the relay process: starts it with the first socket, restarts it after a crash, hands sockets over,
// and tracks the connected agents.

import { type ChildProcess, fork } from 'node:child_process'
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import {
  type AgentIdentity,
  type AgentRole,
  type AgentTarget,
  agentTargets,
  type DialTarget,
  http2Options,
} from '../../api/agents/agent-protocol.ts'
import { ApiError } from '../../api/errors.ts'
import { agentNotConnected } from './agent-error.ts'
import { type AgentReference, ConnectedAgents, type Connection, type ConnectionObserver } from './connected-agents.ts'
import { type ForwardedUpgrade, type FromRelay, linkFd, type ToRelay } from './messages.ts'
import { monitorSession } from './monitor-session.ts'
import { openStream, type Query } from './open-stream.ts'
import { abnormalCode } from './web-sockets.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A socket that was handed over. Emits `close` when it is closed for any reason. */
export interface RelayedSocket {
  close(code: number, reason: string): void
  once(event: 'close', listener: (code: number, reason: string) => void): unknown
}

type CloseEvent = readonly [code: number, reason: string]

interface Handover {
  readonly socket: Socket
  received(): void
  rejected(error: ApiError): void
}

interface RelayProcess {
  readonly child: ChildProcess
  readonly link: ClientHttp2Session
}

export class Relay {
  readonly #observer: ConnectionObserver
  readonly #onWarning: (message: string) => void
  readonly #agents = new ConnectedAgents<Connection>()
  readonly #clients = new Map<number, (closing: CloseEvent) => void>()
  /** Sockets whose receipt the process has not confirmed. */
  readonly #handovers = new Map<number, Handover>()
  #lastSocketId = 0
  #process: RelayProcess | undefined
  #isClosed = false
  /** Every new connection retries the start; the failure is reported once. */
  #isStartFailureReported = false
  #lastLostAt = Number.NEGATIVE_INFINITY
  /** Agents that lost their connection when the process exited, and are expected to reconnect. */
  #reconnecting: { readonly agentIds: ReadonlySet<string>; readonly untilMs: number } = {
    agentIds: new Set(),
    untilMs: 0,
  }

  /** @param onWarning called if the process cannot be started, cannot accept more sockets, or exits unexpectedly */
  constructor(observer: ConnectionObserver, onWarning: (message: string) => void) {
    this.#observer = observer
    this.#onWarning = onWarning
  }

  /** Undefined while no process is running. */
  get pid(): number | undefined {
    return this.#process?.child.pid
  }

  all(): Connection[] {
    return this.#agents.all()
  }

  find(agentId: string, role: AgentRole): Connection | undefined {
    return this.#agents.find(agentId, role)
  }

  /** Whether this coderd can reach the agent's terminals or services. */
  isConnected(agentId: string, role: AgentRole = 'terminals'): boolean {
    return this.find(agentId, role) !== undefined
  }

  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    return this.#agents.waitFor(agentId, role, timeoutMs)
  }

  /** Hands over an agent's socket; the relay completes the upgrade.
   *  @throws ApiError if no relay accepts it: the caller then responds, unless the socket was destroyed */
  async admitAgent(
    agent: AgentReference,
    identity: AgentIdentity,
    socket: Socket,
    upgrade: ForwardedUpgrade,
  ): Promise<void> {
    await this.#handOver({ type: 'agent', id: ++this.#lastSocketId, agent, identity, upgrade }, socket)
  }

  /** Hands over a client's socket; the relay completes the upgrade and joins the socket with a terminal of the agent.
   *  @throws ApiError like `admitAgent` */
  async admitTerminal(
    agentId: string,
    query: Query,
    socket: Socket,
    upgrade: ForwardedUpgrade,
  ): Promise<RelayedSocket> {
    return await this.#admitClient({ type: 'terminal', id: ++this.#lastSocketId, agentId, query, upgrade }, socket)
  }

  /** Hands over a client's socket; the relay dials the target, completes the upgrade and joins the sockets.
   *  @throws ApiError like `admitAgent` */
  async admitTunnel(
    agentId: string,
    target: DialTarget,
    socket: Socket,
    upgrade: ForwardedUpgrade,
  ): Promise<RelayedSocket> {
    return await this.#admitClient({ type: 'tunnel', id: ++this.#lastSocketId, agentId, target, upgrade }, socket)
  }

  /** Hands over a socket that an agent dialed on request of the relay, which verifies the ticket.
   *  @throws ApiError like `admitAgent` */
  async admitRawSocket(ticket: string, socket: Socket, upgrade: ForwardedUpgrade): Promise<void> {
    await this.#handOver({ type: 'raw-socket', id: ++this.#lastSocketId, ticket, upgrade }, socket)
  }

  async #admitClient(
    message: Extract<ToRelay, { type: 'terminal' | 'tunnel' }>,
    socket: Socket,
  ): Promise<RelayedSocket> {
    const { id } = message
    const closed = new Promise<CloseEvent>((resolve) => this.#clients.set(id, resolve))
    await this.#handOver(message, socket).catch((error: unknown) => {
      this.#clients.delete(id)
      throw error
    })
    return {
      close: (code, reason) => this.#send({ type: 'close-client', id, code, reason }),
      once: (_close, listener) => void closed.then((closing) => listener(...closing)),
    }
  }

  /** Waits for the reconnection of an agent that lost its connection with the process; fails for other agents.
   *  @throws AgentError if the agent is not connected */
  async requireConnection(agentId: string, role: AgentRole): Promise<void> {
    if (this.find(agentId, role)) return
    const { agentIds, untilMs } = this.#reconnecting
    const remainingMs = untilMs - performance.now()
    if (this.#isClosed || remainingMs <= 0 || !agentIds.has(agentId)) throw agentNotConnected()
    await this.waitFor(agentId, role, remainingMs)
  }

  /** @throws AgentError if the agent is not connected or rejects the request. */
  async dial(
    agentId: string,
    target: AgentTarget,
    query: Query = {},
    body?: string,
    signal?: AbortSignal,
  ): Promise<ClientHttp2Stream> {
    await this.requireConnection(agentId, agentTargets[target])
    if (!this.#process) throw agentNotConnected()
    return await openStream(this.#process.link, `/${agentId}${target}`, query, body, signal)
  }

  /** Closes the agent's connections; a running agent reconnects. */
  drop(agentId: string): void {
    this.#send({ type: 'drop', agentId })
  }

  /** Stops the process and closes all connections. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#agents.cancelWaits()
    if (!this.#process) return
    const { child } = this.#process
    const exited = new Promise((resolve) => child.once('exit', resolve))
    this.#send({ type: 'stop' })
    const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await exited
    clearTimeout(killer)
  }

  /** Resolves when the process has confirmed the receipt. Destroys the socket in this process. */
  async #handOver(message: Extract<ToRelay, { upgrade: ForwardedUpgrade }>, socket: Socket): Promise<void> {
    const { id } = message
    if (this.#isClosed) throw terminalsUnavailable('Coder Local is stopping.')
    const { child } = this.#ensureProcess()
    const upgrade = withPendingData(message.upgrade, socket)
    stopReading(socket)
    detachFromServer(socket)
    const isReceived = new Promise<void>((received, rejected) =>
      this.#handovers.set(id, { socket, received, rejected }),
    )
    child.send({ ...message, upgrade }, socket, { keepOpen: true }, (error) => {
      if (error) this.#rejectHandover(id, error.message)
    })
    this.#send({ type: 'sent', id })
    await isReceived
  }

  #received(id: number): void {
    const handover = this.#handovers.get(id)
    this.#handovers.delete(id)
    handover?.socket.destroy()
    handover?.received()
  }

  #rejectHandover(id: number, reason: string): void {
    const handover = this.#handovers.get(id)
    this.#handovers.delete(id)
    handover?.rejected(terminalsUnavailable(reason))
  }

  #send(message: ToRelay): void {
    if (this.#process?.child.connected) this.#process.child.send(message, () => undefined)
  }

  #ensureProcess(): RelayProcess {
    if (this.#process) return this.#process
    // A separate session: Ctrl-C must reach only coderd, which stops the relay.
    const child = fork(program, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      serialization: 'advanced',
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    if (child.pid === undefined) {
      child.on('error', (error) => this.#warnStartFailed(error))
      // Sending to it would never report an error and leak the socket.
      throw relayNotStarted()
    }
    this.#isStartFailureReported = false
    const link = http2.connect('http://relay', {
      createConnection: () => child.stdio[linkFd] as Duplex,
      ...http2Options('services'),
    })
    link.on('error', () => link.destroy())
    // The process exits with the session; its agents are unreachable from now on.
    link.on('close', () => this.#disconnectAll(child))
    // A hanging process blocks all terminals.
    monitorSession(link, { onLatency: () => undefined, onTimeout: () => child.kill('SIGKILL') })
    child.on('message', (message: FromRelay) => {
      // Ignores messages that arrive after the exit was handled.
      if (this.#process?.child === child) this.#handleMessage(message)
    })
    child.on('error', ({ message }) => this.#handleExit(child, `failed: ${message}`))
    child.on('exit', (code, signal) => this.#handleExit(child, `exited (${signal ?? `code ${code}`})`))
    this.#process = { child, link }
    return this.#process
  }

  #handleMessage(message: FromRelay): void {
    switch (message.type) {
      case 'received':
        this.#received(message.id)
        break
      case 'lost':
        this.#rejectHandover(message.id, message.reason)
        this.#warnLost(message.reason)
        break
      case 'connected': {
        const { agent, identity } = message
        const connection: Connection = { agent, identity, latencyMs: undefined }
        this.#agents.add(connection)
        this.#observer.connected(connection)
        break
      }
      case 'disconnected': {
        const connection = this.find(message.agentId, message.role)
        if (connection) this.#disconnected(connection)
        break
      }
      case 'latency': {
        const connection = this.find(message.agentId, message.role)
        if (connection) connection.latencyMs = message.latencyMs
        break
      }
      case 'client-closed':
        this.#clientClosed(message.id, message.code, message.reason)
    }
  }

  #disconnected(connection: Connection): void {
    this.#agents.remove(connection)
    this.#observer.disconnected(connection)
  }

  #disconnectAll(child: ChildProcess): void {
    if (this.#process?.child !== child) return
    const lost = this.all()
    if (lost.length === 0) return
    const agentIds = new Set(lost.map(({ agent }) => agent.agentId))
    this.#reconnecting = { agentIds, untilMs: performance.now() + reconnectTimeoutMs }
    for (const connection of lost) this.#disconnected(connection)
  }

  #clientClosed(id: number, code: number, reason: string): void {
    this.#clients.get(id)?.([code, reason])
    this.#clients.delete(id)
  }

  #warnLost(reason: string): void {
    const now = performance.now()
    if (now - this.#lastLostAt > lossWarningIntervalMs)
      this.#onWarning(`The relay could not accept a connection; further connections may also be rejected. ${reason}`)
    this.#lastLostAt = now
  }

  #warnStartFailed({ message }: Error): void {
    if (this.#isStartFailureReported) return
    this.#isStartFailureReported = true
    this.#onWarning(`Could not start the relay: ${message}. Each new connection retries it.`)
  }

  #handleExit(child: ChildProcess, event: string): void {
    if (this.#process?.child !== child) return
    if (!this.#isClosed) this.#onWarning(`The relay ${event}. The next connection restarts it.`)
    this.#disconnectAll(child)
    this.#process.link.destroy()
    this.#process = undefined
    for (const [id, { socket }] of this.#handovers) {
      // It is unknown whether the relay responded on it.
      socket.destroy()
      this.#rejectHandover(id, event)
    }
    for (const id of this.#clients.keys()) this.#clientClosed(id, abnormalCode, '')
  }
}

const terminalsUnavailable = (detail: string) => new ApiError(503, 'Terminals are temporarily unavailable.', { detail })

const relayNotStarted = () =>
  terminalsUnavailable('The limit of processes or open files is reached. Stop some programs and try again.')

/** Adds the bytes that arrived after the request was read. */
function withPendingData(upgrade: ForwardedUpgrade, socket: Socket): ForwardedUpgrade {
  const rest = socket.read() as Buffer | null
  return rest ? { ...upgrade, head: Buffer.concat([upgrade.head, rest]) } : upgrade
}

/** Stops this process from reading, and thereby losing, data of a socket in transit. Node.js has no public API for it.
 *  Call it after the last `read`, which may resume reading. */
function stopReading(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { readStop(): void } | null }
  handle?.readStop()
}

/** `server.close()` waits for the child to report handed-over sockets as closed, which a dead child never does. */
function detachFromServer(socket: Socket): void {
  Object.assign(socket, { server: undefined })
}

/** Agents usually reconnect within a second. */
const reconnectTimeoutMs = 5_000

/** Minimum interval between warnings about lost sockets. */
const lossWarningIntervalMs = 60_000

/** Time to close all connections before the process is killed. */
const stopTimeoutMs = 2_000
