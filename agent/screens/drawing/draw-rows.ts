// Serializes terminal rows as text. A terminal of the same width draws the same cells from it; another width wraps
// lines as it would wrap the program's output. Each row starts and ends without style.

import type { IBuffer, Terminal } from '@xterm/headless'
import { drawImage } from './history-images.ts'
import type { Image, Images } from './images.ts'
import { linkEnd, linkSequence, penSequence } from './pen.ts'
import { type Attributes, type Cell, emptyCell, type Inner, innerOf, type Row } from './xterm-internals.ts'

/** A control sequence at a column that takes no cell. */
export interface Placed {
  readonly col: number
  readonly sequence: string
}

export interface RowContent {
  /** Sequences to insert in a row, from left to right. */
  placed(row: number): Placed[]
  /** Undefined when images are not drawn. */
  readonly images: Images | undefined
  /** Text at the first cell of an image; by default the image itself. */
  readonly drawImage?: (image: Image, column: number) => string
  /** End of the buffer (exclusive). */
  readonly end?: number
}

export interface RowDrawer {
  /** @returns the row and the transition to the next row; without the transition when `isLast`. */
  draw(row: number, isLast: boolean): string
}

export function createRowDrawer(terminal: Terminal, buffer: IBuffer, content: RowContent): RowDrawer {
  const { cols, rows } = terminal
  const { placed, images, end = Number.POSITIVE_INFINITY } = content
  const imageDrawer = images?.hasAny ? createImageDrawer(images, rows, end, content.drawImage ?? drawImage) : undefined
  const inner = innerOf(terminal)
  const cells = { a: emptyCell(buffer), b: emptyCell(buffer) }
  return {
    draw(at, isLast) {
      const row = buffer.getLine(at)
      if (!row) return ''
      const text = drawCells(row, cols, cells, placed(at), inner, imageDrawer?.inRow(at))
      if (isLast) return text
      const next = buffer.getLine(at + 1)
      return text + (next?.isWrapped && rows > 1 ? wrapInto(row, next, cols, cells.a) : '\r\n')
    },
  }
}

interface ImageRow {
  /** Whether an image covers part of the row: its empty cells must be erased. */
  readonly isCovered: boolean
  isTile(cell: Cell): boolean
  /** @returns the sequence that draws the image starting here and restores the cursor. */
  begin(cell: Cell, col: number): string
}

/** Draws each image at its first row. Omits images whose first row no longer exists or that do not fit. */
function createImageDrawer(images: Images, rows: number, end: number, draw: (image: Image, column: number) => string) {
  const drawn = new Set<Image>()
  let coveredTo = 0
  return {
    inRow: (at: number): ImageRow => ({
      get isCovered() {
        return at < coveredTo
      },
      isTile: (cell) => images.tileIn(cell) !== undefined,
      begin(cell, col) {
        const tile = images.tileIn(cell)
        if (!tile || drawn.has(tile.image)) return ''
        const { image, row } = tile
        drawn.add(image)
        coveredTo = Math.max(coveredTo, at - row + image.rows)
        if (row > 0 || tile.col > col || image.rows > rows || at + image.rows > end) return ''
        return draw(image, col - tile.col + 1)
      },
    }),
  }
}

function drawCells(
  row: Row,
  cols: number,
  cells: { a: Cell; b: Cell },
  placed: Placed[],
  inner: Inner,
  images?: ImageRow,
): string {
  let text = ''
  let [cell, pen] = [cells.a, cells.b]
  let isPlain = true
  let isLinked = false
  let gap = 0
  let isGapErased = false
  let nextPlaced = 0
  let endsOpen = false
  const length = Math.min(cols, row.length)
  // A wrapped colored character may have filled the row with its background: empty cells are erased.
  const isTinted = row.isWrapped && hasBackground(row, cell)

  function resetStyle() {
    if (!isPlain) text += '\x1b[m'
    if (isLinked) text += linkEnd
    isPlain = true
    isLinked = false
  }
  function applyStyle() {
    if (!isPlain && isSamePen(cell, pen)) return
    if (isLinked) text += linkEnd
    const link = cell.hasExtendedAttrs() ? linkSequence(cell, inner) : undefined
    text += penSequence(cell, isPlain) || (isPlain ? '' : '\x1b[m')
    if (link) text += link
    isLinked = link !== undefined
    isPlain = false
    ;[cell, pen] = [pen, cell]
  }
  /** Moves the cursor over the empty cells so far. */
  function endGap() {
    if (gap === 0) return
    resetStyle()
    if (isTinted || isGapErased) text += `\x1b[${gap}X`
    text += `\x1b[${gap}C`
    gap = 0
  }
  function drawPlaced(col: number) {
    while ((placed[nextPlaced]?.col ?? cols) <= col) {
      endGap()
      text += placed[nextPlaced++]?.sequence
    }
  }
  function drawImageStart(col: number) {
    const image = images?.begin(cell, col)
    if (!image) return
    endGap()
    resetStyle()
    text += image
  }
  function addToGap() {
    const isErased = images?.isCovered === true && !images.isTile(cell)
    if (isErased !== isGapErased) endGap()
    isGapErased = isErased
    gap++
  }
  /** Draws the empty cells with the same background. @returns their number */
  function drawBackground(col: number): number {
    endGap()
    applyStyle()
    const run = emptyRun(row, col, length, cell, pen)
    text += `\x1b[${run}X\x1b[${run}C`
    return run
  }
  function drawCharacters(characters: string) {
    endGap()
    if (cell.fg === 0 && cell.bg === 0) resetStyle()
    else applyStyle()
    if (joinsBefore(characters) || endsOpen) text += joinBreak
    endsOpen = characters.endsWith(zeroWidthJoiner)
    text += characters
  }

  for (let col = 0; col < length; col++) {
    row.getCell(col, cell)
    drawPlaced(col)
    if (cell.getWidth() === 0) continue
    drawImageStart(col)
    const characters = cell.getChars()
    if (characters !== '') drawCharacters(characters)
    else if (cell.isBgDefault()) addToGap()
    else col += drawBackground(col) - 1
  }
  resetStyle()
  const atEnd = placed.slice(nextPlaced).map(({ sequence }) => sequence)
  if (atEnd.length > 0) endGap()
  else if (gap > 0 && (isTinted || isGapErased)) text += '\x1b[K'
  return text + atEnd.join('')
}

const zeroWidthJoiner = '\u200d'
// A redundant shift-in separates the next character from the previous one.
const joinBreak = '\x0f'
const joining = /^(?:\p{M}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|[\u1160-\u11ff])/u

/** Whether a terminal would combine it with the preceding character, although it has its own cell here. */
const joinsBefore = (characters: string) => characters.charCodeAt(0) >= 0x300 && joining.test(characters)

/** Number of empty cells with this background from here on. */
function emptyRun(row: Row, from: number, length: number, cell: Cell, pen: Attributes): number {
  let end = from + 1
  for (; end < length; end++) {
    row.getCell(end, cell)
    if (cell.getChars() !== '' || cell.getWidth() === 0 || cell.bg !== pen.bg) break
  }
  return end - from
}

function hasBackground(row: Row, cell: Cell): boolean {
  row.getCell(0, cell)
  return !cell.isBgDefault()
}

const isSamePen = (a: Attributes, b: Attributes) =>
  a.fg === b.fg &&
  a.bg === b.bg &&
  (!a.hasExtendedAttrs() || (a.extended.ext === b.extended.ext && a.extended.urlId === b.extended.urlId))

/** Makes the terminal wrap by itself, so that it treats the next row as the same line. */
function wrapInto(row: Row, next: Row, cols: number, cell: Cell): string {
  const room = emptyAtEnd(row, cols, cell)
  if (room === undefined) return '\r\n'
  next.getCell(0, cell)
  const beginsWithText = cell.getChars() !== ''
  if (beginsWithText && (room === 0 || (room === 1 && cell.getWidth() === 2))) return ''
  // No character would wrap: draws dots and erases them.
  const back = room > 0 ? `\x1b[A\x1b[${cols - room + 1}G\x1b[${room}X\x1b[B` : ''
  return `${'.'.repeat(room + 1)}${back}\r\x1b[X`
}

/** Undefined for colored cells: dots would remove the color. */
function emptyAtEnd(row: Row, cols: number, cell: Cell): number | undefined {
  let room = 0
  for (let col = cols - 1; col >= 0; col--) {
    row.getCell(col, cell)
    if (cell.getWidth() === 0 || cell.getChars() !== '') break
    if (!cell.isBgDefault()) return undefined
    room++
  }
  return room
}
