// The notice for a session restored from disk, and where on the screen it can be shown without hiding content.

import { formatDistance } from '../output/formats.ts'

export const restoredNotice = (from: string): string =>
  `Session restored: the screen of ${formatDistance(from)} is above, the shell is new.`

// A prompt that starts in the first row rarely has more than two rows.
const promptRows = 2
const cursorPosition = /^(\d+);\d+H/

/** Whether the first row of a drawn screen belongs to the restored content and not to the new prompt. */
export function hasRoomForLine(screen: Buffer): boolean {
  const sequences = screen.toString('latin1').split('\x1b[')
  const last = sequences.findLast((sequence) => cursorPosition.test(sequence))
  return Number(cursorPosition.exec(last ?? '')?.[1] ?? 0) > promptRows
}

/** Draws a line in the first row. The row's content scrolls into the history; everything else keeps its position. */
export const drawInFirstRow = (line: string, cols: number): string =>
  `\x1b7\x1b[m\x1b[999;1H\n\x1b[H\x1bM\x1b[7m${` ${line} `.slice(0, cols)}\x1b[m\x1b8`
