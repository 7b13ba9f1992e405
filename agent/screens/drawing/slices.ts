// Time-sliced drawing: other screens of the thread wait for one slice at most.

import { setImmediate as nextTurn } from 'node:timers/promises'

const sliceMs = 2
// Size of a piece.
const pieceChars = 64 * 1024

/** The rows as pieces of text, yielding to the event loop between slices. */
export async function inSlices(rows: Generator<string>): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  let text = ''
  let beganAt = performance.now()
  for (const row of rows) {
    text += row
    const isLate = performance.now() - beganAt >= sliceMs
    if (text.length >= pieceChars || isLate) {
      pieces.push(Buffer.from(text))
      text = ''
    }
    if (!isLate) continue
    await nextTurn()
    beganAt = performance.now()
  }
  pieces.push(Buffer.from(text))
  return pieces
}

export function newestWithin(pieces: readonly Buffer[], maxBytes: number): Buffer[] {
  let bytes = 0
  let first = pieces.length
  while (first > 0 && bytes + (pieces[first - 1] as Buffer).length <= maxBytes) {
    bytes += (pieces[--first] as Buffer).length
  }
  return pieces.slice(first)
}
