// Plain text written into a terminal's rows at once. xterm asks of each character which set it is from, how wide it is and
// whether it joins the one before; for letters of ASCII, nearly all that programs say, the answers are known. What begins
// and ends such a run, and everything else, goes xterm's own way.

import type { Terminal } from '@xterm/xterm'

/** xterm has no public way to what it prints with. */
interface InputHandler {
  print(data: Uint32Array, start: number, end: number): void
  readonly _curAttrData: { readonly fg: number; readonly bg: number }
  readonly _activeBuffer: {
    x: number
    readonly y: number
    readonly ybase: number
    readonly lines: { get(index: number): Row | undefined }
  }
  readonly _bufferService: { readonly cols: number }
  readonly _charsetService: { readonly charset: object | undefined }
  readonly _coreService: { readonly modes: { readonly insertMode: boolean } }
  readonly _optionsService: { readonly rawOptions: { readonly screenReaderMode: boolean } }
}

interface Row {
  /** Three numbers a cell: content, foreground, background. */
  readonly _data: Uint32Array
  getWidth(col: number): number
  hasContent(col: number): number
  setCellFromCodepoint(col: number, code: number, width: number, attributes: object): void
}

const cellSize = 3
/** Of content: how many cells the character takes. */
const narrow = 1 << 22
/** Of background: there is more to the cell, a link or the style of an underline. */
const hasExtended = 1 << 28

const firstPlain = 0x20
const lastPlain = 0x7e
// Whatever stood before the run may join its first; the second never joins.
const printedFirst = 2
// In shorter runs there is nothing to be won.
const leastRun = 8

/** Has an open terminal write plain text at once. */
export function enableAsciiFastPath(terminal: Terminal): void {
  const handler = (terminal as unknown as { _core: { _inputHandler: InputHandler } })._core._inputHandler
  const print = handler.print.bind(handler)
  handler.print = (data, start, end) => {
    if (end - start < leastRun || !isUsual(handler)) return print(data, start, end)
    let [at, runEnd] = [start, start]
    for (;;) {
      let run = at
      if (runEnd - at < leastRun) [run, runEnd] = findRun(data, at, end)
      if (run === runEnd) break
      print(data, at, run + printedFirst)
      at = run + printedFirst
      at += fillRow(handler, data, at, runEnd)
    }
    if (at < end) print(data, at, end)
  }
}

function isUsual({ _charsetService, _coreService, _optionsService, _curAttrData }: InputHandler): boolean {
  const isAsIs = !_charsetService.charset && !_coreService.modes.insertMode && (_curAttrData.bg & hasExtended) === 0
  return isAsIs && !_optionsService.rawOptions.screenReaderMode
}

/** Where the next run of plain text begins and ends; twice `end` when there is none. */
function findRun(data: Uint32Array, start: number, end: number): [start: number, end: number] {
  let from = start
  for (let at = start; at <= end; at++) {
    if (at < end && isPlain(data[at] as number)) continue
    if (at - from >= leastRun) return [from, at]
    from = at + 1
  }
  return [end, end]
}

const isPlain = (code: number) => code >= firstPlain && code <= lastPlain

/** @returns how many characters the row had room for */
function fillRow(handler: InputHandler, data: Uint32Array, from: number, end: number): number {
  const { _activeBuffer: buffer, _curAttrData: pen } = handler
  const { cols } = handler._bufferService
  const row = buffer.lines.get(buffer.ybase + buffer.y)
  const count = Math.min(end - from, cols - buffer.x)
  if (!row || count <= 0) return 0
  const { _data: cells } = row
  const { fg, bg } = pen
  let cell = buffer.x * cellSize
  for (let at = from; at < from + count; at++) {
    cells[cell] = (data[at] as number) | narrow
    cells[cell + 1] = fg
    cells[cell + 2] = bg
    cell += cellSize
  }
  buffer.x += count
  // What is left of a wide character whose first cell was written over.
  const isHalf = buffer.x < cols && row.getWidth(buffer.x) === 0 && !row.hasContent(buffer.x)
  if (isHalf) row.setCellFromCodepoint(buffer.x, 0, 1, pen)
  return count
}
