// The keys of terminals on this computer, and how a terminal leaves them to us.

import type { Terminal } from '@xterm/xterm'
import { desktop, isMac } from '../desktop.ts'
import {
  actionFor,
  type ChangedKeys,
  type KeySet,
  keysOf,
  type TerminalAction,
  writtenChord,
} from './terminal-actions.ts'

/** Which keys are free here. */
export const ownKeySet: KeySet = desktop ? (isMac ? 'mac' : 'window') : 'browser'

const isWindows = /win/i.test(desktop?.platform ?? navigator.platform) && !isMac

/** The key of an action as it is shown; undefined for one without. */
export function shownKey(name: TerminalAction, changed?: ChangedKeys): string | undefined {
  const [chord] = keysOf(name, ownKeySet, changed)
  return chord === undefined ? undefined : writtenChord(chord, isMac)
}

/** Gives our chords to `run`, and every other key to the shell.
 *  @param run says whether it did the action; one that nobody does goes to the page's own keys (keys.ts) */
export function takeChords(
  terminal: Terminal,
  changed: () => ChangedKeys,
  run: (action: TerminalAction) => boolean,
): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const action = actionFor(event, ownKeySet, changed()) ?? windowsAction(event, terminal)
    if (!action) return true
    // The browser's own paste follows: xterm takes it, and no permission is asked for.
    if (action === 'paste' && event.key.toLowerCase() === 'v' && !event.altKey) return false
    if (event.type === 'keydown' && run(action)) {
      event.preventDefault()
      event.stopPropagation()
    }
    return false
  })
}

/** On Windows Ctrl+C copies what is selected, and Ctrl+V pastes. */
function windowsAction(event: KeyboardEvent, terminal: Terminal): TerminalAction | undefined {
  if (!isWindows || !event.ctrlKey || event.shiftKey || event.altKey) return undefined
  if (event.key === 'c' && terminal.hasSelection()) return 'copy'
  return event.key === 'v' ? 'paste' : undefined
}
