// Whoever parses or draws has the terminal for itself; the others wait in order.

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

  /** Gives it to the next. @returns whether nobody waited for it */
  release(): boolean {
    const next = this.#waiting.shift()
    next?.()
    this.#isTaken = next !== undefined
    return !this.#isTaken
  }
}
