// Draws a terminal afresh from its beginning, with nothing of it seen before all of it is, and with what the person was
// looking at left where it was.

import type { Terminal } from '@xterm/xterm'
import type { TerminalSize } from '../connection/terminal-frames.ts'

const reset = '\x1bc'
const holdBack = '\x1b[?2026h'
const show = '\x1b[?2026l'

interface Sight {
  /** 0 where the newest lines are looked at. */
  readonly linesFromBottom: number
  readonly selection: { readonly column: number; readonly linesFromBottom: number; readonly length: number } | undefined
}

const bottomOf = ({ buffer }: Terminal): number => buffer.active.baseY

function sightOf(terminal: Terminal): Sight {
  const bottom = bottomOf(terminal)
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

/** @returns whether all of it could be seen again: its lines may not be there yet. */
function lookAt(terminal: Terminal, { linesFromBottom, selection }: Sight): boolean {
  const bottom = bottomOf(terminal)
  if (linesFromBottom > 0) terminal.scrollToLine(Math.max(0, bottom - linesFromBottom))
  const hasSelection = selection !== undefined && selection.linesFromBottom <= bottom
  if (hasSelection) terminal.select(selection.column, bottom - selection.linesFromBottom, selection.length)
  return linesFromBottom <= bottom && (selection === undefined || hasSelection)
}

export type Redraw = (size: TerminalSize, pieces: readonly (Uint8Array | string)[], drawn: () => void) => void

/** @param cover hides what the renderer does meanwhile, and gives the way to end that; called where it would be seen. */
export function createRedraw(terminal: Terminal, cover: () => () => void): Redraw {
  // What could not be seen again, as its lines come with the next redrawing.
  let owed: Sight | undefined
  return (size, pieces, drawn) => {
    let sight: Sight | undefined
    let uncover: (() => void) | undefined
    // All of it in the order of the writes: what came before may not be parsed yet.
    terminal.write('', () => {
      sight = owed ?? sightOf(terminal)
      owed = undefined
      uncover = cover()
      if (terminal.cols !== size.cols || terminal.rows !== size.rows) terminal.resize(size.cols, size.rows)
    })
    terminal.write(reset + holdBack)
    for (const piece of pieces) terminal.write(piece)
    terminal.write(show, () => {
      if (sight && !lookAt(terminal, sight)) owed = sight
      uncover?.()
      drawn()
    })
  }
}
