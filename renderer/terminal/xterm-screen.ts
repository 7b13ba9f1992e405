// A terminal on the page: xterm with what it needs to draw, measure, find, link and copy. Knows nothing of sessions;
// terminal-connection.ts writes into it.

import { ClipboardAddon, type IClipboardProvider } from '@xterm/addon-clipboard'
import { FitAddon } from '@xterm/addon-fit'
import { type ISearchOptions, SearchAddon } from '@xterm/addon-search'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { copyText } from '../components/copy-text.ts'
import { openLink } from '../desktop.ts'
import type { TerminalScreen } from './terminal-connection.ts'
import { terminalTheme } from './terminal-theme.ts'
import '@xterm/xterm/css/xterm.css'

const fontFamily = '"JetBrains Mono Variable", ui-monospace, monospace'
const fontSize = 13
// Enough to read back through a build, little enough to redraw at once.
const scrollbackLines = 10_000

export interface XtermScreen extends TerminalScreen {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** Takes the size of its place on the page. */
  fit(): void
  dispose(): void
}

/** What the search box finds, marked on the terminal. */
export const searchOptions: ISearchOptions = {
  decorations: {
    matchBackground: '#5a4a12',
    matchOverviewRuler: '#f0c05a',
    activeMatchBackground: '#b0852a',
    activeMatchColorOverviewRuler: '#ffd683',
  },
}

/** Programs may put text on the clipboard (OSC 52). What is there is not theirs to read: it may be a password. */
const writeOnlyClipboard: IClipboardProvider = {
  readText: () => '',
  writeText: (_selection, text) => copyText(text),
}

/** Opens a terminal in the element, once its font is there to be measured. */
export async function openXterm(place: HTMLElement): Promise<XtermScreen> {
  await Promise.all([
    document.fonts.load(`${fontSize}px ${fontFamily}`),
    document.fonts.load(`bold ${fontSize}px ${fontFamily}`),
  ])
  const terminal = new Terminal({
    allowProposedApi: true,
    fontFamily,
    fontSize,
    lineHeight: 1.2,
    scrollback: scrollbackLines,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    macOptionIsMeta: true,
    minimumContrastRatio: matchMedia('(prefers-contrast: more)').matches ? 7 : 1,
    theme: terminalTheme(),
    linkHandler: { activate: (_event, address) => openLink(address), allowNonHttpProtocols: false },
  })
  const fitting = new FitAddon()
  const search = new SearchAddon()
  terminal.loadAddon(fitting)
  terminal.loadAddon(search)
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.loadAddon(new ClipboardAddon(undefined, writeOnlyClipboard))
  terminal.loadAddon(new WebLinksAddon((_event, address) => openLink(address)))
  terminal.open(place)
  drawWithWebgl(terminal)
  const stopFollowingTheme = followTheme(terminal)
  fitting.fit()
  return {
    terminal,
    search,
    size: () => ({ cols: terminal.cols, rows: terminal.rows }),
    resize: ({ cols, rows }) => terminal.resize(Math.max(2, cols), Math.max(1, rows)),
    write: (bytes, parsed) => terminal.write(bytes, parsed),
    fit: () => fitting.fit(),
    dispose() {
      stopFollowingTheme()
      terminal.dispose()
    },
  }
}

/** Browsers keep few WebGL contexts and take them away: without one xterm draws in the DOM. */
function drawWithWebgl(terminal: Terminal): void {
  try {
    const webgl = new WebglAddon()
    webgl.onContextLoss(() => webgl.dispose())
    terminal.loadAddon(webgl)
  } catch (reason) {
    console.info('This browser has no WebGL; the terminal is drawn without it.', reason)
  }
}

function followTheme(terminal: Terminal): () => void {
  const observer = new MutationObserver(() => {
    terminal.options.theme = terminalTheme()
  })
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}
