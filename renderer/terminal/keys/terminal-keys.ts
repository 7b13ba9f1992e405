// The active shortcuts of terminals: key set and overrides from the user's preferences, and the handler for xterm.

import type { Terminal } from '@xterm/xterm'
import type { TerminalPreferences } from '../../../api/agents/terminals.ts'
import { formatChord } from '../../chords.ts'
import { desktop, isMac } from '../../desktop.ts'
import { chordsFor, findAction, type KeyOverrides, type KeySet, type TerminalAction } from './terminal-actions.ts'

const desktopKeySet: KeySet = isMac ? 'mac' : 'window'
const isWindows = /win/i.test(desktop?.platform ?? navigator.platform) && !isMac

let keySet: KeySet = desktop ? desktopKeySet : 'browser'
let overrides: KeyOverrides = {}

/** The key set of the preferences; by default the one of the platform. */
export function resolveKeySet({ key_set }: Pick<TerminalPreferences, 'key_set'>): KeySet {
  const isBrowser = key_set === 'browser' || (key_set === 'auto' && !desktop)
  return isBrowser ? 'browser' : desktopKeySet
}

/** Applies the preferences to all terminals of the page. */
export function applyKeyPreferences({ key_set, keys }: Pick<TerminalPreferences, 'key_set' | 'keys'>): void {
  keySet = resolveKeySet({ key_set })
  overrides = Object.fromEntries(Object.entries(keys).map(([name, chord]) => [name, chord ? [chord] : []]))
}

/** The displayed shortcut of an action; undefined if it has none. */
export function shortcutOf(name: TerminalAction): string | undefined {
  const [chord] = chordsFor(name, keySet, overrides)
  return chord === undefined ? undefined : formatChord(chord, isMac)
}

/** Passes shortcuts to `run` and all other keys to the shell.
 *  @param run returns whether it ran the action; otherwise the page's own keys (keys.ts) handle the event */
export function handleShortcuts(terminal: Terminal, run: (action: TerminalAction) => boolean): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const action = findAction(event, keySet, overrides) ?? windowsAction(event, terminal)
    if (!action) return true
    // Lets the browser paste: the pane handles that event, which needs no permission.
    if (action === 'paste' && event.key.toLowerCase() === 'v' && !event.altKey) return false
    if (event.type === 'keydown' && run(action)) {
      event.preventDefault()
      event.stopPropagation()
    }
    return false
  })
}

/** Whether a click opens a link. A mouse needs the modifier, as a plain click selects text or focuses the pane. */
export const isLinkActivation = (event: MouseEvent): boolean =>
  hasLinkModifier(event) || matchMedia('(pointer: coarse)').matches

export const hasLinkModifier = (event: MouseEvent): boolean => (isMac ? event.metaKey : event.ctrlKey)

/** On Windows, Ctrl+C copies if there is a selection, and Ctrl+V pastes. */
function windowsAction(event: KeyboardEvent, terminal: Terminal): TerminalAction | undefined {
  if (!isWindows || !event.ctrlKey || event.shiftKey || event.altKey) return undefined
  if (event.key === 'c' && terminal.hasSelection()) return 'copy'
  return event.key === 'v' ? 'paste' : undefined
}

/** The action of a key press under the active preferences. */
export const matchAction = (event: KeyboardEvent): TerminalAction | undefined => findAction(event, keySet, overrides)
