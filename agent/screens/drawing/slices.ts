// Drawing takes turns: other screens of the thread wait no longer than a slice of it.

import { setImmediate as nextTurn } from 'node:timers/promises'

const sliceMs = 2
// A piece that travels whole.
const pieceChars = 64 * 1024

/** The text of the rows in pieces, with a turn of the event loop between two slices of work. */
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
