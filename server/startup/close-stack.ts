// Closes what start-up opened, in reverse order. A part that fails or hangs does not prevent the others from closing.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'

/** Time for one part to close before the next one is closed anyway. */
const closeTimeoutMs = 5_000

export interface CloseStack {
  /** Registers how to close a part that was just opened. */
  add(name: string, close: () => unknown): void
  /** Closes all registered parts, the last one first. Never rejects. */
  closeAll(): Promise<void>
}

export function createCloseStack(log: FastifyBaseLogger): CloseStack {
  const parts: { readonly name: string; readonly close: () => unknown }[] = []
  return {
    add(name, close) {
      parts.push({ name, close })
    },
    async closeAll() {
      for (const { name, close } of parts.splice(0).reverse()) {
        const closed = (async () => await close())().then(
          () => true,
          (err: unknown) => {
            log.warn({ err, part: name }, 'could not close a part of the server')
            return true
          },
        )
        const inTime = await Promise.race([closed, sleep(closeTimeoutMs, false, { ref: false })])
        if (!inTime) log.warn({ part: name, timeoutMs: closeTimeoutMs }, 'a part of the server did not close in time')
      }
    },
  }
}
