// Pictures on lines that are written down. They are too large to be written with each of them: a name stands for each, which
// is a sequence that no terminal knows, and those that the screen still has are put back where the lines are read.

import type { Image, Images } from './images.ts'

/** Draws it where the cursor is, which stays. The rows it takes are there before it is: nothing scrolls while it is drawn. */
export function drawImage({ rows, sequence }: Image, column: number): string {
  const room = rows > 1 ? `${'\n'.repeat(rows - 1)}\x1b[${rows - 1}A` : ''
  return `${room}\x1b7\x1b[${column}G${sequence}\x1b8`
}

const begin = '\x1b]1337;Picture='
const bell = '\x07'

export const nameImage = ({ name }: Image, column: number): string => `${begin}${name};${column}${bell}`

/** @param lines oldest first. @param images left out where none are drawn. @param rows of the terminal that is to draw them.
 *  @param maxBytes of pictures: of more, the newest */
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

/** From the last to the first. */
function replaceNames(lines: Buffer, draw: (name: string, column: number) => string): Buffer {
  const [first = '', ...parts] = lines.toString('latin1').split(begin)
  const replaced = parts.toReversed().map((part) => {
    const end = part.indexOf(bell)
    const [name = '', column] = part.slice(0, end).split(';')
    return draw(name, Number(column)) + part.slice(end + 1)
  })
  return Buffer.from(first + replaced.reverse().join(''), 'latin1')
}
