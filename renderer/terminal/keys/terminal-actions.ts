// The shortcuts of terminals; all other keys belong to the shell. The desktop window uses Ctrl+Shift and a letter (Cmd on
// macOS). Browsers reserve some of those chords; there the same letters work with Alt+Shift.

import { type KeyPress, toChord } from '../../chords.ts'

export type TerminalAction = keyof typeof terminalActions

interface ActionEntry {
  readonly label: string
  /** Chords such as `Ctrl+Shift+T`; the first is shown. Modifiers in the order Ctrl, Alt, Shift, Cmd. */
  readonly window: readonly string[]
  readonly mac: readonly string[]
  readonly browser: readonly string[]
}

const action = (
  label: string,
  window: readonly string[],
  mac: readonly string[],
  browser: readonly string[],
): ActionEntry => ({ label, window, mac, browser })

export const terminalActions = {
  // Actions of the page around the panes.
  newTab: action('New tab', ['Ctrl+Shift+T'], ['Cmd+T'], ['Alt+Shift+T']),
  splitRight: action('Split right', ['Ctrl+Shift+D'], ['Cmd+D'], ['Alt+Shift+D']),
  splitDown: action('Split down', ['Ctrl+Shift+E'], ['Shift+Cmd+D'], ['Alt+Shift+E']),
  closePane: action('Close pane', ['Ctrl+Shift+W'], ['Cmd+W'], ['Alt+Shift+W']),
  focusLeft: action('Focus left pane', ['Ctrl+Shift+Left'], ['Alt+Cmd+Left'], ['Alt+Shift+Left']),
  focusRight: action('Focus right pane', ['Ctrl+Shift+Right'], ['Alt+Cmd+Right'], ['Alt+Shift+Right']),
  focusUp: action('Focus pane above', ['Ctrl+Shift+Up'], ['Alt+Cmd+Up'], ['Alt+Shift+Up']),
  focusDown: action('Focus pane below', ['Ctrl+Shift+Down'], ['Alt+Cmd+Down'], ['Alt+Shift+Down']),
  nextTab: action('Next tab', ['Ctrl+Tab'], ['Ctrl+Tab'], ['Alt+Shift+.']),
  previousTab: action('Previous tab', ['Ctrl+Shift+Tab'], ['Ctrl+Shift+Tab'], ['Alt+Shift+,']),
  switcher: action('Go to terminal', ['Ctrl+Shift+S'], ['Shift+Cmd+O'], ['Alt+Shift+S']),
  zoomPane: action('Maximize or restore pane', ['Ctrl+Shift+Enter'], ['Shift+Cmd+Enter'], ['Alt+Shift+Enter']),
  broadcast: action('Broadcast input', ['Ctrl+Shift+B'], ['Shift+Cmd+B'], ['Alt+Shift+B']),
  history: action('Search command history', ['Ctrl+Shift+H'], ['Shift+Cmd+H'], ['Alt+Shift+H']),
  drawer: action('Toggle terminal drawer', ['Ctrl+`'], ['Ctrl+`'], ['Ctrl+`']),
  // Firefox reserves Ctrl+Shift+P for a private window.
  palette: action('Search or run a command', ['Ctrl+Shift+P'], ['Shift+Cmd+P'], ['Alt+Shift+P', 'Ctrl+Shift+P']),
  // Actions of a pane.
  copy: action('Copy', ['Ctrl+Shift+C', 'Ctrl+Insert'], ['Cmd+C'], ['Ctrl+Shift+C', 'Ctrl+Insert', 'Alt+Shift+C']),
  paste: action('Paste', ['Ctrl+Shift+V'], ['Cmd+V'], ['Ctrl+Shift+V', 'Alt+Shift+V']),
  selectAll: action('Select all', ['Ctrl+Shift+A'], ['Cmd+A'], ['Alt+Shift+A']),
  find: action('Find', ['Ctrl+Shift+F'], ['Cmd+F'], ['Ctrl+Shift+F', 'Alt+Shift+F']),
  clear: action('Clear scrollback', ['Ctrl+Shift+K'], ['Cmd+K'], ['Alt+Shift+K']),
  previousCommand: action('Go to previous command', ['Ctrl+Shift+PageUp'], ['Shift+Cmd+Up'], ['Alt+Shift+PageUp']),
  nextCommand: action('Go to next command', ['Ctrl+Shift+PageDown'], ['Shift+Cmd+Down'], ['Alt+Shift+PageDown']),
  runAgain: action('Run last command again', ['Ctrl+Shift+R'], ['Shift+Cmd+R'], ['Alt+Shift+R']),
  copyOutput: action('Copy last output', ['Ctrl+Shift+L'], ['Shift+Cmd+L'], ['Alt+Shift+L']),
  zoomIn: action('Zoom in', ['Ctrl+Shift++'], ['Cmd++', 'Cmd+='], ['Alt+Shift++']),
  zoomOut: action('Zoom out', ['Ctrl+Shift+-'], ['Cmd+-'], ['Alt+Shift+-']),
  zoomReset: action('Reset zoom', ['Ctrl+Shift+0'], ['Cmd+0'], ['Alt+Shift+0']),
  scrollToEnd: action('Scroll to bottom', ['Ctrl+Shift+End'], ['Cmd+End', 'Cmd+Down'], ['Alt+Shift+End']),
  readOnly: action('Toggle read-only', [], [], []),
  record: action('Start or stop recording', [], [], []),
} as const satisfies Record<string, ActionEntry>

export const actionNames = Object.keys(terminalActions) as TerminalAction[]

export type KeySet = 'window' | 'mac' | 'browser'

/** Chords that the user has set instead of the defaults; an empty list disables the shortcut. */
export type KeyOverrides = Readonly<Partial<Record<TerminalAction, readonly string[]>>>

export const chordsFor = (name: TerminalAction, set: KeySet, changed: KeyOverrides = {}): readonly string[] =>
  changed[name] ?? terminalActions[name][set]

export function findAction(event: KeyPress, set: KeySet, changed: KeyOverrides = {}): TerminalAction | undefined {
  const chord = toChord(event)
  return chord === undefined ? undefined : actionNames.find((name) => chordsFor(name, set, changed).includes(chord))
}
