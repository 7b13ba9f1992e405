// What is said of a session that came back from the disk, and where on a screen a line of ours harms nothing.

import { formatDistance } from '../output/formats.ts'

export const restoredNotice = (from: string): string =>
  `Restored: what it showed until ${formatDistance(from)} is above, the prompt is new.`

// A prompt that begins in the first row has two rows at most, mostly.
const promptRows = 2
const cursorPlace = /^(\d+);\d+H/

/** Whether the first row of a drawn screen is of before, and none of the new prompt. */
export function hasRoomForLine(screen: Buffer): boolean {
  const sequences = screen.toString('latin1').split('\x1b[')
  const last = sequences.findLast((sequence) => cursorPlace.test(sequence))
  return Number(cursorPlace.exec(last ?? '')?.[1] ?? 0) > promptRows
}

/** Shows a line in the first row of the screen: what was there goes to the lines above, and everything else stays where
 *  the session has it. */
export const drawInFirstRow = (line: string, cols: number): string =>
  `\x1b7\x1b[m\x1b[999;1H\n\x1b[H\x1bM\x1b[7m${` ${line} `.slice(0, cols)}\x1b[m\x1b8`
