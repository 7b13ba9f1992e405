// Batches pty output. Small output is due immediately: it may be an echo. Once more than `immediateBytes` were sent
// within `batchMs`, later output waits until a frame is full or the interval is over: fewer, larger messages cost the
// browser less.

import { OutputBuffer, type OutputFrame } from './output-buffer.ts'
import { type TypingTracker, turnBytes } from './typing-tracker.ts'

const batchMs = 4
const immediateBytes = 8 * 1024
const fullFrameBytes = 64 * 1024

export class OutputBatcher {
  readonly #buffer = new OutputBuffer()
  readonly #typing: TypingTracker
  readonly #onDue: () => void
  #timer: NodeJS.Timeout | undefined
  #intervalStart = 0
  #takenBytes = 0

  /** @param onDue called when the output should be taken; it may stay while no client can receive it */
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
    const isSmall = !this.#timer && this.#takenInInterval() + size <= immediateBytes
    const isFull = size >= (this.#typing.isActive ? turnBytes : fullFrameBytes)
    if (isSmall || isFull) this.#onDue()
    else this.#timer ??= setTimeout(this.#onDue, batchMs)
  }

  /** Becomes due with later output. */
  appendWithoutFlush(bytes: Uint8Array): void {
    this.#buffer.append(bytes)
  }

  /** Called before the batch is taken. */
  cancelTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Must not be empty. */
  take(): OutputFrame {
    const frame = this.#buffer.take()
    this.#takenBytes += frame.output.length
    return frame
  }

  /** Bytes taken in the current interval. */
  #takenInInterval(): number {
    const now = performance.now()
    if (now - this.#intervalStart >= batchMs) {
      this.#intervalStart = now
      this.#takenBytes = 0
    }
    return this.#takenBytes
  }
}
