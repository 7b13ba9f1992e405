// What a session has said and its screen has not parsed: output and changes of size, in order. Cut into slices, and made
// short where it grows faster than it can be parsed.

import type { ScreenSize } from './screen-size.ts'
import { skim } from './skim.ts'

export type Queued = Buffer | ScreenSize
export const isOutput = (queued: Queued): queued is Buffer => Buffer.isBuffer(queued)

/** What is parsed at once, in 0.6 ms. */
export const sliceBytes = 16 * 1024
/** No slice brings more lines than there is room for above the live ones. */
export const sliceLines = 1_024

const lineFeed = 0x0a

/** Where the first slice ends. */
export function sliceEnd(output: Buffer, maxLines = sliceLines): number {
  const end = Math.min(sliceBytes, output.length)
  let at = 0
  for (let lines = 0; lines < maxLines; lines++) {
    at = output.indexOf(lineFeed, at) + 1
    if (at === 0 || at >= end) return end
  }
  return at
}

/** Skims all but the newest so many bytes or lines, a slice at the front and the changes of size excepted. */
export function skimTo(queue: readonly Queued[], keepBytes: number, keepLines: number): Queued[] {
  let newest = queue.length
  for (let bytes = 0, lines = 0; newest > 0 && bytes < keepBytes && lines < keepLines; newest--) {
    const queued = queue[newest - 1] as Queued
    if (!isOutput(queued)) continue
    bytes += queued.length
    if (keepLines < Number.POSITIVE_INFINITY) lines += countLines(queued)
  }
  if (newest === 0) return [...queue]
  const old = queue.slice(0, newest)
  const lastSize = old.findLast((queued) => !isOutput(queued))
  // The front may begin in the middle of a sequence or a character that the parser has half read.
  const [first = Buffer.alloc(0), ...more] = old.filter(isOutput)
  const front = first.subarray(0, sliceEnd(first))
  const lasting = skim([first.subarray(front.length), ...more])
  return [front, lasting, ...(lastSize ? [lastSize] : []), ...queue.slice(newest)]
}

function countLines(output: Buffer): number {
  let lines = 0
  for (let at = output.indexOf(lineFeed); at !== -1; at = output.indexOf(lineFeed, at + 1)) lines++
  return lines
}
