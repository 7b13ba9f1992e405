// Bytes that went over one connection after another.

import type { Socket } from 'node:net'

export class Traffic {
  #current: Socket | undefined
  #rxBytes = 0
  #txBytes = 0

  /** Counts this one from now on, in place of the one before. */
  watch(socket: Socket): void {
    this.#current = socket
    socket.once('close', () => {
      this.#rxBytes += socket.bytesRead
      this.#txBytes += socket.bytesWritten
      if (this.#current === socket) this.#current = undefined
    })
  }

  /** Since it began. */
  bytes(): { rxBytes: number; txBytes: number } {
    return {
      rxBytes: this.#rxBytes + (this.#current?.bytesRead ?? 0),
      txBytes: this.#txBytes + (this.#current?.bytesWritten ?? 0),
    }
  }
}
