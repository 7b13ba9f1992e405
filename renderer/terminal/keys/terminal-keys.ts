// The keys of terminals on this computer, as their person wants them, and how a terminal leaves them to us.

import type { Terminal } from '@xterm/xterm'
import type { TerminalPreferences } from '../../../api/terminals.ts'
import { desktop, isMac } from '../../desktop.ts'
import {
  actionFor,
  type ChangedKeys,
  type KeySet,
  keysOf,
  type TerminalAction,
  writtenChord,
} from './terminal-actions.ts'

const ofWindow: KeySet = isMac ? 'mac' : 'window'
const isWindows = /win/i.test(desktop?.platform ?? navigator.platform) && !isMac

let keySet: KeySet = desktop ? ofWindow : 'browser'
let changed: ChangedKeys = {}

/** The set of keys that the person has chosen, or that fits here. */
export function keySetOf({ key_set }: Pick<TerminalPreferences, 'key_set'>): KeySet {
  const isBrowsers = key_set === 'browser' || (key_set === 'auto' && !desktop)
  return isBrowsers ? 'browser' : ofWindow
}

/** Uses the keys that the person has chosen, in all terminals of the page. */
export function applyKeys({ key_set, keys }: Pick<TerminalPreferences, 'key_set' | 'keys'>): void {
  keySet = keySetOf({ key_set })
  changed = Object.fromEntries(Object.entries(keys).map(([name, chord]) => [name, chord ? [chord] : []]))
}

/** The key of an action as it is shown; undefined for one without. */
export function shownKey(name: TerminalAction): string | undefined {
  const [chord] = keysOf(name, keySet, changed)
  return chord === undefined ? undefined : writtenChord(chord, isMac)
}

/** Gives our chords to `run`, and every other key to the shell.
 *  @param run says whether it did the action; one that nobody does goes to the page's own keys (keys.ts) */
export function takeChords(terminal: Terminal, run: (action: TerminalAction) => boolean): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const action = actionFor(event, keySet, changed) ?? windowsAction(event, terminal)
    if (!action) return true
    // The browser's own paste follows: the pane takes it, and no permission is asked for.
    if (action === 'paste' && event.key.toLowerCase() === 'v' && !event.altKey) return false
    if (event.type === 'keydown' && run(action)) {
      event.preventDefault()
      event.stopPropagation()
    }
    return false
  })
}

/** Whether a press on a link is to open it: with a mouse one also selects text there, and comes into the pane. */
export const opensLink = (event: MouseEvent): boolean => hasLinkKey(event) || matchMedia('(pointer: coarse)').matches

export const hasLinkKey = (event: MouseEvent): boolean => (isMac ? event.metaKey : event.ctrlKey)

/** On Windows Ctrl+C copies what is selected, and Ctrl+V pastes. */
function windowsAction(event: KeyboardEvent, terminal: Terminal): TerminalAction | undefined {
  if (!isWindows || !event.ctrlKey || event.shiftKey || event.altKey) return undefined
  if (event.key === 'c' && terminal.hasSelection()) return 'copy'
  return event.key === 'v' ? 'paste' : undefined
}

/** What this key does for the person, if it is one of ours. */
export const actionOf = (event: KeyboardEvent): TerminalAction | undefined => actionFor(event, keySet, changed)
