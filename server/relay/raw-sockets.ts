// `dial`: the way into a workspace for bulk data. Raw sockets are dialed by the agent on request, so that bulk data does
// not share a TCP connection with keystrokes. A few unused sockets are kept for each agent that was dialed recently, so
// that a dial costs no round trip for a new connection.

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  type DialTarget,
  maxRawMessageBytes,
  type RawRequest,
  type RawResponse,
} from '../../api/agents/agent-protocol.ts'
import { prefixed, readMessage } from '../../lib/length-prefixed.ts'
import { agentConnectionLost } from './agent-error.ts'
import type { AgentSessions } from './agent-sessions.ts'
import { DialError, toDialError } from './dial-error.ts'

export interface DialOptions {
  /** For the whole dial; default 15 s. */
  readonly timeoutMs?: number
  /** Ends the dial; has no effect on a dialed socket. */
  readonly signal?: AbortSignal
}

const defaultTimeoutMs = 15_000
/** Unused sockets after the first dial of an agent … */
const minSpares = 2
/** … and at most; the number doubles whenever a dial finds none, as for a page that loads many files. */
const maxSpares = 16
/** Time without a dial after which the unused sockets of an agent are closed. */
const idleMs = 60_000

interface Pool {
  readonly spares: Spare[]
  /** Sockets of this agent that are requested, unused or in use. */
  readonly sockets: Set<Socket>
  desired: number
  requested: number
  idleTimer: NodeJS.Timeout | undefined
}

interface Spare {
  readonly socket: Socket
  /** Stops the detection of a closed or misused socket. */
  release(): void
}

interface Ticket {
  readonly agentId: string
  resolve(socket: Socket): void
}

export class RawSockets {
  readonly #sessions: Pick<AgentSessions, 'dial'>
  readonly #pools = new Map<string, Pool>()
  readonly #tickets = new Map<string, Ticket>()

  constructor(sessions: Pick<AgentSessions, 'dial'>) {
    this.#sessions = sessions
  }

  /** Takes ownership of a socket that an agent has dialed. The caller completes the upgrade first.
   *  @returns false if the ticket is unknown or was used */
  admit(ticket: string, socket: Socket): boolean {
    const found = this.#tickets.get(ticket)
    if (!found) return false
    this.#tickets.delete(ticket)
    socket.on('error', () => socket.destroy())
    socket.allowHalfOpen = true
    const { sockets } = this.#pool(found.agentId)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    found.resolve(socket)
    return true
  }

  /** Whether a ticket is valid. */
  isExpected(ticket: string): boolean {
    return this.#tickets.has(ticket)
  }

  /** Connects to a target in the workspace. The socket supports half-closes.
   *  @throws DialError */
  async dial(agentId: string, target: DialTarget, options: DialOptions = {}): Promise<Socket> {
    const { timeoutMs = defaultTimeoutMs, signal } = options
    const timeout = AbortSignal.timeout(timeoutMs)
    const ending = signal ? AbortSignal.any([signal, timeout]) : timeout
    try {
      return await this.#dial(agentId, target, ending)
    } catch (error) {
      if (timeout.aborted && !signal?.aborted)
        throw new DialError('timeout', `The workspace did not answer within ${timeoutMs / 1000} s.`)
      throw toDialError(error)
    }
  }

  async #dial(agentId: string, target: DialTarget, signal: AbortSignal): Promise<Socket> {
    const pool = this.#pool(agentId)
    this.#closeWhenIdle(agentId, pool)
    const spare = pool.spares.pop()
    if (!spare) {
      const socket = await this.#request(agentId, signal)
      pool.desired = Math.min(Math.max(minSpares, pool.desired * 2), maxSpares)
      this.#replenish(agentId, pool)
      return await connectRawSocket(socket, target, signal)
    }
    spare.release()
    this.#replenish(agentId, pool)
    try {
      return await connectRawSocket(spare.socket, target, signal)
    } catch (error) {
      // The spare may have been lost unnoticed, such as while the machine was suspended.
      if (error instanceof DialError || signal.aborted) throw error
      return await connectRawSocket(await this.#request(agentId, signal), target, signal)
    }
  }

  /** Closes all sockets of an agent. */
  drop(agentId: string): void {
    const pool = this.#pools.get(agentId)
    if (!pool) return
    clearTimeout(pool.idleTimer)
    this.#pools.delete(agentId)
    for (const socket of pool.sockets) socket.destroy()
  }

  /** Closes the unused sockets of an agent, which may have been lost with its session. */
  dropSpares(agentId: string): void {
    const pool = this.#pools.get(agentId)
    for (const { socket } of pool?.spares.splice(0) ?? []) socket.destroy()
  }

  close(): void {
    for (const agentId of this.#pools.keys()) this.drop(agentId)
  }

  /** Numbers of sockets, for tests and diagnostics. */
  count(agentId: string): { spares: number; open: number } {
    const pool = this.#pools.get(agentId)
    return { spares: pool?.spares.length ?? 0, open: pool?.sockets.size ?? 0 }
  }

  #pool(agentId: string): Pool {
    const found = this.#pools.get(agentId)
    if (found) return found
    const pool: Pool = { spares: [], sockets: new Set(), desired: 0, requested: 0, idleTimer: undefined }
    this.#pools.set(agentId, pool)
    return pool
  }

  /** Asks the agent for a socket. */
  async #request(agentId: string, signal: AbortSignal): Promise<Socket> {
    const ticket = randomBytes(24).toString('base64url')
    const { promise: dialed, resolve, reject } = Promise.withResolvers<Socket>()
    this.#tickets.set(ticket, { agentId, resolve })
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    try {
      signal.throwIfAborted()
      this.#sessions.dial(agentId, '/raw-socket', { ticket }, '').then((stream) => {
        stream.resume()
        // The answer follows the upgrade.
        if (this.#tickets.has(ticket)) reject(agentConnectionLost())
      }, reject)
      return await dialed
    } finally {
      signal.removeEventListener('abort', abort)
      this.#tickets.delete(ticket)
    }
  }

  /** Requests sockets up to the desired number. A failure is left to the next dial, which reports it. */
  #replenish(agentId: string, pool: Pool): void {
    while (pool.spares.length + pool.requested < pool.desired) {
      pool.requested++
      this.#request(agentId, AbortSignal.timeout(defaultTimeoutMs))
        .then((socket) => this.#keep(pool, socket))
        .catch(() => undefined)
        .finally(() => pool.requested--)
    }
  }

  #keep(pool: Pool, socket: Socket): void {
    if (socket.destroyed) return
    if (pool.desired === 0 || !pool.sockets.has(socket)) {
      socket.destroy()
      return
    }
    const discard = () => {
      spare.release()
      const index = pool.spares.indexOf(spare)
      if (index >= 0) pool.spares.splice(index, 1)
      socket.destroy()
    }
    const spare: Spare = {
      socket,
      release() {
        socket.off('data', discard).off('end', discard).off('close', discard)
        socket.pause()
      },
    }
    // Reads, because a socket that is not read does not report its end.
    socket.on('data', discard).on('end', discard).on('close', discard)
    pool.spares.push(spare)
  }

  #closeWhenIdle(agentId: string, pool: Pool): void {
    clearTimeout(pool.idleTimer)
    pool.idleTimer = setTimeout(() => {
      pool.desired = 0
      this.dropSpares(agentId)
      if (pool.sockets.size === 0 && pool.requested === 0) this.#pools.delete(agentId)
    }, idleMs).unref()
  }
}

/** Sends the target and waits for the agent's answer. @throws DialError, or another error if the socket is lost before */
async function connectRawSocket(socket: Socket, target: DialTarget, signal: AbortSignal): Promise<Socket> {
  const request: RawRequest = { target }
  const abort = () => socket.destroy()
  signal.addEventListener('abort', abort)
  try {
    socket.write(prefixed(Buffer.from(JSON.stringify(request))))
    const { error } = JSON.parse((await readMessage(socket, maxRawMessageBytes)).toString()) as RawResponse
    if (error) throw new DialError(error.code, error.message)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
