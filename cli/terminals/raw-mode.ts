// Raw mode for a terminal that displays a remote session: neither input nor output is translated.

import { spawnSync } from 'node:child_process'

/** Node's raw mode keeps output processing, which adds a carriage return to line feeds; `stty -opost` disables it.
 *  `stdin.setRawMode(false)` restores both. */
export function enterRawMode(): void {
  process.stdin.setRawMode(true)
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}
