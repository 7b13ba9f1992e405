// An xterm terminal on the page with its addons: rendering, measuring, search, images, ligatures. Independent of sessions;
// terminal-connection.ts writes to it.

import { FitAddon } from '@xterm/addon-fit'
import { type ISearchOptions, SearchAddon } from '@xterm/addon-search'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { type IDisposable, type ILinkHandler, type ITerminalOptions, Terminal } from '@xterm/xterm'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { openLink } from '../../desktop.ts'
import type { TerminalAppearance } from '../appearance/terminal-appearance.ts'
import type { TerminalScreen } from '../connection/terminal-connection.ts'
import { isLinkActivation } from '../keys/terminal-keys.ts'
import { enableAsciiFastPath } from './ascii-fast-path.ts'
import { loadImages } from './images.ts'
import { joinLigatures } from './ligatures.ts'
import { createRedraw } from './redraw.ts'
import { throttleRendering } from './render-throttle.ts'
import { createWebglRenderer } from './webgl.ts'
import { type CellSize, getCellSize, showCursor } from './xterm-internals.ts'
import '@xterm/xterm/css/xterm.css'

// Width of the ruler beside the scroll bar that marks search matches, CSS pixels.
const overviewRulerWidth = 10
// Smaller text is not legible; content that still does not fit is cut off.
const minFontSize = 6

export interface XtermScreen extends TerminalScreen {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** The available size may change; the caller reads it again. */
  setAppearance(appearance: TerminalAppearance): void
  setVisible(isVisible: boolean): void
  /** Called with true when the terminal starts to parse repeated output, and with false afterward. */
  onReplay(listener: (isReplaying: boolean) => void): void
  cellSize(): CellSize
  dispose(): void
}

/** Highlighting more matches would block the page. */
export const maxSearchMatches = 5_000

/** Colors of search matches. */
export const searchOptions: ISearchOptions = {
  decorations: {
    matchBackground: '#5a4a12',
    matchOverviewRuler: '#f0c05a',
    activeMatchBackground: '#b0852a',
    activeMatchColorOverviewRuler: '#ffd683',
  },
}

export function openAddress(event: MouseEvent, address: string): void {
  if (isLinkActivation(event)) openLink(address)
}

/** For links that programs mark with OSC 8. */
export const webLinkHandler: ILinkHandler = {
  activate: openAddress,
  allowNonHttpProtocols: false,
}

/** Opens a terminal once its font is loaded and can be measured.
 *  @param container without padding */
export async function openXterm(container: HTMLElement, initialAppearance: TerminalAppearance): Promise<XtermScreen> {
  let appearance = initialAppearance
  const [enableImages] = await Promise.all([loadImages(), loadFont(appearance)])
  const terminal = new Terminal({
    ...toOptions(appearance),
    allowProposedApi: true,
    macOptionIsMeta: true,
    overviewRuler: { width: overviewRulerWidth },
    linkHandler: webLinkHandler,
  })
  const fit = new FitAddon()
  const search = new SearchAddon({ highlightLimit: maxSearchMatches })
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.open(container)
  showCursor(terminal)
  const countOutput = throttleRendering(terminal)
  enableAsciiFastPath(terminal)
  await enableImages(terminal)
  const webgl = createWebglRenderer(terminal)
  const applyLigatures = createLigatureSwitch(terminal)
  applyLigatures(appearance)
  let notifyReplay: (isReplaying: boolean) => void = () => undefined
  const redraw = createRedraw(terminal, () => {
    notifyReplay(true)
    const uncover = webgl.isActive ? undefined : coverRows(terminal)
    return () => {
      notifyReplay(false)
      uncover?.()
    }
  })
  // Keeps the last value while the container has no layout, on a background tab.
  let availableSize: TerminalSize = { cols: terminal.cols, rows: terminal.rows }
  const measure = () => {
    const isScaled = terminal.options.fontSize !== appearance.fontSize
    if (isScaled || container.clientWidth === 0 || container.clientHeight === 0) return availableSize
    const proposed = fit.proposeDimensions()
    if (proposed?.cols && proposed.rows) availableSize = proposed
    return availableSize
  }

  /** Shrinks the text if another client owns the size and it does not fit here. */
  const resize = ({ cols, rows }: TerminalSize) => {
    const { fontSize: fullSize } = appearance
    const scale = Math.min(1, availableSize.cols / cols, availableSize.rows / rows)
    const fontSize = scale === 1 ? fullSize : Math.max(minFontSize, Math.floor(fullSize * scale * 2) / 2)
    if (terminal.options.fontSize !== fontSize) terminal.options.fontSize = fontSize
    terminal.resize(Math.max(2, cols), Math.max(1, rows))
  }

  terminal.resize(measure().cols, availableSize.rows)
  return {
    terminal,
    search,
    size: () => ({ cols: terminal.cols, rows: terminal.rows }),
    availableSize() {
      // Measures at full size, even while the text is scaled down.
      const { fontSize } = terminal.options
      if (fontSize === appearance.fontSize) return measure()
      terminal.options.fontSize = appearance.fontSize
      measure()
      terminal.options.fontSize = fontSize as number
      return availableSize
    },
    resize,
    isVisible: () => terminal.element?.style.display !== 'none',
    write(bytes, onParsed) {
      countOutput(bytes.length)
      terminal.write(bytes, onParsed)
    },
    redraw: (size, pieces, onDrawn) =>
      redraw(size, pieces, () => {
        resize(size)
        onDrawn()
      }),
    setAppearance(next) {
      appearance = next
      applyLigatures(next)
      Object.assign(terminal.options, toOptions(next))
      measure()
      // Setting the font again makes xterm measure with the loaded font.
      void loadFont(next).then(() => {
        if (appearance !== next) return
        terminal.options.fontFamily = `${next.fontFamily}, monospace`
        terminal.options.fontFamily = next.fontFamily
      })
    },
    onReplay(listener) {
      notifyReplay = listener
    },
    setVisible(isVisible) {
      // Without layout xterm parses but does not draw.
      if (terminal.element) terminal.element.style.display = isVisible ? '' : 'none'
      webgl.setVisible(isVisible)
    },
    cellSize: () => getCellSize(terminal),
    dispose() {
      webgl.dispose()
      terminal.dispose()
    },
  }
}

function createLigatureSwitch(terminal: Terminal): (appearance: TerminalAppearance) => void {
  let joined: IDisposable | undefined
  return ({ ligatures }) => {
    // In the DOM the browser itself draws ligatures.
    if (terminal.element) terminal.element.style.fontVariantLigatures = ligatures ? 'normal' : 'none'
    if (ligatures) joined ??= joinLigatures(terminal)
    else {
      joined?.dispose()
      joined = undefined
    }
  }
}

function toOptions(appearance: TerminalAppearance): ITerminalOptions {
  return {
    fontFamily: appearance.fontFamily,
    fontSize: appearance.fontSize,
    lineHeight: appearance.lineHeight,
    cursorStyle: appearance.cursor,
    cursorBlink: appearance.cursorBlink && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    scrollback: appearance.scrollback,
    screenReaderMode: appearance.isForScreenReaders,
    minimumContrastRatio: matchMedia('(prefers-contrast: more)').matches ? 7 : 1,
    theme: appearance.colors,
  }
}

/** Resolves even if the font does not exist; the next one in the family is used then. */
async function loadFont({ fontFamily, fontSize }: TerminalAppearance): Promise<void> {
  await Promise.allSettled([
    document.fonts.load(`${fontSize}px ${fontFamily}`),
    document.fonts.load(`bold ${fontSize}px ${fontFamily}`),
  ])
}

/** Covers the rows with a copy: in the DOM a terminal that is reset is empty until the next frame. */
function coverRows(terminal: Terminal): () => void {
  const rows = terminal.element?.querySelector('.xterm-rows')
  if (!rows?.parentElement) return () => undefined
  const cover = rows.cloneNode(true) as HTMLElement
  // The renderer's styles apply to its own class, which comes first.
  cover.className = `${rows.className} xterm-cover`
  cover.ariaHidden = 'true'
  rows.parentElement.append(cover)
  return () => {
    const rendered = terminal.onRender(() => {
      rendered.dispose()
      cover.remove()
    })
  }
}
