// Floods make way for whoever types. While somebody types in one terminal of an agent, the others that flood take turns:
// the program that floods, the agent, coderd and the page would else keep every processor of a small computer busy, and
// a keystroke wait for each of them.

// From one keystroke to the next of somebody who types, and from the last to what it brings about.
const typingMs = 1_000

// What all that flood may send together meanwhile, in bytes a millisecond: 4 MB a second, fifty thousand lines. In turns of
// some milliseconds, as no timer is finer.
export const floodBytesPerMs = 4 * 1024
export const turnBytes = 4 * floodBytesPerMs

export class TypingTracker {
  /** When a session was typed in last, by its id, of those where it is not long ago. */
  readonly #typedAt = new Map<string, number>()
  #nextTurnAt = 0

  /** Somebody has typed in the session of that id. */
  recordInput(sessionId: string): void {
    this.#typedAt.set(sessionId, performance.now())
  }

  /** Whether somebody types, in whatever session. */
  get isActive(): boolean {
    const now = performance.now()
    for (const [typedIn, at] of this.#typedAt) if (at < now - typingMs) this.#typedAt.delete(typedIn)
    return this.#typedAt.size > 0
  }

  /** Milliseconds that a session waits before it goes on, having sent so many bytes since it waited last: 0 unless
   *  somebody types in another. */
  delayMs(sessionId: string, sentBytes: number): number {
    const isElsewhere = this.isActive && this.#typedAt.size > (this.#typedAt.has(sessionId) ? 1 : 0)
    if (!isElsewhere) return 0
    const now = performance.now()
    this.#nextTurnAt = Math.max(now, this.#nextTurnAt) + sentBytes / floodBytesPerMs
    return this.#nextTurnAt - now
  }
}
