// Writes runs of printable ASCII directly into the cells of a row. For every character xterm looks up the character set,
// the width and whether it joins the previous one; for ASCII, most of all output, the results are constant. The start of
// each run and all other text use xterm's own path. Speed and alternatives: docs/decisions/0069-ascii-fast-path.md.

import type { Terminal } from '@xterm/xterm'
import { cellsOf, type PrintState, wrapPrint } from './xterm-internals.ts'

const numbersPerCell = 3
/** Bits of a cell's content: the character is one cell wide. */
const narrow = 1 << 22
/** Bit of a cell's background: the cell has a link or an underline style, stored elsewhere. */
const hasExtended = 1 << 28

const firstPrintable = 0x20
const lastPrintable = 0x7e
// xterm prints these: a character before the run may join the first, never the second.
const slowPrefix = 2
// Shorter runs are not faster.
const minRunLength = 8

/** Enables the fast path in an opened terminal. */
export function enableAsciiFastPath(terminal: Terminal): void {
  wrapPrint(terminal, (print, state) => (codepoints, start, end) => {
    if (end - start < minRunLength || !isPlainMode(state)) return print(codepoints, start, end)
    let [at, runEnd] = [start, start]
    for (;;) {
      let run = at
      if (runEnd - at < minRunLength) [run, runEnd] = findRun(codepoints, at, end)
      if (run === runEnd) break
      print(codepoints, at, run + slowPrefix)
      at = run + slowPrefix
      at += fillRow(state, codepoints, at, runEnd)
    }
    if (at < end) print(codepoints, at, end)
  })
}

/** Whether a printed character only replaces the content of its cell. */
function isPlainMode(state: PrintState): boolean {
  if (state.hasCharset || state.isInsertMode || state.isScreenReaderMode) return false
  return (state.attributes.bg & hasExtended) === 0
}

/** Bounds of the next run of printable ASCII; twice `end` if there is none. */
function findRun(codepoints: Uint32Array, start: number, end: number): [start: number, end: number] {
  let from = start
  for (let at = start; at <= end; at++) {
    if (at < end && isPrintableAscii(codepoints[at] as number)) continue
    if (at - from >= minRunLength) return [from, at]
    from = at + 1
  }
  return [end, end]
}

const isPrintableAscii = (code: number) => code >= firstPrintable && code <= lastPrintable

/** Writes as much of the run as fits into the current row. @returns the number of characters written */
function fillRow(state: PrintState, codepoints: Uint32Array, from: number, end: number): number {
  const { row, columns, attributes, column } = state
  const count = Math.min(end - from, columns - column)
  if (!row || count <= 0) return 0
  const cells = cellsOf(row)
  const { fg, bg } = attributes
  let cell = column * numbersPerCell
  for (let at = from; at < from + count; at++) {
    cells[cell] = (codepoints[at] as number) | narrow
    cells[cell + 1] = fg
    cells[cell + 2] = bg
    cell += numbersPerCell
  }
  const next = column + count
  state.column = next
  // Clears the second half of a wide character whose first half was overwritten.
  const isHalf = next < columns && row.getWidth(next) === 0 && !row.hasContent(next)
  if (isHalf) row.setCellFromCodepoint(next, 0, 1, attributes)
  return count
}
