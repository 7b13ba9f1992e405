// The keys of terminals on this computer, as their person wants them, and how a terminal leaves them to us.

import type { Terminal } from '@xterm/xterm'
import type { TerminalPreferences } from '../../../api/agents/terminals.ts'
import { desktop, isMac } from '../../desktop.ts'
import {
  chordsFor,
  findAction,
  formatChord,
  type KeyOverrides,
  type KeySet,
  type TerminalAction,
} from './terminal-actions.ts'

const desktopKeySet: KeySet = isMac ? 'mac' : 'window'
const isWindows = /win/i.test(desktop?.platform ?? navigator.platform) && !isMac

let keySet: KeySet = desktop ? desktopKeySet : 'browser'
let overrides: KeyOverrides = {}

/** The set of keys that the person has chosen, or that fits here. */
export function resolveKeySet({ key_set }: Pick<TerminalPreferences, 'key_set'>): KeySet {
  const isBrowsers = key_set === 'browser' || (key_set === 'auto' && !desktop)
  return isBrowsers ? 'browser' : desktopKeySet
}

/** Uses the keys that the person has chosen, in all terminals of the page. */
export function applyKeyPreferences({ key_set, keys }: Pick<TerminalPreferences, 'key_set' | 'keys'>): void {
  keySet = resolveKeySet({ key_set })
  overrides = Object.fromEntries(Object.entries(keys).map(([name, chord]) => [name, chord ? [chord] : []]))
}

/** The key of an action as it is shown; undefined for one without. */
export function shortcutOf(name: TerminalAction): string | undefined {
  const [chord] = chordsFor(name, keySet, overrides)
  return chord === undefined ? undefined : formatChord(chord, isMac)
}

/** Gives our chords to `run`, and every other key to the shell.
 *  @param run says whether it did the action; one that nobody does goes to the page's own keys (keys.ts) */
export function handleShortcuts(terminal: Terminal, run: (action: TerminalAction) => boolean): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const action = findAction(event, keySet, overrides) ?? windowsAction(event, terminal)
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
export const isLinkActivation = (event: MouseEvent): boolean =>
  hasLinkModifier(event) || matchMedia('(pointer: coarse)').matches

export const hasLinkModifier = (event: MouseEvent): boolean => (isMac ? event.metaKey : event.ctrlKey)

/** On Windows Ctrl+C copies what is selected, and Ctrl+V pastes. */
function windowsAction(event: KeyboardEvent, terminal: Terminal): TerminalAction | undefined {
  if (!isWindows || !event.ctrlKey || event.shiftKey || event.altKey) return undefined
  if (event.key === 'c' && terminal.hasSelection()) return 'copy'
  return event.key === 'v' ? 'paste' : undefined
}

/** What this key does for the person, if it is one of ours. */
export const matchAction = (event: KeyboardEvent): TerminalAction | undefined => findAction(event, keySet, overrides)
