// The commands visible in a terminal and their positions, recomputed at most once per drawn frame.

import { useEffect, useState } from 'react'
import type { XtermScreen } from '../../screen/xterm-screen.ts'
import type { CommandBlock, CommandMarks } from './command-marks.ts'

export interface VisibleCommand {
  readonly block: CommandBlock
  /** CSS pixels from the first visible line; clipped to the visible part. */
  readonly top: number
  readonly height: number
}

export interface VisibleCommands {
  readonly commands: readonly VisibleCommand[]
  /** The command whose output covers the first visible line and starts above it. */
  readonly sticky: CommandBlock | undefined
}

const noCommands: VisibleCommands = { commands: [], sticky: undefined }

export function useVisibleCommands(screen: XtermScreen, marks: CommandMarks): VisibleCommands {
  const [visible, setVisible] = useState(noCommands)
  useEffect(() => {
    let frame = 0
    let shown = ''
    const update = () => {
      frame = 0
      const found = findVisible(screen, marks)
      // Most frames change nothing.
      const key = JSON.stringify(found)
      if (key !== shown) setVisible(found)
      shown = key
    }
    const scheduleUpdate = () => {
      frame ||= requestAnimationFrame(update)
    }
    const { terminal } = screen
    const listening = [terminal.onRender(scheduleUpdate), marks.onChange(scheduleUpdate)]
    update()
    return () => {
      cancelAnimationFrame(frame)
      for (const { dispose } of listening) dispose()
    }
  }, [screen, marks])
  return visible
}

function findVisible({ terminal, cellSize }: XtermScreen, marks: CommandMarks): VisibleCommands {
  const { active } = terminal.buffer
  if (active.type === 'alternate') return noCommands
  const first = active.viewportY
  const last = first + terminal.rows
  const end = active.baseY + active.cursorY + 1
  const { height } = cellSize()
  const commands = marks.blocks().flatMap((block): VisibleCommand[] => {
    const from = Math.max(block.from, first)
    const to = Math.min(block.to ?? end, last)
    return from < to ? [{ block, top: (from - first) * height, height: (to - from) * height }] : []
  })
  const sticky = commands.find(({ block }) => block.outputFrom <= first && (block.to ?? end) > first + 1)?.block
  return { commands, sticky }
}
