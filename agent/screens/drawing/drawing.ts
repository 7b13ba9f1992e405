// A terminal without a face: takes output in, and gives itself as text that draws it, in pieces short enough that other
// terminals do not wait. Decides nothing about when; screen.ts does.

import type { IBuffer, Terminal } from '@xterm/headless'
import type { ScreenSize } from '../../screen-size.ts'
import { createRowDrawer } from './draw-rows.ts'
import { loadGraphemes } from './graphemes.ts'
import { nameImage, restoreImages } from './history-images.ts'
import { watchImages } from './images.ts'
import { type FinishedCommand, type ShellState, watchMarks } from './marks.ts'
import { watchModes } from './modes.ts'
import { linkEnd, linkSequence, penSequence } from './pen.ts'
import { type Attributes, emptyCell, type InnerBuffer, innerOf } from './xterm-internals.ts'

export interface DrawingEvents {
  /** What the terminal would answer to a program's question. */
  onAnswer(reply: string): void
  onTitle(title: string): void
  onCommand(command: FinishedCommand): void
  /** epoch ms; undefined while what is written has happened before */
  now(): number | undefined
}

export interface Drawing {
  readonly size: ScreenSize
  readonly shell: ShellState
  /** Lines above the visible ones. */
  readonly historyLines: number
  readonly hasImages: boolean
  write(output: Buffer): Promise<void>
  resize(size: ScreenSize): void
  /** What is visible, and how the terminal is set: for a fresh terminal of this size, or one whose last line is the last
   *  of the history. Row by row; joined it is the text. */
  screen(withImages: boolean): Generator<string>
  /** After `screen`: writes the last character once more, so that what comes may join it. */
  again(): string
  /** The lines above from one on, 0 for the oldest; oldest first, row by row. */
  history(part: { readonly from?: number; readonly withImages?: boolean }): Generator<string>
  /** What leaves every program that was on the screen, and puts the cursor below what it left: a new shell begins there. */
  leave(): string
  /** The oldest so many lines as they are written down, without their pictures. */
  oldest(lines: number): Generator<string>
  /** Puts the pictures back into lines that were written down, as far as they are still here and drawn at all; oldest
   *  first. @param maxBytes of pictures */
  withPictures(written: readonly Buffer[], withImages: boolean, maxBytes: number): Buffer[]
  /** Lets the oldest lines go. @param areWritten they are written down */
  trim(lines: number, areWritten: boolean): void
  close(): void
}

/** Lines above the visible ones that are kept here: 200 columns of them are 5 MB. */
export const liveLines = 2_000
// Above that until they are let go: what a slice of output may bring at most (screen.ts), and what waits to be written down.
const roomLines = 2_048

/** @param nonce that the marks of the terminal's own shell carry */
export async function openDrawing(size: ScreenSize, nonce: string, events: DrawingEvents): Promise<Drawing> {
  const [{ default: headless }, Graphemes] = await Promise.all([import('@xterm/headless'), loadGraphemes()])
  const terminal = new headless.Terminal({ ...size, scrollback: liveLines + roomLines, allowProposedApi: true })
  // The addon's types name the browser's terminal; what it uses of it is the same here.
  terminal.loadAddon(new Graphemes() as unknown as Parameters<Terminal['loadAddon']>[0])
  terminal.unicode.activeVersion = '15-graphemes'
  terminal.onData(events.onAnswer)
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
      yield marks.unsaid
      yield* visible(normal, withImages)
      if (terminal.buffer.active.type === 'alternate') {
        yield `${margins(terminal, 'normal')}${savedCursor(terminal, 'normal')}\x1b[m\x1b[?1047h\x1b[H`
        yield* visible(alternate, withImages)
      }
      yield cursors(terminal, withImages && images.hasAny) + settings()
    },
    again() {
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
      const rows = createRowDrawer(terminal, normal, { placed: marks.at, images, drawImage: nameImage })
      for (let row = 0; row < lines; row++) yield rows.draw(row, false)
    },
    withPictures: (written, withImages, maxBytes) =>
      restoreImages(written, withImages ? images : undefined, terminal.rows, maxBytes),
    leave() {
      const isAlternate = terminal.buffer.active.type === 'alternate'
      let row = terminal.rows - 1
      while (row >= 0 && isBlank(normal, normal.baseY + row)) row--
      // A command that ran has ended, nobody knows how.
      const end = marks.state.isBusy ? `\x1b]133;D;;nonce=${nonce}\x07` : ''
      const below = row === terminal.rows - 1 ? `\x1b[${row + 1};1H\r\n` : `\x1b[${row + 2};1H`
      return `${isAlternate ? '\x1b[?1047l' : ''}${end}${usualSettings}${below}`
    },
    trim(lines, areWritten) {
      const { scrollback } = terminal.options
      images.isKeeping = areWritten
      terminal.options.scrollback = Math.max(0, normal.baseY - lines)
      terminal.options.scrollback = scrollback
      images.isKeeping = false
    },
    close() {
      terminal.dispose()
      const { normal: lines, alt } = innerOf(terminal)._bufferService.buffers
      for (const buffer of [lines, alt]) freeCells(buffer)
    },
  }
}

/** Nobody knows when what is no longer used is collected, and a screen is some megabytes. */
function freeCells({ lines }: InnerBuffer): void {
  for (let at = 0; at < lines.length; at++) lines.get(at)?._data.buffer.transfer(0)
}

// Of all that programs set and leave set when they are killed. A soft reset brings back cursor, margins, pen and sets.
const usualSettings =
  '\x1b[!p\x1b[?1;9;45;66;1000;1002;1003;1004;1005;1006;1007;1015;1016;2004l\x1b[?7;25h\x1b[4l\x1b[0 q\x1b(B\x1b)B\x0f\x1b[m'

const isBlank = (buffer: IBuffer, row: number) => buffer.getLine(row)?.translateToString(true) === ''

type Which = 'normal' | 'alt'
const bufferOf = (terminal: Terminal, which: Which): InnerBuffer => innerOf(terminal)._bufferService.buffers[which]

/** Sets the scroll region, where there is one; the cursor moves. */
function margins(terminal: Terminal, which: Which): string {
  const { scrollTop, scrollBottom } = bufferOf(terminal, which)
  return scrollTop === 0 && scrollBottom >= terminal.rows - 1 ? '' : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`
}

/** Puts the cursor where it was saved, with its pen, and saves it. */
function savedCursor(terminal: Terminal, which: Which): string {
  const { savedX, savedY, ybase, savedCurAttrData } = bufferOf(terminal, which)
  const [row, col] = [Math.max(0, Math.min(terminal.rows - 1, savedY - ybase)), Math.min(terminal.cols - 1, savedX)]
  return `\x1b[${row + 1};${col + 1}H${penSequence(savedCurAttrData, true)}\x1b7`
}

/** Everything about the cursors of the buffer that shows, and tab stops.
 *  @param wasMoved another cursor was saved meanwhile */
function cursors(terminal: Terminal, wasMoved: boolean): string {
  const which = terminal.buffer.active.type === 'normal' ? 'normal' : 'alt'
  const inner = innerOf(terminal)
  const { x, y, scrollTop, savedX, savedY, ybase } = bufferOf(terminal, which)
  const isSaved = wasMoved || savedX !== 0 || savedY - ybase > 0
  const origin = terminal.modes.originMode ? scrollTop : 0
  const pen = inner._inputHandler._curAttrData
  return (
    tabStops(terminal, which) +
    (isSaved ? `${savedCursor(terminal, which)}\x1b[m` : '') +
    margins(terminal, which) +
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

/** What stands before a column of the cursor's row. */
function cellBefore(terminal: Terminal, end: number): { col: number; characters: string } {
  const { active } = terminal.buffer
  const row = active.getLine(active.baseY + active.cursorY)
  const cell = emptyCell(active)
  let col = end - 1
  row?.getCell(col, cell)
  if (cell.getWidth() === 0 && col > 0) row?.getCell(--col, cell)
  return { col, characters: cell.getChars() }
}

/** The character behind which the cursor waits for the next one before it wraps: writing it again brings that about. */
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

const usualTab = 8

function tabStops(terminal: Terminal, which: Which): string {
  const { tabs } = bufferOf(terminal, which)
  const isSet = (col: number) => tabs[col] === true
  const columns = Array.from({ length: terminal.cols }, (_, col) => col)
  if (columns.every((col) => isSet(col) === (col % usualTab === 0))) return ''
  const stops = columns.filter(isSet).map((col) => `\x1b[${col + 1}G\x1bH`)
  return `\x1b[3g${stops.join('')}`
}
