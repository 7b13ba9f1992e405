// Mutual exclusion for parsing and drawing; waiters are served in order.

export class Mutex {
  #isTaken = false
  readonly #waiting: (() => void)[] = []

  get isLocked(): boolean {
    return this.#isTaken
  }

  async acquire(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
  }

  /** Passes the lock to the next waiter. @returns whether there was none */
  release(): boolean {
    const next = this.#waiting.shift()
    next?.()
    this.#isTaken = next !== undefined
    return !this.#isTaken
  }
}
