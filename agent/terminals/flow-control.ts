// Flow control of a session: pauses the pty while no attached client keeps up, while a snapshot is sent, and while a
// user types in another session.

import type { Pty } from './pty.ts'
import { type TypingTracker, turnBytes } from './typing-tracker.ts'
import type { Viewer } from './viewer.ts'

export class FlowControl {
  readonly #sessionId: string
  readonly #pty: Pick<Pty, 'pause' | 'resume'>
  readonly #viewers: ReadonlySet<Viewer>
  readonly #typing: TypingTracker
  #activeSnapshots = 0
  #yieldTimer: NodeJS.Timeout | undefined
  #bytesSinceYield = 0
  #isPaused = false

  constructor(
    sessionId: string,
    pty: Pick<Pty, 'pause' | 'resume'>,
    viewers: ReadonlySet<Viewer>,
    typing: TypingTracker,
  ) {
    this.#sessionId = sessionId
    this.#pty = pty
    this.#viewers = viewers
    this.#typing = typing
  }

  /** Pauses the pty, so that the snapshot is consistent. */
  beginSnapshot(): void {
    this.#activeSnapshots++
    this.update()
  }

  /** The caller flushes pending output, then calls `update`. */
  endSnapshot(): void {
    this.#activeSnapshots--
  }

  /** Counts sent output, and yields to other sessions when it is due. */
  recordSent(byteCount: number): void {
    this.#bytesSinceYield += byteCount
    if (this.#bytesSinceYield >= turnBytes) this.#yield()
    this.update()
  }

  /** Pauses or resumes the pty after a change of the clients. */
  update(): void {
    const isWaiting = this.#activeSnapshots > 0 || this.#yieldTimer !== undefined
    const hasReceiver = this.#viewers.size === 0 || [...this.#viewers].some((viewer) => viewer.keepsUp)
    const shouldPause = isWaiting || !hasReceiver
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (shouldPause) this.#pty.pause()
    else this.#pty.resume()
  }

  dispose(): void {
    clearTimeout(this.#yieldTimer)
  }

  /** Yields to sessions in which a user types. */
  #yield(): void {
    if (this.#yieldTimer) return
    const delayMs = this.#typing.delayMs(this.#sessionId, this.#bytesSinceYield)
    this.#bytesSinceYield = 0
    if (delayMs === 0) return
    this.#yieldTimer = setTimeout(() => {
      this.#yieldTimer = undefined
      this.update()
    }, delayMs)
  }
}
