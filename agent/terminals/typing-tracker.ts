// Priority for interactive sessions: while a user types in one terminal of an agent, flooding sessions are throttled.
// Otherwise the flooding program, the agent, the relay and the page would keep all CPUs of a small computer busy, and
// keystrokes would wait.

// A user counts as typing for this long after a keystroke: covers the interval to the next one, and its output.
const typingMs = 1_000

// Total rate of flooding sessions meanwhile, in bytes per ms: 4 MB/s, about fifty thousand lines per second. Turns last
// several milliseconds because timers are not more precise.
export const floodBytesPerMs = 4 * 1024
export const turnBytes = 4 * floodBytesPerMs

export class TypingTracker {
  /** Time of the last keystroke by session id, recent ones only. */
  readonly #typedAt = new Map<string, number>()
  #nextTurnAt = 0

  /** Records a keystroke in a session. */
  recordInput(sessionId: string): void {
    this.#typedAt.set(sessionId, performance.now())
  }

  /** Whether a user is typing in any session. */
  get isActive(): boolean {
    const now = performance.now()
    for (const [sessionId, at] of this.#typedAt) if (at < now - typingMs) this.#typedAt.delete(sessionId)
    return this.#typedAt.size > 0
  }

  /** Milliseconds that a session must pause after it sent this many bytes since its last pause: 0 unless a user types
   *  in another session. */
  delayMs(sessionId: string, sentBytes: number): number {
    const isTypingElsewhere = this.isActive && this.#typedAt.size > (this.#typedAt.has(sessionId) ? 1 : 0)
    if (!isTypingElsewhere) return 0
    const now = performance.now()
    this.#nextTurnAt = Math.max(now, this.#nextTurnAt) + sentBytes / floodBytesPerMs
    return this.#nextTurnAt - now
  }
}
