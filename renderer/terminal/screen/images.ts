// Pictures in the output (sixel, iTerm2's inline files), drawn by xterm's addon and laid out as the agent does
// (agent/screens/drawing/images.ts): by a cell that is the same for everybody, scaled to the cells of this page.

import type { ImageAddon } from '@xterm/addon-image'
import type { Terminal } from '@xterm/xterm'
import { imageCell } from '../../../api/agents/agent-protocol.ts'

// Enough for a plot or two; more would be kept for as long as the terminal is open.
const storageMb = 32
// What xterm hands on as one sequence, in the agent too; base64 is a third longer than what is in it.
const longestSequence = 10_000_000
const largestFile = 7_000_000

/** @returns a function that teaches a terminal to show pictures, and resolves when it can. */
export async function loadImages(): Promise<(terminal: Terminal) => Promise<void>> {
  const { ImageAddon } = await import('@xterm/addon-image')
  return async (terminal) => {
    const addon = new ImageAddon({
      storageLimit: storageMb,
      sixelSizeLimit: longestSequence,
      iipSizeLimit: largestFile,
    })
    terminal.loadAddon(addon)
    layOutByImageCell(terminal, innerOf(addon))
    reportImageCell(terminal)
    await untilDecoding(innerOf(addon))
  }
}

/** The addon has no way to be told of another cell than the page's; and it cannot be asked when its decoder is there. */
interface InnerAddon {
  readonly _renderer: { _rescaleImage(image: StoredImage, width: number, height: number): void }
  readonly _storage: { addImage(image: Picture): void; advanceCursor(height: number): void }
  readonly _handlers: Map<'sixel', { readonly _dec?: unknown }> & Map<'iip', FileHandler>
}

interface FileHandler {
  _resize(width: number, height: number): [number, number]
  start(): void
  put(codes: Uint32Array, from: number, to: number): void
  end(isWhole: boolean): boolean | Promise<boolean>
}

type Picture = HTMLCanvasElement | ImageBitmap

interface StoredImage {
  readonly orig: Picture
  actual: Picture
  readonly actualCellSize: { width: number; height: number }
}

const innerOf = (addon: ImageAddon): InnerAddon => addon as unknown as InnerAddon

function layOutByImageCell(
  terminal: Terminal,
  { _renderer: renderer, _storage: storage, _handlers }: InnerAddon,
): void {
  const canvas = () => ({ width: terminal.cols * imageCell.width, height: terminal.rows * imageCell.height })
  const properties = {
    cellSize: { configurable: true, get: () => ({ ...imageCell }) },
    dimensions: { configurable: true, get: () => ({ css: { cell: imageCell, canvas: canvas() } }) },
  }
  const byImageCell =
    <Args extends unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      Object.defineProperties(renderer, properties)
      try {
        return act(...args)
      } finally {
        for (const name of Object.keys(properties)) Reflect.deleteProperty(renderer, name)
      }
    }
  const addImage = byImageCell(storage.addImage.bind(storage))
  storage.addImage = (image) => addImage(inWholeCells(image))
  renderer._rescaleImage = rescale
  storage.advanceCursor = byImageCell(storage.advanceCursor.bind(storage))
  const files = _handlers.get('iip')
  if (!files) return
  files._resize = byImageCell(files._resize.bind(files))
  terminal.parser.registerOscHandler(1337, (file) => {
    const sized = withSize(file)
    if (!sized) return false
    const codes = Uint32Array.from(sized, (character) => character.charCodeAt(0))
    files.start()
    files.put(codes, 0, codes.length)
    return files.end(true)
  })
}

/** The addon wants to be told how large a file is, which programs need not say. Undefined where they do. */
function withSize(file: string): string | undefined {
  const colon = file.indexOf(':')
  const fields = file.slice(0, colon)
  if (!fields.startsWith('File=') || /[=;]size=[1-9]/.test(fields)) return undefined
  const content = file.slice(colon + 1).replace(/=+$/, '')
  return `${fields};size=${Math.floor((content.length * 3) / 4)}:${content}`
}

/** With room at its right and lower edges, so that what fills a cell can be told from its size alone. */
function inWholeCells(image: Picture): Picture {
  const width = Math.ceil(image.width / imageCell.width) * imageCell.width
  const height = Math.ceil(image.height / imageCell.height) * imageCell.height
  return image.width === width && image.height === height
    ? image
    : drawn(width, height, (context) => context.drawImage(image, 0, 0))
}

// From here on a picture is seen to be stretched.
const mostStretched = 1.25

/** The addon counts the cells of a row by the width of the picture: were it rounded up, as the addon does it, there would
 *  be one more where cells are not whole pixels wide, and each row would be drawn further to the right. */
function rescale(image: StoredImage, width: number, height: number): void {
  const { orig, actualCellSize } = image
  if (actualCellSize.width === width && actualCellSize.height === height) return
  const scaled = (pixels: number, of: number, to: number) => Math.max(1, Math.floor((pixels / of) * to - 0.01))
  const size = [scaled(orig.width, imageCell.width, width), scaled(orig.height, imageCell.height, height)] as const
  const [across, down] = [width / imageCell.width, height / imageCell.height]
  const [wide, high] = [Math.min(across, down * mostStretched), Math.min(down, across * mostStretched)]
  image.actual = drawn(...size, (context) => {
    context.drawImage(orig, 0, 0, (size[0] * wide) / across, (size[1] * high) / down)
  })
  Object.assign(actualCellSize, { width, height })
}

function drawn(width: number, height: number, draw: (context: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (context) draw(context)
  return canvas
}

/** Answers programs that ask how many pixels they have, which the addon allows, in the place of xterm. */
function reportImageCell(terminal: Terminal): void {
  const { width, height } = imageCell
  terminal.parser.registerCsiHandler({ final: 't' }, ([what]) => {
    const { rows, cols } = terminal
    if (what === 14) terminal.input(`\x1b[4;${rows * height};${cols * width}t`, false)
    else if (what === 16) terminal.input(`\x1b[6;${height};${width}t`, false)
    else if (what === 18) terminal.input(`\x1b[8;${rows};${cols}t`, false)
    else return false
    return true
  })
}

const patienceMs = 1_000

async function untilDecoding({ _handlers }: InnerAddon): Promise<void> {
  const until = Date.now() + patienceMs
  while (!_handlers.get('sixel')?._dec && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 1))
}
