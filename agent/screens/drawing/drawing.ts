// A headless terminal: parses output and serializes its screen, row by row. screen.ts schedules the work in short
// slices.

import type { IBuffer, Terminal } from '@xterm/headless'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { createRowDrawer } from './draw-rows.ts'
import { loadGraphemes } from './graphemes.ts'
import { referenceImage, restoreImages } from './history-images.ts'
import { watchImages } from './images.ts'
import { type FinishedCommand, type ShellState, watchMarks } from './marks.ts'
import { watchModes } from './modes.ts'
import { linkEnd, linkSequence, penSequence } from './pen.ts'
import { type Attributes, emptyCell, type InnerBuffer, innerOf } from './xterm-internals.ts'

export interface DrawingEvents {
  /** Responses to terminal queries. */
  onReply(reply: string): void
  onTitle(title: string): void
  onCommand(command: FinishedCommand): void
  /** Epoch ms; undefined while replaying. */
  now(): number | undefined
}

export interface Drawing {
  readonly size: TerminalSize
  readonly shell: ShellState
  /** Number of scrollback lines. */
  readonly historyLines: number
  readonly hasImages: boolean
  write(output: Buffer): Promise<void>
  resize(size: TerminalSize): void
  /** Visible rows and terminal modes, for a fresh terminal of this size or one whose last line is the last line
   *  of the history. One piece per row. */
  screen(withImages: boolean): Generator<string>
  /** Repeats the last character after `screen`, so that later combining characters join it. */
  repeatLastCharacter(): string
  /** Scrollback lines from an index on, oldest first (0 is the oldest), one piece per row. */
  history(part: { readonly from?: number; readonly withImages?: boolean }): Generator<string>
  /** Sequences that reset the modes of an interrupted program and move the cursor below its output, for a new shell. */
  resetForNewShell(): string
  /** The oldest lines in their stored form, without images. */
  oldest(lines: number): Generator<string>
  /** Replaces the image references in stored lines, oldest first, by the images that are still available.
   *  @param maxBytes of images */
  restoreImages(stored: readonly Buffer[], withImages: boolean, maxBytes: number): Buffer[]
  /** Drops the oldest lines. @param areStored whether they are on disk, so that their images must stay */
  trim(lines: number, areStored: boolean): void
  close(): void
}

/** Scrollback limit: 200 columns of this many lines take 5 MB. */
export const liveLines = 2_000
// Slack above the limit: one slice of output (screen/queue.ts) and the lines that wait to be stored.
const slackLines = 2_048

/** @param nonce in the marks of the session's own shell */
export async function openDrawing(size: TerminalSize, nonce: string, events: DrawingEvents): Promise<Drawing> {
  const [{ default: headless }, Graphemes] = await Promise.all([import('@xterm/headless'), loadGraphemes()])
  const terminal = new headless.Terminal({ ...size, scrollback: liveLines + slackLines, allowProposedApi: true })
  // The addon is typed for the browser's terminal; the parts it uses are the same.
  terminal.loadAddon(new Graphemes() as unknown as Parameters<Terminal['loadAddon']>[0])
  terminal.unicode.activeVersion = '15-graphemes'
  terminal.onData(events.onReply)
  terminal.onTitleChange(events.onTitle)
  const marks = watchMarks(terminal, nonce, events.onCommand, events.now)
  const settings = watchModes(terminal)
  const images = watchImages(terminal)
  const { normal, alternate } = terminal.buffer

  function* visible(buffer: IBuffer, withImages: boolean): Generator<string> {
    const rows = createRowDrawer(terminal, buffer, {
      placed: buffer === normal ? marks.at : () => [],
      images: withImages ? images : undefined,
      end: buffer.baseY + terminal.rows,
    })
    for (let row = 0; row < terminal.rows; row++) {
      yield rows.draw(buffer.baseY + row, row === terminal.rows - 1)
    }
  }

  return {
    get size() {
      return { cols: terminal.cols, rows: terminal.rows }
    },
    get shell() {
      return marks.state
    },
    get historyLines() {
      return normal.baseY
    },
    get hasImages() {
      return images.hasAny
    },
    write: (output) => new Promise((resolve) => terminal.write(output, resolve)),
    resize: ({ cols, rows }) => terminal.resize(cols, rows),
    *screen(withImages) {
      yield marks.detachedCommand
      yield* visible(normal, withImages)
      if (terminal.buffer.active.type === 'alternate') {
        yield `${margins(terminal, 'normal')}${savedCursor(terminal, 'normal')}\x1b[m\x1b[?1047h\x1b[H`
        yield* visible(alternate, withImages)
      }
      yield cursors(terminal, withImages && images.hasAny) + settings()
    },
    repeatLastCharacter() {
      const { x, y, scrollTop } = bufferOf(terminal, terminal.buffer.active.type === 'normal' ? 'normal' : 'alt')
      if (x === 0 || terminal.modes.insertMode) return ''
      const { col, characters } = cellBefore(terminal, Math.min(x, terminal.cols))
      const row = y - (terminal.modes.originMode ? scrollTop : 0)
      return characters && `\x1b[${row + 1};${col + 1}H${characters}`
    },
    *history({ from = 0, withImages = false }) {
      const rows = createRowDrawer(terminal, normal, { placed: marks.at, images: withImages ? images : undefined })
      for (let row = from; row < normal.baseY; row++) yield rows.draw(row, false)
    },
    *oldest(lines) {
      const rows = createRowDrawer(terminal, normal, { placed: marks.at, images, drawImage: referenceImage })
      for (let row = 0; row < lines; row++) yield rows.draw(row, false)
    },
    restoreImages: (stored, withImages, maxBytes) =>
      restoreImages(stored, withImages ? images : undefined, terminal.rows, maxBytes),
    resetForNewShell() {
      const isAlternate = terminal.buffer.active.type === 'alternate'
      let row = terminal.rows - 1
      while (row >= 0 && isBlank(normal, normal.baseY + row)) row--
      // The running command was interrupted: its exit code is unknown.
      const end = marks.state.isBusy ? `\x1b]133;D;;nonce=${nonce}\x07` : ''
      const below = row === terminal.rows - 1 ? `\x1b[${row + 1};1H\r\n` : `\x1b[${row + 2};1H`
      return `${isAlternate ? '\x1b[?1047l' : ''}${end}${resetSequence}${below}`
    },
    trim(lines, areStored) {
      const { scrollback } = terminal.options
      images.retainsTrimmed = areStored
      terminal.options.scrollback = Math.max(0, normal.baseY - lines)
      terminal.options.scrollback = scrollback
      images.retainsTrimmed = false
    },
    close() {
      terminal.dispose()
      const { normal: lines, alt } = innerOf(terminal)._bufferService.buffers
      for (const buffer of [lines, alt]) freeCells(buffer)
    },
  }
}

/** Releases memory explicitly: a screen takes several megabytes, and collection may be late. */
function freeCells({ lines }: InnerBuffer): void {
  for (let at = 0; at < lines.length; at++) lines.get(at)?._data.buffer.transfer(0)
}

// Modes that killed programs leave behind. A soft reset restores cursor, margins, pen and character sets.
const resetSequence =
  '\x1b[!p\x1b[?1;9;45;66;1000;1002;1003;1004;1005;1006;1007;1015;1016;2004l\x1b[?7;25h\x1b[4l\x1b[0 q\x1b(B\x1b)B\x0f\x1b[m'

const isBlank = (buffer: IBuffer, row: number) => buffer.getLine(row)?.translateToString(true) === ''

type BufferName = 'normal' | 'alt'
const bufferOf = (terminal: Terminal, name: BufferName): InnerBuffer => innerOf(terminal)._bufferService.buffers[name]

/** Sets the scroll region, if any; moves the cursor. */
function margins(terminal: Terminal, name: BufferName): string {
  const { scrollTop, scrollBottom } = bufferOf(terminal, name)
  return scrollTop === 0 && scrollBottom >= terminal.rows - 1 ? '' : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`
}

/** Restores the saved cursor with its pen, and saves it again. */
function savedCursor(terminal: Terminal, name: BufferName): string {
  const { savedX, savedY, ybase, savedCurAttrData } = bufferOf(terminal, name)
  const [row, col] = [Math.max(0, Math.min(terminal.rows - 1, savedY - ybase)), Math.min(terminal.cols - 1, savedX)]
  return `\x1b[${row + 1};${col + 1}H${penSequence(savedCurAttrData, true)}\x1b7`
}

/** Cursors and tab stops of the active buffer.
 *  @param overwritesSaved the drawn images have overwritten the saved cursor */
function cursors(terminal: Terminal, overwritesSaved: boolean): string {
  const name = terminal.buffer.active.type === 'normal' ? 'normal' : 'alt'
  const inner = innerOf(terminal)
  const { x, y, scrollTop, savedX, savedY, ybase } = bufferOf(terminal, name)
  const isSaved = overwritesSaved || savedX !== 0 || savedY - ybase > 0
  const origin = terminal.modes.originMode ? scrollTop : 0
  const pen = inner._inputHandler._curAttrData
  return (
    tabStops(terminal, name) +
    (isSaved ? `${savedCursor(terminal, name)}\x1b[m` : '') +
    margins(terminal, name) +
    (terminal.modes.originMode ? '\x1b[?6h' : '') +
    (x < terminal.cols
      ? `\x1b[${y + 1 - origin};${x + 1}H`
      : `\x1b[${y + 1 - origin};${lastCell(terminal).col + 1}H${lastCell(terminal).text}`) +
    penSequence(pen, true) +
    openLink(pen, terminal)
  )
}

const openLink = (pen: Attributes, terminal: Terminal) =>
  pen.hasExtendedAttrs() ? (linkSequence(pen, innerOf(terminal)) ?? '') : ''

/** The cell before a column in the cursor's row. */
function cellBefore(terminal: Terminal, end: number): { col: number; characters: string } {
  const { active } = terminal.buffer
  const row = active.getLine(active.baseY + active.cursorY)
  const cell = emptyCell(active)
  let col = end - 1
  row?.getCell(col, cell)
  if (cell.getWidth() === 0 && col > 0) row?.getCell(--col, cell)
  return { col, characters: cell.getChars() }
}

/** The character after which the cursor is in the pending-wrap state; writing it again restores that state. */
function lastCell(terminal: Terminal): { col: number; text: string } {
  const { active } = terminal.buffer
  const row = active.getLine(active.baseY + active.cursorY)
  const cell = emptyCell(active)
  let col = terminal.cols - 1
  row?.getCell(col, cell)
  if (cell.getWidth() === 0) row?.getCell(--col, cell)
  const style = penSequence(cell, true)
  const link = openLink(cell, terminal)
  const text = `${style}${link}${cell.getChars() || ' '}${link && linkEnd}${style && '\x1b[m'}`
  return { col, text }
}

const defaultTabWidth = 8

function tabStops(terminal: Terminal, name: BufferName): string {
  const { tabs } = bufferOf(terminal, name)
  const isSet = (col: number) => tabs[col] === true
  const columns = Array.from({ length: terminal.cols }, (_, col) => col)
  if (columns.every((col) => isSet(col) === (col % defaultTabWidth === 0))) return ''
  const stops = columns.filter(isSet).map((col) => `\x1b[${col + 1}G\x1bH`)
  return `\x1b[3g${stops.join('')}`
}
