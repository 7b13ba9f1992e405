// Compares terminals in tests: the complete state of a terminal as text.

import headless, { type IBuffer, type Terminal } from '@xterm/headless'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { loadGraphemes } from '../drawing/graphemes.ts'
import { type Images, watchImages } from '../drawing/images.ts'
import { watchModes } from '../drawing/modes.ts'
import { penSequence } from '../drawing/pen.ts'
import { emptyCell, innerOf } from '../drawing/xterm-internals.ts'
import type { ScreenSnapshot } from '../screen/screen-snapshot.ts'

const Graphemes = await loadGraphemes()

export interface TestTerminal {
  readonly terminal: Terminal
  write(output: Uint8Array | string): Promise<void>
  /** Rows with styles, cursors and modes, as text. */
  state(): string
}

export function openTestTerminal(size: TerminalSize, scrollback = 4_000): TestTerminal {
  const terminal = new headless.Terminal({ ...size, scrollback, allowProposedApi: true })
  terminal.loadAddon(new Graphemes() as unknown as Parameters<Terminal['loadAddon']>[0])
  terminal.unicode.activeVersion = '15-graphemes'
  const modes = watchModes(terminal)
  const images = watchImages(terminal)
  return {
    terminal,
    write: (output) => new Promise((resolve) => terminal.write(output, resolve)),
    state: () => `${stateOf(terminal, images)}\n${JSON.stringify(modes())}`,
  }
}

/** A terminal restored from a snapshot as a client does it: scrollback first, then the screen. */
export async function restoreTerminal(snapshot: ScreenSnapshot, scrollback?: number): Promise<TestTerminal> {
  const watched = openTestTerminal(snapshot.size, scrollback)
  for (const piece of await snapshot.history(Number.POSITIVE_INFINITY, true)) await watched.write(piece)
  await watched.write(await snapshot.draw(true))
  return watched
}

function stateOf(terminal: Terminal, images: Images): string {
  const { normal, alternate, active } = terminal.buffer
  const { buffers } = innerOf(terminal)._bufferService
  const inner = active.type === 'normal' ? buffers.normal : buffers.alt
  const cursor = {
    type: active.type,
    x: inner.x,
    y: inner.y,
    saved: [inner.savedX, Math.max(0, inner.savedY - inner.ybase)],
    region: [inner.scrollTop, inner.scrollBottom],
    pen: penSequence(innerOf(terminal)._inputHandler._curAttrData, true),
    tabs: Object.keys(inner.tabs).join(' '),
    origin: terminal.modes.originMode,
  }
  const shown = active.type === 'normal' ? [normal] : [normal, alternate]
  return [JSON.stringify(cursor), ...shown.flatMap((buffer) => rowsOf(buffer, terminal.cols, images))].join('\n')
}

function rowsOf(buffer: IBuffer, cols: number, images: Images): string[] {
  const cell = emptyCell(buffer)
  return Array.from({ length: buffer.length }, (_, at) => {
    const row = buffer.getLine(at)
    let [text, style] = ['', '']
    for (let col = 0; col < cols; col++) {
      row?.getCell(col, cell)
      if (cell.getWidth() === 0) continue
      const now = cell.getChars() === '' ? `${cell.isBgDefault() ? '' : cell.getBgColor()}` : penSequence(cell, true)
      if (now !== style) text += `{${now.replace('\x1b', '')}}`
      style = now
      const tile = images.tileIn(cell)
      text += tile ? `⟦${tile.image.rows}:${tile.row},${tile.col}⟧` : cell.getChars() || '·'
    }
    // The first row has no previous row from which it could wrap.
    return `${at > 0 && row?.isWrapped ? '↪' : ' '}${text}`
  })
}
