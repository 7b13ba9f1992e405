// Floods make way for whoever types. While somebody types in one terminal of an agent, the others that flood take turns:
// the program that floods, the agent, coderd and the page would else keep every processor of a small computer busy, and
// a keystroke wait for each of them.

// From one keystroke to the next of somebody who types, and from the last to what it brings about.
const typingMs = 1_000

// Between two full frames of all that flood: some 8 MB a second still come.
export const turnMs = 4

export class Typing {
  /** When a session was typed in last, by its id, of those where it is not long ago. */
  readonly #typedAt = new Map<string, number>()
  #lastTurnAt = 0

  /** Somebody has typed in the session of that id. */
  typed(sessionId: string): void {
    this.#typedAt.set(sessionId, performance.now())
  }

  /** Milliseconds that a session, having sent a full frame, waits before it goes on: 0 unless somebody types in another. */
  restMs(sessionId: string): number {
    const now = performance.now()
    for (const [typedIn, at] of this.#typedAt) if (at < now - typingMs) this.#typedAt.delete(typedIn)
    const isElsewhere = this.#typedAt.size > (this.#typedAt.has(sessionId) ? 1 : 0)
    if (!isElsewhere) return 0
    this.#lastTurnAt = Math.max(now, this.#lastTurnAt) + turnMs
    return this.#lastTurnAt - now
  }
}
