// Terminal modes, character sets, cursor style and title, serialized as the sequences that restore them on a fresh
// terminal. xterm exposes some of them; parser handlers record the rest.

import type { Terminal } from '@xterm/headless'
import { innerOf } from './xterm-internals.ts'

/** Private modes that xterm does not expose, with their initial values: cursor hidden, images at the upper left,
 *  extended mouse coordinates, wheel behavior in the alternate screen. */
const hiddenModes = new Map([
  [25, true],
  [80, false],
  [1005, false],
  [1006, false],
  [1007, false],
  [1015, false],
  [1016, false],
])

const mouseTracking = { none: '', x10: '9', vt200: '1000', drag: '1002', any: '1003' } as const

// Final bytes that designate G0 to G3.
const charsetIntroducers = ['(', ')', '*', '+']
// Character sets besides ASCII that programs still use, mainly line drawing.
const charsetNames = [...'0ABCEHKQRYZ=4567']

/** Registers the parser handlers. @returns a function that serializes the current modes. */
export function watchModes(terminal: Terminal): () => string {
  const modes = new Map<number, boolean>()
  const charsets = new Map<number, string>()
  let title: string | undefined
  let cursorStyle = ''

  const setModes = (isOn: boolean) => (params: (number | number[])[]) => {
    for (const mode of params) {
      if (typeof mode === 'number' && hiddenModes.has(mode)) modes.set(mode, isOn)
    }
    return false // continue with the terminal's own handler
  }
  const reset = () => {
    modes.clear()
    charsets.clear()
    cursorStyle = ''
    return false
  }
  const { parser } = terminal
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, setModes(true))
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, setModes(false))
  parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([style]) => {
    cursorStyle = `\x1b[${Number(style ?? 0)} q`
    return false
  })
  for (const [set, intermediates] of charsetIntroducers.entries()) {
    for (const final of charsetNames) {
      parser.registerEscHandler({ intermediates, final }, () => {
        charsets.set(set, final)
        return false
      })
    }
  }
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset)
  parser.registerEscHandler({ final: 'c' }, reset)
  terminal.onTitleChange((changed) => (title = changed))

  const charsetText = () => {
    const named = [...charsets].map(([set, final]) => `\x1b${charsetIntroducers[set]}${final}`).join('')
    return named + (['', '\x0e', '\x1bn', '\x1bo'][innerOf(terminal)._charsetService.glevel] ?? '')
  }
  return () => {
    const changed = [...modes].filter(([mode, isOn]) => hiddenModes.get(mode) !== isOn)
    const hidden = changed.map(([mode, isOn]) => `\x1b[?${mode}${isOn ? 'h' : 'l'}`).join('')
    const titleText = title === undefined ? '' : `\x1b]2;${title}\x07`
    return charsetText() + exposedModes(terminal) + cursorStyle + hidden + titleText
  }
}

function exposedModes({ modes }: Terminal): string {
  const on = [
    modes.applicationCursorKeysMode && '1',
    modes.applicationKeypadMode && '66',
    modes.reverseWraparoundMode && '45',
    mouseTracking[modes.mouseTrackingMode],
    modes.sendFocusMode && '1004',
    modes.bracketedPasteMode && '2004',
  ].filter(Boolean)
  return (
    on.map((mode) => `\x1b[?${mode}h`).join('') +
    (modes.insertMode ? '\x1b[4h' : '') +
    (modes.wraparoundMode ? '' : '\x1b[?7l')
  )
}
