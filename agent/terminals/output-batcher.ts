// What a pty has said and nobody was sent yet. Little output is due as it comes: it may be an echo. Once more than
// `promptBytes` were taken within a few milliseconds, what follows is gathered into frames, full or as far apart: fewer,
// larger messages for the browser's sake.

import { OutputBuffer, type OutputFrame } from './output-buffer.ts'
import { type TypingTracker, turnBytes } from './typing-tracker.ts'

const gatherMs = 4
const promptBytes = 8 * 1024
const fullFrameBytes = 64 * 1024

export class OutputBatcher {
  readonly #buffer = new OutputBuffer()
  readonly #typing: TypingTracker
  readonly #onDue: () => void
  #waiting: NodeJS.Timeout | undefined
  #countedFrom = 0
  #takenBytes = 0

  /** @param onDue it is time to take what is there; where nobody can be sent anything it may stay */
  constructor(typing: TypingTracker, onDue: () => void) {
    this.#typing = typing
    this.#onDue = onDue
  }

  get isEmpty(): boolean {
    return this.#buffer.size === 0
  }

  append(bytes: Uint8Array): void {
    this.#buffer.append(bytes)
    const { size } = this.#buffer
    const isLittle = !this.#waiting && this.#takenLately() + size <= promptBytes
    const isFull = size >= (this.#typing.isActive ? turnBytes : fullFrameBytes)
    if (isLittle || isFull) this.#onDue()
    else this.#waiting ??= setTimeout(this.#onDue, gatherMs)
  }

  /** Goes with what comes next, or with whoever takes it first. */
  appendWithoutFlush(bytes: Uint8Array): void {
    this.#buffer.append(bytes)
  }

  /** What is there is looked at now, whenever it was to be. */
  cancelTimer(): void {
    clearTimeout(this.#waiting)
    this.#waiting = undefined
  }

  /** Only to be called with something in it. */
  take(): OutputFrame {
    const frame = this.#buffer.take()
    this.#takenBytes += frame.output.length
    return frame
  }

  /** Bytes taken since the present few milliseconds began. */
  #takenLately(): number {
    const now = performance.now()
    if (now - this.#countedFrom >= gatherMs) {
      this.#countedFrom = now
      this.#takenBytes = 0
    }
    return this.#takenBytes
  }
}
