// Key presses as chords such as `Ctrl+Shift+T`, for the shortcuts of pages (keys.ts) and of terminals (terminal-actions.ts).
// Modifiers are in the order Ctrl, Alt, Shift, Cmd.

export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>

// Names by physical key: Shift, and Alt on macOS, change the character that a key produces.
const unshiftedNames: Readonly<Record<string, string>> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Period: '.',
  Comma: ',',
  Minus: '-',
  Equal: '+',
  Backquote: '`',
  NumpadAdd: '+',
  NumpadSubtract: '-',
}

/** The chord of a key press; undefined for a modifier alone. */
export function toChord(event: KeyPress): string | undefined {
  if (isModifierAlone(event)) return undefined
  const modifiers = [
    event.ctrlKey && 'Ctrl',
    event.altKey && 'Alt',
    event.shiftKey && 'Shift',
    event.metaKey && 'Cmd',
  ].filter(Boolean)
  return [...modifiers, toKeyName(event)].join('+')
}

/** The chord of a key press on a page. Without Ctrl, Alt and Cmd it is the character alone: layouts differ in the key and
 *  the Shift that produce `?` and `/`. */
export function toPageChord(event: KeyPress): string | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return toChord(event)
  if (isModifierAlone(event)) return undefined
  return event.key.length === 1 ? event.key.toUpperCase() : event.key.replace(/^Arrow/, '')
}

const isModifierAlone = ({ key, code }: KeyPress): boolean =>
  /^(Control|Alt|Shift|Meta|AltGraph|Dead)$/.test(key) && !/^(Key|Digit)/.test(code)

function toKeyName({ key, code, shiftKey, metaKey }: KeyPress): string {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase()
  if (code === 'Equal' && !shiftKey && metaKey) return '='
  const named = unshiftedNames[code]
  if (named) return named
  // Letters and digits that a keyboard layout or a modifier turns into another character.
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? key
}

const macSymbols: Readonly<Record<string, string>> = { Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Cmd: '⌘' }
const keySymbols: Readonly<Record<string, string>> = {
  Left: '←',
  Right: '→',
  Up: '↑',
  Down: '↓',
  Enter: '↵',
  Escape: 'Esc',
}

/** A chord for display: `Ctrl+Shift+←`, on macOS `⇧⌘D`. */
export function formatChord(chord: string, onMac: boolean): string {
  const parts = chord.split(/\+(?!$)/)
  const key = parts.at(-1) ?? ''
  const modifiers = parts.slice(0, -1)
  const shown = keySymbols[key] ?? key
  if (!onMac) return [...modifiers, shown].join('+')
  return modifiers.map((name) => macSymbols[name] ?? name).join('') + shown
}
