// A terminal on the page: xterm with what it needs to draw, measure, find, link and copy. Knows nothing of sessions;
// terminal-connection.ts writes into it.

import { FitAddon } from '@xterm/addon-fit'
import { type ISearchOptions, SearchAddon } from '@xterm/addon-search'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { type IDisposable, type ILinkHandler, type ITerminalOptions, Terminal } from '@xterm/xterm'
import { openLink } from '../../desktop.ts'
import type { TerminalAppearance } from '../appearance/terminal-appearance.ts'
import type { TerminalScreen } from '../connection/terminal-connection.ts'
import type { TerminalSize } from '../connection/terminal-frames.ts'
import { isLinkActivation } from '../keys/terminal-keys.ts'
import { enableAsciiFastPath } from './ascii-fast-path.ts'
import { loadImages } from './images.ts'
import { joinLigatures } from './ligatures.ts'
import { createRedraw } from './redraw.ts'
import { throttleRendering } from './render-throttle.ts'
import { createWebglRenderer } from './webgl.ts'
import '@xterm/xterm/css/xterm.css'

const marksWidth = 10
// Smaller is not read any more; what still does not fit is cut off.
const smallestFont = 6

export interface XtermScreen extends TerminalScreen {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** Takes another look, and whoever is told of the room asks for it again. */
  setAppearance(look: TerminalAppearance): void
  setVisible(isVisible: boolean): void
  /** Told while what is parsed has happened before. */
  onReplay(listener: (isReplaying: boolean) => void): void
  /** Height and width of a cell, in CSS pixels. */
  cellSize(): { readonly width: number; readonly height: number }
  dispose(): void
}

/** Marking more of what is found would hold the page up. */
export const maxSearchMatches = 5_000

/** What the search box finds, marked on the terminal. */
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

/** Links that a program has marked as such (OSC 8). */
export const webLinkHandler: ILinkHandler = {
  activate: openAddress,
  allowNonHttpProtocols: false,
}

/** Opens a terminal in the element, which has no padding, once its font is there to be measured. */
export async function openXterm(place: HTMLElement, firstLook: TerminalAppearance): Promise<XtermScreen> {
  let look = firstLook
  const [showImages] = await Promise.all([loadImages(), loadFont(look)])
  const terminal = new Terminal({
    ...toOptions(look),
    allowProposedApi: true,
    macOptionIsMeta: true,
    overviewRuler: { width: marksWidth },
    linkHandler: webLinkHandler,
  })
  const fitting = new FitAddon()
  const search = new SearchAddon({ highlightLimit: maxSearchMatches })
  terminal.loadAddon(fitting)
  terminal.loadAddon(search)
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.open(place)
  showCursorAtOnce(terminal)
  const wrote = throttleRendering(terminal)
  enableAsciiFastPath(terminal)
  await showImages(terminal)
  const webgl = createWebglRenderer(terminal)
  const ligatures = followLigatures(terminal)
  ligatures(look)
  let tellReplay: (isReplaying: boolean) => void = () => undefined
  const redraw = createRedraw(terminal, () => {
    tellReplay(true)
    const uncover = webgl.isActive ? undefined : coverRows(terminal)
    return () => {
      tellReplay(false)
      uncover?.()
    }
  })
  // A place that is not laid out, on a tab in the background, has no room to tell of: it keeps what it had.
  let room: TerminalSize = { cols: terminal.cols, rows: terminal.rows }
  const measure = () => {
    if (terminal.options.fontSize !== look.fontSize || place.clientWidth === 0 || place.clientHeight === 0) return room
    const found = fitting.proposeDimensions()
    if (found?.cols && found.rows) room = found
    return room
  }

  /** Where another's size rules and does not fit, the text is smaller. */
  const resize = ({ cols, rows }: TerminalSize) => {
    const share = Math.min(1, room.cols / cols, room.rows / rows)
    const fontSize = share === 1 ? look.fontSize : Math.max(smallestFont, Math.floor(look.fontSize * share * 2) / 2)
    if (terminal.options.fontSize !== fontSize) terminal.options.fontSize = fontSize
    terminal.resize(Math.max(2, cols), Math.max(1, rows))
  }

  terminal.resize(measure().cols, room.rows)
  return {
    terminal,
    search,
    size: () => ({ cols: terminal.cols, rows: terminal.rows }),
    room() {
      // The text may be smaller than it is measured in.
      const { fontSize } = terminal.options
      if (fontSize === look.fontSize) return measure()
      terminal.options.fontSize = look.fontSize
      measure()
      terminal.options.fontSize = fontSize as number
      return room
    },
    resize,
    isShown: () => terminal.element?.style.display !== 'none',
    write(bytes, parsed) {
      wrote(bytes.length)
      terminal.write(bytes, parsed)
    },
    redraw: (size, pieces, drawn) =>
      redraw(size, pieces, () => {
        resize(size)
        drawn()
      }),
    setAppearance(next) {
      look = next
      ligatures(next)
      Object.assign(terminal.options, toOptions(next))
      measure()
      // What was measured without the font is measured again with it.
      void loadFont(next).then(() => {
        if (look !== next) return
        terminal.options.fontFamily = `${next.fontFamily}, monospace`
        terminal.options.fontFamily = next.fontFamily
      })
    },
    onReplay(listener) {
      tellReplay = listener
    },
    setVisible(isVisible) {
      // What is not laid out is not drawn either; on a tab in the background it only parses.
      if (terminal.element) terminal.element.style.display = isVisible ? '' : 'none'
      webgl.setVisible(isVisible)
    },
    cellSize: () => cellOf(terminal),
    dispose() {
      webgl.dispose()
      terminal.dispose()
    },
  }
}

function followLigatures(terminal: Terminal): (look: TerminalAppearance) => void {
  let joined: IDisposable | undefined
  return ({ ligatures }) => {
    // Drawn in the DOM, letters that no space keeps apart are joined by the browser itself.
    if (terminal.element) terminal.element.style.fontVariantLigatures = ligatures ? 'normal' : 'none'
    if (ligatures) joined ??= joinLigatures(terminal)
    else {
      joined?.dispose()
      joined = undefined
    }
  }
}

function toOptions(look: TerminalAppearance): ITerminalOptions {
  return {
    fontFamily: look.fontFamily,
    fontSize: look.fontSize,
    lineHeight: look.lineHeight,
    cursorStyle: look.cursor,
    cursorBlink: look.cursorBlink && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    scrollback: look.scrollback,
    screenReaderMode: look.isForScreenReaders,
    minimumContrastRatio: matchMedia('(prefers-contrast: more)').matches ? 7 : 1,
    theme: look.colors,
  }
}

/** Resolves also when there is no such font: the next in the family is drawn then. */
async function loadFont({ fontFamily, fontSize }: TerminalAppearance): Promise<void> {
  await Promise.allSettled([
    document.fonts.load(`${fontSize}px ${fontFamily}`),
    document.fonts.load(`bold ${fontSize}px ${fontFamily}`),
  ])
}

/** Without it there is no cursor before the terminal first has the keyboard; xterm has no public way to it. */
function showCursorAtOnce(terminal: Terminal): void {
  const { _core } = terminal as unknown as { _core: { coreService: { isCursorInitialized: boolean } } }
  _core.coreService.isCursorInitialized = true
}

/** xterm has no public way to its cells; its own addons go this one. */
function cellOf(terminal: Terminal): { width: number; height: number } {
  const { _core } = terminal as unknown as {
    _core: { _renderService: { dimensions: { css: { cell: { width: number; height: number } } } } }
  }
  return _core._renderService.dimensions.css.cell
}

/** Drawn in the DOM, a terminal that is reset is empty until the next frame: a copy of its rows stands over it. */
function coverRows(terminal: Terminal): () => void {
  const rows = terminal.element?.querySelector('.xterm-rows')
  if (!rows?.parentElement) return () => undefined
  const cover = rows.cloneNode(true) as HTMLElement
  // The renderer's styles go by the first of the two.
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
