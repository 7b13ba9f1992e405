// The terminal that a command runs in, as one that shows another: nothing that is typed or shown is changed by it.

import { spawnSync } from 'node:child_process'

/** Node's raw mode leaves it a line feed, to which it would add a carriage return; turning raw mode off
 *  (`stdin.setRawMode(false)`) brings everything back. */
export function enterRawMode(): void {
  process.stdin.setRawMode(true)
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}
