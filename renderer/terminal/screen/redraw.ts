// Redraws a terminal from scratch without showing intermediate states, and restores the scroll position and the selection.

import type { Terminal } from '@xterm/xterm'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'

const reset = '\x1bc'
// Synchronized output: xterm draws nothing between the two.
const beginUpdate = '\x1b[?2026h'
const endUpdate = '\x1b[?2026l'

/** Scroll position and selection, counted from the bottom: a redraw adds lines above. */
interface ViewState {
  /** 0 at the newest lines. */
  readonly linesFromBottom: number
  readonly selection: { readonly column: number; readonly linesFromBottom: number; readonly length: number } | undefined
}

const getBottom = ({ buffer }: Terminal): number => buffer.active.baseY

function captureView(terminal: Terminal): ViewState {
  const bottom = getBottom(terminal)
  const selected = terminal.getSelectionPosition()
  return {
    linesFromBottom: bottom - terminal.buffer.active.viewportY,
    selection: selected && {
      column: selected.start.x,
      linesFromBottom: bottom - selected.start.y,
      length: (selected.end.y - selected.start.y) * terminal.cols + selected.end.x - selected.start.x,
    },
  }
}

/** @returns false if some of its lines are not in the buffer yet */
function restoreView(terminal: Terminal, { linesFromBottom, selection }: ViewState): boolean {
  const bottom = getBottom(terminal)
  if (linesFromBottom > 0) terminal.scrollToLine(Math.max(0, bottom - linesFromBottom))
  const hasSelection = selection !== undefined && selection.linesFromBottom <= bottom
  if (hasSelection) terminal.select(selection.column, bottom - selection.linesFromBottom, selection.length)
  return linesFromBottom <= bottom && (selection === undefined || hasSelection)
}

export type Redraw = (size: TerminalSize, pieces: readonly (Uint8Array | string)[], onDrawn: () => void) => void

/** @param cover called when the redraw starts; hides the terminal until the function it returns is called */
export function createRedraw(terminal: Terminal, cover: () => () => void): Redraw {
  // A view whose lines arrive with the next redraw: the screen is drawn before its history.
  let pendingView: ViewState | undefined
  return (size, pieces, onDrawn) => {
    let view: ViewState | undefined
    let uncover: (() => void) | undefined
    // Queued behind earlier writes, which may not be parsed yet.
    terminal.write('', () => {
      view = pendingView ?? captureView(terminal)
      pendingView = undefined
      uncover = cover()
      if (terminal.cols !== size.cols || terminal.rows !== size.rows) terminal.resize(size.cols, size.rows)
    })
    terminal.write(reset + beginUpdate)
    for (const piece of pieces) terminal.write(piece)
    terminal.write(endUpdate, () => {
      if (view && !restoreView(terminal, view)) pendingView = view
      uncover?.()
      onDrawn()
    })
  }
}
