// Images on stored lines. They are too large to be stored with the lines: each is replaced by a reference in an unused
// control sequence, and reinserted on reading if the screen still has it.

import type { Image, Images } from './images.ts'

/** Draws the image at the cursor and restores the cursor. Its rows exist already, so nothing scrolls. */
export function drawImage({ rows, sequence }: Image, column: number): string {
  const room = rows > 1 ? `${'\n'.repeat(rows - 1)}\x1b[${rows - 1}A` : ''
  return `${room}\x1b7\x1b[${column}G${sequence}\x1b8`
}

const begin = '\x1b]1337;Picture='
const bell = '\x07'

export const nameImage = ({ name }: Image, column: number): string => `${begin}${name};${column}${bell}`

/** @param lines oldest first. @param images absent when none are drawn. @param rows of the receiving terminal.
 *  @param maxBytes of images; the newest are preferred */
export function restoreImages(
  lines: readonly Buffer[],
  images: Images | undefined,
  rows: number,
  maxBytes: number,
): Buffer[] {
  let room = maxBytes
  const draw = (name: string, column: number): string => {
    const image = images?.named(name)
    if (!image || image.rows > rows || image.sequence.length > room) return ''
    room -= image.sequence.length
    return drawImage(image, column)
  }
  const full = lines.toReversed().map((piece) => (piece.includes(begin) ? replaceNames(piece, draw) : piece))
  return full.reverse()
}

/** In reverse order. */
function replaceNames(lines: Buffer, draw: (name: string, column: number) => string): Buffer {
  const [first = '', ...parts] = lines.toString('latin1').split(begin)
  const replaced = parts.toReversed().map((part) => {
    const end = part.indexOf(bell)
    const [name = '', column] = part.slice(0, end).split(';')
    return draw(name, Number(column)) + part.slice(end + 1)
  })
  return Buffer.from(first + replaced.reverse().join(''), 'latin1')
}
