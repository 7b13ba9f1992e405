// Measures the round-trip time to an agent, through the deployment, on a tunnel of its own.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Connection } from '../connection/connect.ts'
import { dialAgent } from './tunnel.ts'

export class LatencyProbe {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => socket.destroy())
  }

  static async open(connection: Connection, agentId: string, signal?: AbortSignal): Promise<LatencyProbe> {
    return new LatencyProbe(await dialAgent(connection, agentId, { kind: 'measure', mode: 'echo' }, signal))
  }

  /** @returns ms. @throws when the connection has ended or the signal aborts */
  async measure(signal?: AbortSignal): Promise<number> {
    const socket = this.#socket
    if (socket.destroyed || socket.readableEnded) throw new Error('The connection to the agent has ended.')
    const start = performance.now()
    const options = signal ? { signal } : {}
    const ended = new AbortController()
    const answer = once(socket, 'data', options)
    const closed = once(socket, 'close', { signal: ended.signal }).then(() => {
      throw new Error('The connection to the agent has ended.')
    })
    closed.catch(() => undefined)
    try {
      socket.write('p')
      await Promise.race([answer, closed])
      return performance.now() - start
    } finally {
      ended.abort()
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}
