// The size of a session, and whose it is: of who typed last. It stays when they leave; a little later the others are told
// that it is anybody's.

import { isSameSize, type ScreenSize } from '../screen-size.ts'
import type { Viewer } from './viewer.ts'

// Whoever reads the page again, or lost the connection, is back by then: nobody's size changes for that.
const freeMs = 3_000

const maxSide = 2_000

export class SizeOwner {
  size: ScreenSize
  readonly #onFree: () => void
  #ruler: Viewer | undefined
  #freeing: NodeJS.Timeout | undefined

  /** @param onFree whose it was has been away for a while */
  constructor(size: ScreenSize, onFree: () => void) {
    this.size = size
    this.#onFree = onFree
  }

  claim(viewer: Viewer): void {
    this.#ruler = viewer
    this.#stopFreeing()
  }

  /** Somebody who has come is likely whose it was, and just left. */
  isReturning(viewer: Viewer): boolean {
    return this.#freeing !== undefined && !viewer.isReadOnly && isSameSize(viewer.size, this.size)
  }

  release(viewer: Viewer): void {
    if (viewer === this.#ruler) this.#freeing ??= setTimeout(() => this.#free(), freeMs)
  }

  dispose(): void {
    this.#stopFreeing()
  }

  #stopFreeing(): void {
    clearTimeout(this.#freeing)
    this.#freeing = undefined
  }

  #free(): void {
    this.#ruler = undefined
    this.#freeing = undefined
    this.#onFree()
  }
}

/** In cells, within what a pty and a screen can have. */
export function clampSize({ cols, rows }: ScreenSize): ScreenSize {
  return { cols: clampSide(cols), rows: clampSide(rows) }
}

const clampSide = (cells: number) => Math.min(maxSide, Math.max(1, Math.floor(cells) || 1))
