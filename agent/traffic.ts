// Byte counters across successive connections.

import type { Socket } from 'node:net'

export class Traffic {
  #current: Socket | undefined
  #rxBytes = 0
  #txBytes = 0

  /** Switches to a new connection. */
  watch(socket: Socket): void {
    this.#current = socket
    socket.once('close', () => {
      this.#rxBytes += socket.bytesRead
      this.#txBytes += socket.bytesWritten
      if (this.#current === socket) this.#current = undefined
    })
  }

  /** Totals since the start. */
  bytes(): { rxBytes: number; txBytes: number } {
    return {
      rxBytes: this.#rxBytes + (this.#current?.bytesRead ?? 0),
      txBytes: this.#txBytes + (this.#current?.bytesWritten ?? 0),
    }
  }
}
