// Images in terminal output: sixel and iTerm2 inline files. Uses the layout of the renderer
// (renderer/terminal/screen/images.ts), so that the cursor ends at the same position: each covered cell records its
// part of the image, and writing, erasing and scrolling update the parts. Stores the original sequences, within a
// limit, to draw images again, including those on stored lines.

import { randomBytes } from 'node:crypto'
import type { Terminal } from '@xterm/headless'
import { imageCell } from '../../../api/agents/agent-protocol.ts'
import { type ImageSize, sizeOfFile, sizeOfSixel } from './image-sizes.ts'
import { type Cell, type InnerBuffer, innerOf, type TileAttributes } from './xterm-internals.ts'

/** The part of an image in one cell. */
export interface Tile {
  readonly image: Image
  /** Position from the upper left corner of the image. */
  readonly row: number
  readonly col: number
}

export interface Image {
  /** Unique per screen process: references of an earlier process do not match. */
  readonly name: string
  readonly cols: number
  readonly rows: number
  /** The sequence that draws it at the cursor. */
  readonly sequence: string
}

export interface Images {
  /** Whether any image may exist. */
  readonly hasAny: boolean
  tileIn(cell: Cell): Tile | undefined
  named(name: string): Image | undefined
  /** True while stored lines are dropped: their images stay, within the limit. */
  retainsTrimmed: boolean
}

// Several full screens of images; beyond this the oldest are dropped.
const maxBytes = 4 * 1024 * 1024
// Limit of the renderer; larger images are ignored there.
const maxPixels = 4096 * 4096

/** Registers the parser handlers. */
export function watchImages(terminal: Terminal): Images {
  const inner = innerOf(terminal)
  const images = new Map<number, Image>()
  // Images of the alternate screen, which is cleared on leaving.
  const alternate = new Set<number>()
  let bytes = 0
  let lastId = 0
  const prefix = randomBytes(4).toString('hex')
  const idIn = (name: string) => (name.startsWith(`${prefix}-`) ? Number(name.slice(prefix.length + 1)) : 0)
  // DECSDM: images are drawn at the upper left and the cursor does not move.
  let isPinned = false
  const Attributes = inner._inputHandler._curAttrData.extended.constructor as new (ext: number, urlId: number) => object

  const remove = (id: number) => {
    bytes -= images.get(id)?.sequence.length ?? 0
    images.delete(id)
  }

  function add(image: Omit<Image, 'name'>): number {
    const id = ++lastId
    images.set(id, { ...image, name: `${prefix}-${id}` })
    bytes += image.sequence.length
    for (const oldest of images.keys()) {
      if (bytes <= maxBytes) break
      remove(oldest)
    }
    return id
  }

  function markRow(buffer: InnerBuffer, id: number, row: number, from: number, cols: number) {
    const line = buffer.lines.get(buffer.ybase + buffer.y)
    for (let col = 0; line && col < cols && from + col < terminal.cols; col++) {
      const background = (from + col) * cellWords + backgroundWord
      line._data[background] = (line._data[background] ?? 0) | hasExtended
      line._extendedAttrs[from + col] = Object.assign(new Attributes(0, 0), {
        imageId: id,
        imageRow: row,
        imageCol: col,
      })
    }
  }

  function place({ width, height }: ImageSize, sequence: string) {
    const image = { cols: Math.ceil(width / imageCell.width), rows: Math.ceil(height / imageCell.height), sequence }
    const { buffer } = inner._bufferService
    const [x, y] = [buffer.x, buffer.y]
    const id = add(image)
    const from = isPinned ? 0 : x
    if (isPinned) buffer.y = 0
    for (let row = 0; row < image.rows; row++) {
      markRow(buffer, id, row, from, image.cols)
      if (row === image.rows - 1 || (isPinned && buffer.y === terminal.rows - 1)) break
      if (isPinned) buffer.y++
      else inner._inputHandler.lineFeed()
      buffer.x = from
    }
    if (isPinned) [buffer.x, buffer.y] = [x, y]
    const marker = terminal.registerMarker(0)
    if (marker) marker.onDispose(() => watched.retainsTrimmed || remove(id))
    else alternate.add(id)
  }

  function accept(size: ImageSize | undefined, sequence: string): boolean {
    if (size && size.width * size.height <= maxPixels) place(size, sequence)
    return true
  }

  const { parser } = terminal
  parser.registerDcsHandler({ final: 'q' }, (sixel, params) =>
    accept(sizeOfSixel(sixel), `\x1bP${params.join(';')}q${sixel}\x1b\\`),
  )
  parser.registerOscHandler(1337, (file) => accept(sizeOfFile(file, terminal), `\x1b]1337;${file}\x07`))
  const pin = (isOn: boolean) => (params: (number | number[])[]) => {
    if (params.includes(80)) isPinned = isOn
    return false
  }
  const unpin = () => {
    isPinned = false
    return false
  }
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, pin(true))
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, pin(false))
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, unpin)
  parser.registerEscHandler({ final: 'c' }, () => {
    images.clear()
    bytes = 0
    return unpin()
  })
  terminal.buffer.onBufferChange(({ type }) => {
    if (type === 'alternate') return
    for (const id of alternate) remove(id)
    alternate.clear()
  })

  const watched: Images = {
    get hasAny() {
      return images.size > 0
    },
    tileIn(cell) {
      if (!cell.hasExtendedAttrs()) return undefined
      const { imageId, imageRow = 0, imageCol = 0 } = cell.extended as TileAttributes
      const image = imageId === undefined ? undefined : images.get(imageId)
      return image && { image, row: imageRow, col: imageCol }
    },
    named: (name) => images.get(idIn(name)),
    retainsTrimmed: false,
  }
  return watched
}

// xterm stores a cell in three words; a bit of the second marks extended attributes.
const cellWords = 3
const backgroundWord = 2
const hasExtended = 0x10000000
