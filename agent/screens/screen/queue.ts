// Queue of output and resizes that a screen has not parsed yet. Output that arrives faster than it can be parsed is
// compacted.

import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { compactOutput } from './compact-output.ts'

export type Queued = Buffer | TerminalSize
export const isOutput = (queued: Queued): queued is Buffer => Buffer.isBuffer(queued)

/** Size of a slice; parsing one takes about 0.6 ms. */
export const sliceBytes = 16 * 1024
/** Lines per slice, less than the slack above the scrollback limit (drawing.ts). */
export const sliceLines = 1_024

// The queue is compacted above this size …
const compactAboveBytes = 2 * 1024 * 1024
// … to this size, several scrollbacks of typical text.
const compactedBytes = 1024 * 1024

export class ScreenQueue {
  #queued: Queued[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#queued.length === 0
  }

  /** Takes ownership of the buffer. */
  push(next: Queued): void {
    this.#queued.push(next)
    if (!isOutput(next)) return
    this.#bytes += next.length
    if (this.#bytes > compactAboveBytes) this.compact(compactedBytes)
  }

  /** Removes everything. */
  take(): Queued[] {
    const taken = this.#queued
    this.#queued = []
    this.#bytes = 0
    return taken
  }

  /** Removes up to one slice of output, or one resize. */
  takeSlice(maxLines: number): Queued | undefined {
    const next = this.#queued.shift()
    if (!next || !isOutput(next)) return next
    const output = this.#withFollowing(next)
    const slice = output.subarray(0, sliceEnd(output, maxLines))
    if (slice.length < output.length) this.#queued.unshift(output.subarray(slice.length))
    this.#bytes -= slice.length
    return slice
  }

  /** Reduces the queue to the newest output, up to a number of bytes or lines, and the lasting sequences before it. */
  compact(bytes: number, lines = Number.POSITIVE_INFINITY): void {
    this.#queued = compactQueue(this.#queued, bytes, lines)
    this.#bytes = this.#queued.filter(isOutput).reduce((sum, { length }) => sum + length, 0)
  }

  /** Merges small chunks, which would otherwise take one slice each. */
  #withFollowing(first: Buffer): Buffer {
    const pieces = [first]
    for (let bytes = first.length; bytes < sliceBytes; ) {
      const [following] = this.#queued
      if (!following || !isOutput(following)) break
      this.#queued.shift()
      pieces.push(following)
      bytes += following.length
    }
    return pieces.length === 1 ? first : Buffer.concat(pieces)
  }
}

export function* slicesOf(output: Buffer): Generator<Buffer> {
  for (let at = 0; at < output.length; ) {
    const slice = output.subarray(at, at + sliceEnd(output.subarray(at, at + sliceBytes)))
    yield slice
    at += slice.length
  }
}

const lineFeed = 0x0a

/** End of the first slice. */
function sliceEnd(output: Buffer, maxLines = sliceLines): number {
  const end = Math.min(sliceBytes, output.length)
  let at = 0
  for (let lines = 0; lines < maxLines; lines++) {
    at = output.indexOf(lineFeed, at) + 1
    if (at === 0 || at >= end) return end
  }
  return at
}

/** Compacts all but the newest output, the first slice and resizes. */
function compactQueue(queue: readonly Queued[], maxBytes: number, maxLines: number): Queued[] {
  let newest = queue.length
  for (let bytes = 0, lines = 0; newest > 0 && bytes < maxBytes && lines < maxLines; newest--) {
    const queued = queue[newest - 1] as Queued
    if (!isOutput(queued)) continue
    bytes += queued.length
    if (maxLines < Number.POSITIVE_INFINITY) lines += countLines(queued)
  }
  if (newest === 0) return [...queue]
  const old = queue.slice(0, newest)
  const lastSize = old.findLast((queued) => !isOutput(queued))
  // The parser may have consumed half of a sequence or character of the first slice.
  const [first = Buffer.alloc(0), ...more] = old.filter(isOutput)
  const front = first.subarray(0, sliceEnd(first))
  const lasting = compactOutput([first.subarray(front.length), ...more])
  return [front, lasting, ...(lastSize ? [lastSize] : []), ...queue.slice(newest)]
}

function countLines(output: Buffer): number {
  let lines = 0
  for (let at = output.indexOf(lineFeed); at !== -1; at = output.indexOf(lineFeed, at + 1)) lines++
  return lines
}
