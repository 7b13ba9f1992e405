// Who draws with WebGL: visible terminals, the ones shown last first, fewer than the contexts that browsers keep.
// Whoever has none, or loses its own, is drawn in the DOM until there is one again.

import { WebglAddon } from '@xterm/addon-webgl'
import type { IEvent, Terminal } from '@xterm/xterm'

// Chromium takes the oldest away above 16, and other things on the page may want one.
const maxContexts = 12
// A driver that has crashed is back within this, mostly.
const againAfterMs = 1_000
// … and one that keeps crashing is left alone.
const maxLosses = 5

export interface WebglRenderer {
  readonly isActive: boolean
  /** Draws with WebGL while it is visible. */
  setVisible(isVisible: boolean): void
  dispose(): void
}

/** The ones that have a context, the one shown last at the end. */
const holders: { giveUp(): void }[] = []

let isSupported = true

export function createWebglRenderer(terminal: Terminal): WebglRenderer {
  let addon: WebglAddon | undefined
  let isVisible = false
  let losses = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const holder = {
    giveUp() {
      const index = holders.indexOf(holder)
      if (index >= 0) holders.splice(index, 1)
      const contexts = addon ? contextsOf(terminal) : []
      addon?.dispose()
      addon = undefined
      // Else the browser keeps it until it collects garbage, and counts it among the few that a page may have.
      for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext()
      terminal.options.letterSpacing = 0
    },
  }

  const begin = () => {
    if (addon || !isVisible || !isSupported || losses > maxLosses) return
    try {
      if (!readsCanvas()) throw new Error('What is on a canvas cannot be read.')
      const opening = new WebglAddon()
      terminal.loadAddon(opening)
      addon = opening
    } catch (reason) {
      isSupported = false
      console.info('Terminals are drawn without WebGL here.', reason)
      return
    }
    drawWholeLines(addon)
    roundCells(terminal)
    holders.push(holder)
    if (holders.length > maxContexts) holders[0]?.giveUp()
  }

  // The addon itself waits three seconds for the context to come back, and the terminal stands still meanwhile.
  const onLost = () => {
    losses++
    holder.giveUp()
    clearTimeout(timer)
    timer = setTimeout(begin, againAfterMs)
  }
  // It does not bubble.
  terminal.element?.addEventListener('webglcontextlost', onLost, true)
  const measured = charSizeOf(terminal).onCharSizeChange(() => addon && roundCells(terminal))

  return {
    get isActive() {
      return addon !== undefined
    },
    setVisible(visible) {
      isVisible = visible
      if (isVisible) begin()
      else holder.giveUp()
    },
    dispose() {
      isVisible = false
      clearTimeout(timer)
      measured.dispose()
      terminal.element?.removeEventListener('webglcontextlost', onLost, true)
      holder.giveUp()
    },
  }
}

/** The addon draws letters on a canvas and reads them from it. Browsers that hide what they could be told by, as Firefox
 *  with privacy.resistFingerprinting, and extensions that do, give noise in the place of what is there. */
function readsCanvas(): boolean {
  const [width, height, grey] = [8, 8, 200]
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return false
  context.fillStyle = `rgb(${grey} ${grey} ${grey})`
  context.fillRect(0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  return data.every((value, index) => value === (index % 4 === 3 ? 255 : grey))
}

function contextsOf(terminal: Terminal): WebGL2RenderingContext[] {
  const canvases = terminal.element?.querySelectorAll('canvas') ?? []
  return [...canvases].flatMap((canvas) => canvas.getContext('webgl2') ?? [])
}

/** The addon cuts cells to whole pixels of the device: 7.8 become 7, and the text is crowded. With one more they are 8. */
function roundCells(terminal: Terminal): void {
  const width = charSizeOf(terminal).width * devicePixelRatio
  terminal.options.letterSpacing = Math.round(width) - Math.floor(width)
}

/** The addon draws a line through or over text as wide as its letters, which leaves a gap where a cell is wider. */
function drawWholeLines(addon: WebglAddon): void {
  const { _renderer: renderer } = addon as unknown as { _renderer: Renderer }
  const update = renderer._updateDimensions.bind(renderer)
  renderer._updateDimensions = () => {
    update()
    const { char, cell } = renderer.dimensions.device
    char.width = cell.width
  }
}

interface Renderer {
  readonly dimensions: { readonly device: { readonly char: { width: number }; readonly cell: { width: number } } }
  _updateDimensions(): void
}

interface CharSize {
  /** CSS pixels */
  readonly width: number
  readonly onCharSizeChange: IEvent<void>
}

/** xterm has no public way to what it measured; its own addons go this one. */
function charSizeOf(terminal: Terminal): CharSize {
  return (terminal as unknown as { _core: { _charSizeService: CharSize } })._core._charSizeService
}
