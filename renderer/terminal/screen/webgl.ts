// Decides which terminals render with WebGL: the visible ones, most recently shown first, up to a limit below the browser's
// number of contexts. Terminals without a context, or that lost theirs, render in the DOM until one is available.

import { WebglAddon } from '@xterm/addon-webgl'
import type { Terminal } from '@xterm/xterm'
import { getCharSize, onWebglDimensions } from './xterm-internals.ts'

// Chromium drops the oldest context above 16; other parts of the page may need one.
const maxContexts = 12
// A crashed graphics driver has usually restarted by then.
const retryAfterMs = 1_000
// A driver that crashes more often is not retried.
const maxLosses = 5

export interface WebglRenderer {
  readonly isActive: boolean
  /** Requests a context while the terminal is visible. */
  setVisible(isVisible: boolean): void
  dispose(): void
}

/** Terminals with a context; the most recently shown is last. */
const holders: { release(): void }[] = []

let isSupported = true

export function createWebglRenderer(terminal: Terminal): WebglRenderer {
  let addon: WebglAddon | undefined
  let isVisible = false
  let losses = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const holder = {
    release() {
      const index = holders.indexOf(holder)
      if (index >= 0) holders.splice(index, 1)
      const contexts = addon ? listContexts(terminal) : []
      addon?.dispose()
      addon = undefined
      // Otherwise the context counts toward the browser's limit until it is garbage-collected.
      for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext()
      terminal.options.letterSpacing = 0
    },
  }

  const acquire = () => {
    if (addon || !isVisible || !isSupported || losses > maxLosses) return
    try {
      if (!canReadCanvas()) throw new Error('the browser does not allow reading a canvas')
      const opening = new WebglAddon()
      terminal.loadAddon(opening)
      addon = opening
    } catch (reason) {
      isSupported = false
      console.info('WebGL is not available; terminals render in the DOM:', reason)
      return
    }
    // By default lines through or over text are as wide as the letters, with gaps where a cell is wider.
    onWebglDimensions(addon, ({ char, cell }) => {
      char.width = cell.width
    })
    roundCells(terminal)
    holders.push(holder)
    if (holders.length > maxContexts) holders[0]?.release()
  }

  // The addon itself waits three seconds for the context and draws nothing meanwhile.
  const onLost = () => {
    losses++
    holder.release()
    clearTimeout(timer)
    timer = setTimeout(acquire, retryAfterMs)
  }
  // Captured, because the event does not bubble.
  terminal.element?.addEventListener('webglcontextlost', onLost, true)
  const measured = getCharSize(terminal).onCharSizeChange(() => addon && roundCells(terminal))

  return {
    get isActive() {
      return addon !== undefined
    },
    setVisible(visible) {
      isVisible = visible
      if (isVisible) acquire()
      else holder.release()
    },
    dispose() {
      isVisible = false
      clearTimeout(timer)
      measured.dispose()
      terminal.element?.removeEventListener('webglcontextlost', onLost, true)
      holder.release()
    },
  }
}

/** Whether a canvas returns the pixels that were drawn. The addon renders letters on a canvas and reads them back; browsers
 *  that prevent fingerprinting (Firefox with privacy.resistFingerprinting) and some extensions return noise. */
function canReadCanvas(): boolean {
  const [width, height, gray] = [8, 8, 200]
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return false
  context.fillStyle = `rgb(${gray} ${gray} ${gray})`
  context.fillRect(0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  return data.every((value, index) => value === (index % 4 === 3 ? 255 : gray))
}

function listContexts(terminal: Terminal): WebGL2RenderingContext[] {
  const canvases = terminal.element?.querySelectorAll('canvas') ?? []
  return [...canvases].flatMap((canvas) => canvas.getContext('webgl2') ?? [])
}

/** The addon truncates the cell width to device pixels: 7.8 becomes 7 and crowds the text. One more pixel makes it 8. */
function roundCells(terminal: Terminal): void {
  const width = getCharSize(terminal).width * devicePixelRatio
  terminal.options.letterSpacing = Math.round(width) - Math.floor(width)
}
