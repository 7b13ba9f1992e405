// The client that determines the size of a session: the one that typed last or claimed it. After the owner has left for
// a while, the size has no owner.

import type { Viewer } from './viewer.ts'

// Longer than a reload or reconnect, which must not change the owner.
const releaseDelayMs = 3_000

export class SizeOwner {
  readonly #onReleased: () => void
  #owner: Viewer | undefined
  #releaseTimer: NodeJS.Timeout | undefined

  /** @param onReleased called when the owner has been away for a while */
  constructor(onReleased: () => void) {
    this.#onReleased = onReleased
  }

  /** The owner has left, and may still return. */
  get isAway(): boolean {
    return this.#releaseTimer !== undefined
  }

  claim(viewer: Viewer): void {
    this.#owner = viewer
    this.#stopTimer()
  }

  /** Starts the delayed release if the client is the owner. */
  release(viewer: Viewer): void {
    if (viewer === this.#owner) this.#releaseTimer ??= setTimeout(() => this.#releaseNow(), releaseDelayMs)
  }

  dispose(): void {
    this.#stopTimer()
  }

  #stopTimer(): void {
    clearTimeout(this.#releaseTimer)
    this.#releaseTimer = undefined
  }

  #releaseNow(): void {
    this.#owner = undefined
    this.#releaseTimer = undefined
    this.#onReleased()
  }
}
