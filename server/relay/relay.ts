// coderd's side of its relay: starts the process when the first socket is to be handed over, starts it again when it ended,
// and knows who is connected to it.

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
  http2Options,
} from '../../api/agents/agent-protocol.ts'
import { ApiError } from '../../api/errors.ts'
import { agentIsAway } from './agent-error.ts'
import { type AgentOfWorkspace, ConnectedAgents, type Connection, type ConnectionObserver } from './connected-agents.ts'
import { keepSession } from './keep-session.ts'
import { type Arrival, type FromRelay, linkFd, type ToRelay } from './messages.ts'
import { openStream, type Query } from './open-stream.ts'
import { abnormalCode } from './web-sockets.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A socket that was handed over. Emits `close` once it is closed, however it came to that. */
export interface RelayedSocket {
  close(code: number, reason: string): void
  once(event: 'close', listener: (code: number, reason: string) => void): unknown
}

/** How a terminal's socket was closed. */
type Closing = readonly [code: number, reason: string]

interface Underway {
  readonly socket: Socket
  received(): void
  refused(error: ApiError): void
}

interface Running {
  readonly child: ChildProcess
  readonly link: ClientHttp2Session
}

export class Relay {
  readonly #observer: ConnectionObserver
  readonly #onTrouble: (happened: string) => void
  readonly #agents = new ConnectedAgents<Connection>()
  readonly #terminals = new Map<number, (closing: Closing) => void>()
  /** Sockets that the process has not said it has. */
  readonly #underway = new Map<number, Underway>()
  #socketsSoFar = 0
  #running: Running | undefined
  #isClosed = false
  /** Everybody who comes meanwhile has it tried again. */
  #isToldUnstarted = false
  #lastLostAt = Number.NEGATIVE_INFINITY
  /** The agents whose connections ended with the process that ended last. */
  #expected: { readonly agentIds: ReadonlySet<string>; readonly untilMs: number } = { agentIds: new Set(), untilMs: 0 }

  /** @param onTrouble hears that the process could not be started, can take no more sockets, or ended by itself */
  constructor(observer: ConnectionObserver, onTrouble: (happened: string) => void) {
    this.#observer = observer
    this.#onTrouble = onTrouble
  }

  /** Of the process; undefined while none runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid
  }

  all(): Connection[] {
    return this.#agents.all()
  }

  find(agentId: string, role: AgentRole): Connection | undefined {
    return this.#agents.find(agentId, role)
  }

  waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    return this.#agents.waitFor(agentId, role, timeoutMs)
  }

  /** Hands an agent's socket over, which is answered there.
   *  @throws ApiError when there is no relay that takes it: unless it was destroyed with that, it is to be answered here */
  async admitAgent(agent: AgentOfWorkspace, identity: AgentIdentity, socket: Socket, arrival: Arrival): Promise<void> {
    await this.#handOver({ type: 'agent', id: ++this.#socketsSoFar, agent, identity, arrival }, socket)
  }

  /** Hands a client's socket over, which is answered there and joined with a terminal of the agent.
   *  @throws ApiError as `admitAgent` */
  async admitTerminal(agentId: string, query: Query, socket: Socket, arrival: Arrival): Promise<RelayedSocket> {
    const id = ++this.#socketsSoFar
    const closed = new Promise<Closing>((resolve) => this.#terminals.set(id, resolve))
    await this.#handOver({ type: 'terminal', id, agentId, query, arrival }, socket).catch((error: unknown) => {
      this.#terminals.delete(id)
      throw error
    })
    return {
      close: (code, reason) => this.#tell({ type: 'close-terminal', id, code, reason }),
      once: (_close, listener) => void closed.then((closing) => listener(...closing)),
    }
  }

  /** Waits for an agent that lost its connection with the process a moment ago; for no other.
   *  @throws AgentError when it is not connected */
  async reach(agentId: string, role: AgentRole): Promise<void> {
    if (this.find(agentId, role)) return
    const { agentIds, untilMs } = this.#expected
    const restMs = untilMs - performance.now()
    if (this.#isClosed || restMs <= 0 || !agentIds.has(agentId)) throw agentIsAway()
    await this.waitFor(agentId, role, restMs)
  }

  /** @throws AgentError when the agent is not connected or refuses. */
  async dial(agentId: string, target: AgentTarget, query: Query = {}, body?: string): Promise<ClientHttp2Stream> {
    await this.reach(agentId, agentTargets[target])
    if (!this.#running) throw agentIsAway()
    return await openStream(this.#running.link, `/${agentId}${target}`, query, body)
  }

  drop(agentId: string): void {
    this.#tell({ type: 'drop', agentId })
  }

  /** Ends the process and with it all connections. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#agents.stopWaiting()
    if (!this.#running) return
    const { child } = this.#running
    const ended = new Promise((resolve) => child.once('exit', resolve))
    this.#tell({ type: 'stop' })
    const killer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await ended
    clearTimeout(killer)
  }

  /** Resolves when the process has the socket, which is closed here then. */
  async #handOver(message: Extract<ToRelay, { arrival: Arrival }>, socket: Socket): Promise<void> {
    const { id } = message
    if (this.#isClosed) throw unreachable('Coder Local is stopping.')
    const { child } = this.#run()
    const arrival = withRest(message.arrival, socket)
    stopReading(socket)
    disownByServer(socket)
    const isReceived = new Promise<void>((received, refused) => this.#underway.set(id, { socket, received, refused }))
    child.send({ ...message, arrival }, socket, { keepOpen: true }, (error) => {
      if (error) this.#refuse(id, error.message)
    })
    this.#tell({ type: 'sent', id })
    await isReceived
  }

  #received(id: number): void {
    const underway = this.#underway.get(id)
    this.#underway.delete(id)
    underway?.socket.destroy()
    underway?.received()
  }

  #refuse(id: number, reason: string): void {
    const underway = this.#underway.get(id)
    this.#underway.delete(id)
    underway?.refused(unreachable(reason))
  }

  #tell(message: ToRelay): void {
    if (this.#running?.child.connected) this.#running.child.send(message, () => undefined)
  }

  #run(): Running {
    if (this.#running) return this.#running
    // A session of its own: Ctrl-C is for coderd, which ends it in order.
    const child = fork(program, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      serialization: 'advanced',
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    if (child.pid === undefined) {
      child.on('error', (error) => this.#tellUnstarted(error))
      // What is sent to no process is never told to have failed: the socket with it would be open for ever.
      throw notStarted()
    }
    this.#isToldUnstarted = false
    const link = http2.connect('http://relay', {
      createConnection: () => child.stdio[linkFd] as Duplex,
      ...http2Options('services'),
    })
    link.on('error', () => link.destroy())
    // Its process ends with it, and nobody is to be asked on it meanwhile.
    link.on('close', () => this.#disconnectAll(child))
    // One that has stopped answering holds everybody's terminals.
    keepSession(link, { onLatency: () => undefined, onSilence: () => child.kill('SIGKILL') })
    child.on('message', (message: FromRelay) => {
      // What it said last may come after its end was heard, when nobody is connected to it any more.
      if (this.#running?.child === child) this.#hear(message)
    })
    child.on('error', ({ message }) => this.#ended(child, `is given up: ${message}`))
    child.on('exit', (code, signal) => this.#ended(child, `ended (${signal ?? `code ${code}`})`))
    this.#running = { child, link }
    return this.#running
  }

  #hear(message: FromRelay): void {
    switch (message.type) {
      case 'received':
        this.#received(message.id)
        break
      case 'lost':
        this.#refuse(message.id, message.reason)
        this.#tellLost(message.reason)
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
      case 'terminal-closed':
        this.#terminalClosed(message.id, message.code, message.reason)
    }
  }

  #disconnected(connection: Connection): void {
    this.#agents.remove(connection)
    this.#observer.disconnected(connection)
  }

  #disconnectAll(child: ChildProcess): void {
    if (this.#running?.child !== child) return
    const lost = this.all()
    if (lost.length === 0) return
    const agentIds = new Set(lost.map(({ agent }) => agent.agentId))
    this.#expected = { agentIds, untilMs: performance.now() + backWithinMs }
    for (const connection of lost) this.#disconnected(connection)
  }

  #terminalClosed(id: number, code: number, reason: string): void {
    this.#terminals.get(id)?.([code, reason])
    this.#terminals.delete(id)
  }

  #tellLost(reason: string): void {
    const now = performance.now()
    if (now - this.#lastLostAt > outageGapMs)
      this.#onTrouble(`The relay cannot take a connection, which is refused, and so may others be. ${reason}`)
    this.#lastLostAt = now
  }

  #tellUnstarted({ message }: Error): void {
    if (this.#isToldUnstarted) return
    this.#isToldUnstarted = true
    this.#onTrouble(`The relay could not be started: ${message}. Each connection that comes has it tried again.`)
  }

  #ended(child: ChildProcess, happened: string): void {
    if (this.#running?.child !== child) return
    if (!this.#isClosed) this.#onTrouble(`The relay ${happened}. It is started again with the next connection.`)
    this.#disconnectAll(child)
    this.#running.link.destroy()
    this.#running = undefined
    for (const [id, { socket }] of this.#underway) {
      // Whether it was answered nobody knows.
      socket.destroy()
      this.#refuse(id, happened)
    }
    for (const id of this.#terminals.keys()) this.#terminalClosed(id, abnormalCode, '')
  }
}

const unreachable = (detail: string) => new ApiError(503, 'Terminals can not be reached at the moment.', { detail })

const notStarted = () =>
  unreachable('The system allows no more processes or open files. End some programs, and try again.')

/** What came since its request was read. */
function withRest(arrival: Arrival, socket: Socket): Arrival {
  const rest = socket.read() as Buffer | null
  return rest ? { ...arrival, head: Buffer.concat([arrival.head, rest]) } : arrival
}

/** Until the other process has it, this one would still read from it and lose what it reads. There is no public way.
 *  To be called after the last `read`, which may start it again. */
function stopReading(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { readStop(): void } | null }
  handle?.readStop()
}

/** A server whose sockets Node sent to a child closes once that child said that they are closed: never, if it has ended. */
function disownByServer(socket: Socket): void {
  Object.assign(socket, { server: undefined })
}

/** Where the process has ended its agents are back within a second. */
const backWithinMs = 5_000

/** Losses that are further apart are told anew. */
const outageGapMs = 60_000

/** How long the relay may take to take leave of everybody. */
const stopLimitMs = 2_000
