// Which commands of a terminal are on the screen, and where: recomputed as it is drawn, at most once a frame.

import { useEffect, useState } from 'react'
import type { XtermScreen } from '../../screen/xterm-screen.ts'
import type { CommandBlock, CommandMarks } from '../command-marks.ts'

export interface VisibleCommand {
  readonly block: CommandBlock
  /** CSS pixels from the terminal's first visible line; cut to what is visible */
  readonly top: number
  readonly height: number
}

export interface VisibleCommands {
  readonly commands: readonly VisibleCommand[]
  /** The command whose output begins above the screen and fills its first line. */
  readonly scrolled: CommandBlock | undefined
}

const none: VisibleCommands = { commands: [], scrolled: undefined }

export function useVisibleCommands(screen: XtermScreen, marks: CommandMarks): VisibleCommands {
  const [inView, setInView] = useState(none)
  useEffect(() => {
    let frame = 0
    let shown = ''
    const look = () => {
      frame = 0
      const found = findVisible(screen, marks)
      // Most frames change nothing of it.
      const key = JSON.stringify(found)
      if (key !== shown) setInView(found)
      shown = key
    }
    const lookSoon = () => {
      frame ||= requestAnimationFrame(look)
    }
    const { terminal } = screen
    const listening = [terminal.onRender(lookSoon), marks.onChange(lookSoon)]
    look()
    return () => {
      cancelAnimationFrame(frame)
      for (const { dispose } of listening) dispose()
    }
  }, [screen, marks])
  return inView
}

function findVisible({ terminal, cellSize: cell }: XtermScreen, marks: CommandMarks): VisibleCommands {
  const { active } = terminal.buffer
  if (active.type === 'alternate') return none
  const first = active.viewportY
  const last = first + terminal.rows
  const now = active.baseY + active.cursorY + 1
  const { height } = cell()
  const commands = marks.blocks().flatMap((block): VisibleCommand[] => {
    const from = Math.max(block.from, first)
    const to = Math.min(block.to ?? now, last)
    return from < to ? [{ block, top: (from - first) * height, height: (to - from) * height }] : []
  })
  const scrolled = commands.find(({ block }) => block.outputFrom <= first && (block.to ?? now) > first + 1)?.block
  return { commands, scrolled }
}
