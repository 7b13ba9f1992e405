// Images in the output (sixel, iTerm2 inline files). xterm's addon decodes and draws them. They are laid out as by the agent
// (agent/screens/drawing/images.ts): in cells of one fixed size, scaled to the cells of this page.

import type { Terminal } from '@xterm/xterm'
import { imageCell } from '../../../api/agents/agent-protocol.ts'
import { ImageInternals, type ImageSource, type StoredImage } from './xterm-internals.ts'

// Memory limit for the images of one terminal, enough for a few plots.
const storageMb = 32
// Longest sequence that xterm passes on, also in the agent; base64 adds a third to the file.
const maxSequenceLength = 10_000_000
const maxFileSize = 7_000_000

/** Loads the addon. @returns a function that enables images in a terminal and resolves when the decoder is ready */
export async function loadImages(): Promise<(terminal: Terminal) => Promise<void>> {
  const { ImageAddon } = await import('@xterm/addon-image')
  return async (terminal) => {
    const addon = new ImageAddon({
      storageLimit: storageMb,
      sixelSizeLimit: maxSequenceLength,
      iipSizeLimit: maxFileSize,
    })
    terminal.loadAddon(addon)
    const internals = new ImageInternals(addon)
    useFixedCells(terminal, internals)
    answerSizeQueries(terminal)
    await waitForDecoder(internals)
  }
}

/** Makes the addon lay images out in fixed cells and draw them in the cells of the page. */
function useFixedCells(terminal: Terminal, internals: ImageInternals): void {
  const { renderer, storage, files } = internals
  const canvas = () => ({ width: terminal.cols * imageCell.width, height: terminal.rows * imageCell.height })
  const properties = {
    cellSize: { configurable: true, get: () => ({ ...imageCell }) },
    dimensions: { configurable: true, get: () => ({ css: { cell: imageCell, canvas: canvas() } }) },
  }
  const withFixedCells =
    <Args extends unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      Object.defineProperties(renderer, properties)
      try {
        return act(...args)
      } finally {
        for (const name of Object.keys(properties)) Reflect.deleteProperty(renderer, name)
      }
    }
  const addImage = withFixedCells(storage.addImage.bind(storage))
  storage.addImage = (image) => addImage(padToCells(image))
  internals.setRescaleImage(rescaleImage)
  storage.advanceCursor = withFixedCells(storage.advanceCursor.bind(storage))
  internals.wrapFileResize(withFixedCells)
  if (!files) return
  terminal.parser.registerOscHandler(1337, (file) => {
    const sized = addFileSize(file)
    if (!sized) return false
    const codes = Uint32Array.from(sized, (character) => character.charCodeAt(0))
    files.start()
    files.put(codes, 0, codes.length)
    return files.end(true)
  })
}

/** Adds the size that the addon requires and programs may omit. Undefined if the sequence has one or is no file. */
function addFileSize(file: string): string | undefined {
  const colon = file.indexOf(':')
  const fields = file.slice(0, colon)
  if (!fields.startsWith('File=') || /[=;]size=[1-9]/.test(fields)) return undefined
  const content = file.slice(colon + 1).replace(/=+$/, '')
  return `${fields};size=${Math.floor((content.length * 3) / 4)}:${content}`
}

/** Pads the right and lower edge, so that the image's size alone gives its number of cells. */
function padToCells(image: ImageSource): ImageSource {
  const width = Math.ceil(image.width / imageCell.width) * imageCell.width
  const height = Math.ceil(image.height / imageCell.height) * imageCell.height
  return image.width === width && image.height === height
    ? image
    : createCanvas(width, height, (context) => context.drawImage(image, 0, 0))
}

// A larger ratio of the two scales distorts visibly.
const maxStretch = 1.25

/** Scales an image to the cells of the page, rounded down: the addon derives the cells of a row from the width of the
 *  image, and its own rounding up adds a cell where cells are not whole pixels wide, shifting each row to the right. */
function rescaleImage(image: StoredImage, width: number, height: number): void {
  const { orig, actualCellSize } = image
  if (actualCellSize.width === width && actualCellSize.height === height) return
  const scale = (pixels: number, from: number, to: number) => Math.max(1, Math.floor((pixels / from) * to - 0.01))
  const [canvasWidth, canvasHeight] = [
    scale(orig.width, imageCell.width, width),
    scale(orig.height, imageCell.height, height),
  ]
  const [scaleX, scaleY] = [width / imageCell.width, height / imageCell.height]
  const [drawnX, drawnY] = [Math.min(scaleX, scaleY * maxStretch), Math.min(scaleY, scaleX * maxStretch)]
  image.actual = createCanvas(canvasWidth, canvasHeight, (context) => {
    context.drawImage(orig, 0, 0, (canvasWidth * drawnX) / scaleX, (canvasHeight * drawnY) / scaleY)
  })
  Object.assign(actualCellSize, { width, height })
}

function createCanvas(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D) => void,
): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (context) draw(context)
  return canvas
}

/** Answers size queries (CSI 14, 16 and 18 t) with the fixed cells instead of xterm's. */
function answerSizeQueries(terminal: Terminal): void {
  const { width, height } = imageCell
  terminal.parser.registerCsiHandler({ final: 't' }, ([query]) => {
    const { rows, cols } = terminal
    if (query === 14) terminal.input(`\x1b[4;${rows * height};${cols * width}t`, false)
    else if (query === 16) terminal.input(`\x1b[6;${height};${width}t`, false)
    else if (query === 18) terminal.input(`\x1b[8;${rows};${cols}t`, false)
    else return false
    return true
  })
}

const decoderTimeoutMs = 1_000

async function waitForDecoder(internals: ImageInternals): Promise<void> {
  const until = Date.now() + decoderTimeoutMs
  while (!internals.hasDecoder && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 1))
}
