// Batches pty output. Small output is due immediately: it may be an echo. Once more than
// `promptBytes` were sent within a few milliseconds, later output is batched into frames that are full or spaced: fewer,
// larger messages cost the browser less.

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

  /** @param onDue called when the output should be taken; it may stay when no client can receive it */
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

  /** Is sent with the next output, or with the next take. */
  appendWithoutFlush(bytes: Uint8Array): void {
    this.#buffer.append(bytes)
  }

  /** Makes the batch due now. */
  cancelTimer(): void {
    clearTimeout(this.#waiting)
    this.#waiting = undefined
  }

  /** Must not be empty. */
  take(): OutputFrame {
    const frame = this.#buffer.take()
    this.#takenBytes += frame.output.length
    return frame
  }

  /** Bytes taken in the current interval. */
  #takenLately(): number {
    const now = performance.now()
    if (now - this.#countedFrom >= gatherMs) {
      this.#countedFrom = now
      this.#takenBytes = 0
    }
    return this.#takenBytes
  }
}
