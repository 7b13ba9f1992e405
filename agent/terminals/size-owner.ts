// Size of a session and its owner: the client that typed last. The size stays when the owner leaves; after a delay the
// other clients are notified that it is free.

import { isSameSize, type ScreenSize } from '../screen-size.ts'
import type { Viewer } from './viewer.ts'

// Longer than a reload or reconnect, which must not change the size.
const freeMs = 3_000

const maxSide = 2_000

export class SizeOwner {
  size: ScreenSize
  readonly #onFree: () => void
  #ruler: Viewer | undefined
  #freeing: NodeJS.Timeout | undefined

  /** @param onFree called when the owner has been away for a while */
  constructor(size: ScreenSize, onFree: () => void) {
    this.size = size
    this.#onFree = onFree
  }

  claim(viewer: Viewer): void {
    this.#ruler = viewer
    this.#stopFreeing()
  }

  /** A new client is probably the previous owner. */
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

/** In cells, within the limits of ptys and screens. */
export function clampSize({ cols, rows }: ScreenSize): ScreenSize {
  return { cols: clampSide(cols), rows: clampSide(rows) }
}

const clampSide = (cells: number) => Math.min(maxSide, Math.max(1, Math.floor(cells) || 1))
