// Pictures in the output (sixel, iTerm2's inline files), drawn by xterm's addon and laid out as the agent does
// (agent/terminals/images.ts): by a cell that is the same for everybody, scaled to the cells of this page.

import type { ImageAddon } from '@xterm/addon-image'
import type { Terminal } from '@xterm/xterm'
import { imageCell } from '../../api/agent-protocol.ts'

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
  readonly _renderer: object
  readonly _storage: { addImage(image: unknown): void; advanceCursor(height: number): void }
  readonly _handlers: Map<string, { _dec?: unknown; _resize?(width: number, height: number): [number, number] }>
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
  storage.addImage = byImageCell(storage.addImage.bind(storage))
  storage.advanceCursor = byImageCell(storage.advanceCursor.bind(storage))
  const files = _handlers.get('iip')
  if (files?._resize) files._resize = byImageCell(files._resize.bind(files))
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
