// Pictures in the output: sixel, and files as iTerm2 sends them. Lays them out as pages do (renderer/terminal/screen/images.ts),
// so that the cursor goes to the same place: each cell that a picture covers knows which part of it lies there, and what
// is written, erased or scrolled takes those parts along. Keeps the sequences that drew them, within a limit, to draw
// them again, also of those on lines that were written down.

import { randomBytes } from 'node:crypto'
import type { Terminal } from '@xterm/headless'
import { imageCell } from '../../../api/agents/agent-protocol.ts'
import { type ImageSize, sizeOfFile, sizeOfSixel } from './image-sizes.ts'
import { type Cell, type InnerBuffer, innerOf, type TileAttributes } from './xterm-internals.ts'

/** A part of a picture, in one cell. */
export interface Tile {
  readonly image: Image
  /** from the picture's upper left */
  readonly row: number
  readonly col: number
}

export interface Image {
  /** Another in each life of a screen: lines that an earlier one wrote down name none of this. */
  readonly name: string
  readonly cols: number
  readonly rows: number
  /** Draws it from the cursor on. */
  readonly sequence: string
}

export interface Images {
  /** Whether there may be one. */
  readonly hasAny: boolean
  tileIn(cell: Cell): Tile | undefined
  named(name: string): Image | undefined
  /** Set while lines go that were written down: pictures on them stay, within the limit. */
  isKeeping: boolean
}

// Several screens full of pictures. Beyond, the oldest go.
const maxBytes = 4 * 1024 * 1024
// What pages take; more is none for them either.
const maxPixels = 4096 * 4096

/** Watches what is written to the terminal from now on. */
export function watchImages(terminal: Terminal): Images {
  const inner = innerOf(terminal)
  const images = new Map<number, Image>()
  // Of the alternate screen, which is empty when it is left.
  const alternate = new Set<number>()
  let bytes = 0
  let lastId = 0
  const life = randomBytes(4).toString('hex')
  const idIn = (name: string) => (name.startsWith(`${life}-`) ? Number(name.slice(life.length + 1)) : 0)
  // DECSDM: pictures lie at the upper left, and the cursor stays.
  let isPinned = false
  const Attributes = inner._inputHandler._curAttrData.extended.constructor as new (ext: number, urlId: number) => object

  const forget = (id: number) => {
    bytes -= images.get(id)?.sequence.length ?? 0
    images.delete(id)
  }

  function remember(image: Omit<Image, 'name'>): number {
    const id = ++lastId
    images.set(id, { ...image, name: `${life}-${id}` })
    bytes += image.sequence.length
    for (const oldest of images.keys()) {
      if (bytes <= maxBytes) break
      forget(oldest)
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
    const id = remember(image)
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
    if (marker) marker.onDispose(() => watched.isKeeping || forget(id))
    else alternate.add(id)
  }

  function take(size: ImageSize | undefined, sequence: string): boolean {
    if (size && size.width * size.height <= maxPixels) place(size, sequence)
    return true
  }

  const { parser } = terminal
  parser.registerDcsHandler({ final: 'q' }, (sixel, params) =>
    take(sizeOfSixel(sixel), `\x1bP${params.join(';')}q${sixel}\x1b\\`),
  )
  parser.registerOscHandler(1337, (file) => take(sizeOfFile(file, terminal), `\x1b]1337;${file}\x07`))
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
    for (const id of alternate) forget(id)
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
    isKeeping: false,
  }
  return watched
}

// How xterm keeps a cell: three words, the second to last of which says that there is more beside them.
const cellWords = 3
const backgroundWord = 2
const hasExtended = 0x10000000
