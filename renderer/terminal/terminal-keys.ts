// The few chords in a terminal that are ours; every other key is the shell's.

import type { Terminal } from '@xterm/xterm'
import { copyText } from '../components/copy-text.ts'
import { desktop, hasModifier } from '../desktop.ts'

interface TerminalChords {
  readonly find: () => void
  readonly newTerminal: () => void
}

/** True for the chord of ours: Ctrl+Shift and the letter, Cmd and the letter on macOS. */
function isChord(event: KeyboardEvent, letter: string): boolean {
  if (event.key.toLowerCase() !== letter || !hasModifier(event)) return false
  return event.metaKey || event.shiftKey
}

export function takeChords(terminal: Terminal, chords: TerminalChords): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (isChord(event, 'c') && (terminal.hasSelection() || event.shiftKey)) {
      if (event.type === 'keydown') {
        event.preventDefault()
        void copyText(terminal.getSelection())
      }
      return false
    }
    // The browser's own paste follows: xterm takes it, and no permission is asked for.
    if (isChord(event, 'v')) return false
    // The page's palette.
    if (isChord(event, 'p')) return false
    if (isChord(event, 'f')) return run(event, chords.find)
    // A browser keeps this chord for a window of its own.
    if (desktop && isChord(event, 't')) return run(event, chords.newTerminal)
    return true
  })
}

function run(event: KeyboardEvent, action: () => void): false {
  if (event.type !== 'keydown') return false
  event.preventDefault()
  event.stopPropagation()
  action()
  return false
}
