// Tells the state while it changes, so that whoever stores it forgets nothing. Writing out a large state after every one
// of its objects would cost more than making them: what a telling costs decides how soon the next may come.

// What telling may cost in all before it has to wait: a usual build stays far below, so each of its changes is told.
const freeMs = 200

// Beyond that a tenth of the time at most goes into telling.
const restPerTelling = 9

export class Checkpoints {
  readonly #tell: () => void
  #spentMs = 0
  #nextAt = 0
  #timer: NodeJS.Timeout | undefined

  /** `tell` writes the whole state as it is at the time. */
  constructor(tell: () => void) {
    this.#tell = tell
  }

  /** Something has changed: it is told now or, if the last telling was dear, soon. */
  mark(): void {
    if (this.#timer) return
    const waitMs = this.#nextAt - performance.now()
    if (waitMs <= 0) this.#tellNow()
    else this.#timer = setTimeout(() => this.#tellNow(), waitMs)
  }

  /** What has not been told yet stays so: the caller has the final state in hand. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #tellNow(): void {
    this.close()
    const started = performance.now()
    this.#tell()
    const ended = performance.now()
    const costMs = ended - started
    this.#spentMs += costMs
    this.#nextAt = this.#spentMs <= freeMs ? 0 : ended + costMs * restPerTelling
  }
}
