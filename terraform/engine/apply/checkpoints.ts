// Saves the state during an apply, so that a crash loses nothing. Writing a large state after every object would cost more
// than the objects: the duration of a save determines the time until the next.

// The total save time without throttling. Usual builds stay far below, so each of their changes is saved immediately.
const unthrottledMs = 200

// Above that, saving takes at most a tenth of the time.
const idlePerSave = 9

export class Checkpoints {
  readonly #save: () => void
  #spentMs = 0
  #nextAt = 0
  #timer: NodeJS.Timeout | undefined

  /** `save` writes the whole current state. */
  constructor(save: () => void) {
    this.#save = save
  }

  /** Call it after each change: saves now, or later if earlier saves were slow. */
  request(): void {
    if (this.#timer) return
    const waitMs = this.#nextAt - performance.now()
    if (waitMs <= 0) this.#saveNow()
    else this.#timer = setTimeout(() => this.#saveNow(), waitMs)
  }

  /** Drops a pending save: the caller has the final state. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #saveNow(): void {
    this.close()
    const startedAt = performance.now()
    this.#save()
    const endedAt = performance.now()
    const costMs = endedAt - startedAt
    this.#spentMs += costMs
    this.#nextAt = this.#spentMs <= unthrottledMs ? 0 : endedAt + costMs * idlePerSave
  }
}
