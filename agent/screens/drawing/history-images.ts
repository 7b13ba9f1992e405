// Images on stored lines. Too large to be stored with the lines: each is replaced by a reference, in an unused control
// sequence, and restored on reading if it is still in memory.

import type { Image, Images } from './images.ts'

/** Draws the image at the cursor and restores the cursor. Its rows exist already, so nothing scrolls. */
export function drawImage({ rows, sequence }: Image, column: number): string {
  const room = rows > 1 ? `${'\n'.repeat(rows - 1)}\x1b[${rows - 1}A` : ''
  return `${room}\x1b7\x1b[${column}G${sequence}\x1b8`
}

const referenceStart = '\x1b]1337;Picture='
const bell = '\x07'

/** A reference to an image, in place of its sequence. */
export const referenceImage = ({ name }: Image, column: number): string => `${referenceStart}${name};${column}${bell}`

/** @param lines oldest first. @param images absent when none are drawn. @param rows of the receiving terminal.
 *  @param maxBytes of images; the newest are preferred */
export function restoreImages(
  lines: readonly Buffer[],
  images: Images | undefined,
  rows: number,
  maxBytes: number,
): Buffer[] {
  let remainingBytes = maxBytes
  const draw = (name: string, column: number): string => {
    const image = images?.named(name)
    if (!image || image.rows > rows || image.sequence.length > remainingBytes) return ''
    remainingBytes -= image.sequence.length
    return drawImage(image, column)
  }
  const restored = lines
    .toReversed()
    .map((piece) => (piece.includes(referenceStart) ? replaceReferences(piece, draw) : piece))
  return restored.reverse()
}

/** Starts with the last reference, because the newest images are preferred. */
function replaceReferences(lines: Buffer, draw: (name: string, column: number) => string): Buffer {
  const [first = '', ...parts] = lines.toString('latin1').split(referenceStart)
  const replaced = parts.toReversed().map((part) => {
    const end = part.indexOf(bell)
    const [name = '', column] = part.slice(0, end).split(';')
    return draw(name, Number(column)) + part.slice(end + 1)
  })
  return Buffer.from(first + replaced.reverse().join(''), 'latin1')
}
