// Time-sliced serialization: other screens of the worker wait for at most one slice.

import { setImmediate as nextTurn } from 'node:timers/promises'

const sliceMs = 2
// Maximum size of a piece, plus one row.
const pieceChars = 64 * 1024

/** The rows as pieces of text, yielding to the event loop between slices. */
export async function inSlices(rows: Generator<string>): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  let text = ''
  let startedAt = performance.now()
  for (const row of rows) {
    text += row
    const isDue = performance.now() - startedAt >= sliceMs
    if (text.length >= pieceChars || isDue) {
      pieces.push(Buffer.from(text))
      text = ''
    }
    if (!isDue) continue
    await nextTurn()
    startedAt = performance.now()
  }
  pieces.push(Buffer.from(text))
  return pieces
}

/** The newest pieces within a size. */
export function newestWithin(pieces: readonly Buffer[], maxBytes: number): Buffer[] {
  let bytes = 0
  let first = pieces.length
  while (first > 0 && bytes + (pieces[first - 1] as Buffer).length <= maxBytes) {
    bytes += (pieces[--first] as Buffer).length
  }
  return pieces.slice(first)
}
