import { expect, test } from 'vitest'
import { actionNames, chordsFor, findAction } from './terminal-actions.ts'

const pressed = (key: string, code: string, modifiers: string) => ({
  key,
  code,
  ctrlKey: modifiers.includes('c'),
  altKey: modifiers.includes('a'),
  shiftKey: modifiers.includes('s'),
  metaKey: modifiers.includes('m'),
})

test('a letter is matched by its character, so that its position follows the keyboard layout', () => {
  expect(findAction(pressed('D', 'KeyE', 'cs'), 'window')).toBe('splitRight')
  expect(findAction(pressed('D', 'KeyD', 'as'), 'browser')).toBe('splitRight')
})

test('a letter that Alt or the layout changes is matched by its physical key', () => {
  expect(findAction(pressed('Î', 'KeyD', 'as'), 'browser')).toBe('splitRight')
  expect(findAction(pressed('В', 'KeyD', 'cs'), 'window')).toBe('splitRight')
})

test('arrows, punctuation and digits match with Shift', () => {
  expect(findAction(pressed('ArrowLeft', 'ArrowLeft', 'cs'), 'window')).toBe('focusLeft')
  expect(findAction(pressed('+', 'Equal', 'cs'), 'window')).toBe('zoomIn')
  expect(findAction(pressed('_', 'Minus', 'cs'), 'window')).toBe('zoomOut')
  expect(findAction(pressed(')', 'Digit0', 'cs'), 'window')).toBe('zoomReset')
  expect(findAction(pressed('=', 'Equal', 'm'), 'mac')).toBe('zoomIn')
  expect(findAction(pressed('Tab', 'Tab', 'cs'), 'window')).toBe('previousTab')
})

test('chords of the shell match no action', () => {
  for (const key of 'ackrtvw')
    expect(findAction(pressed(key, `Key${key.toUpperCase()}`, 'c'), 'window')).toBeUndefined()
  expect(findAction(pressed('b', 'KeyB', 'a'), 'browser')).toBeUndefined()
  expect(findAction(pressed('Shift', 'ShiftLeft', 'cs'), 'window')).toBeUndefined()
})

test('a changed chord replaces the default, and an empty list disables it', () => {
  const changed = { find: ['Ctrl+Shift+Y'], clear: [] }
  expect(findAction(pressed('Y', 'KeyY', 'cs'), 'window', changed)).toBe('find')
  expect(findAction(pressed('F', 'KeyF', 'cs'), 'window', changed)).toBeUndefined()
  expect(findAction(pressed('K', 'KeyK', 'cs'), 'window', changed)).toBeUndefined()
})

test('a key set uses each chord once and avoids those that browsers reserve', () => {
  for (const set of ['window', 'mac', 'browser'] as const) {
    const chords = actionNames.flatMap((name) => chordsFor(name, set))
    expect(chords).toEqual([...new Set(chords)])
  }
  const reserved = ['Ctrl+Shift+T', 'Ctrl+Shift+N', 'Ctrl+Shift+W', 'Ctrl+Tab', 'Ctrl+Shift+Tab']
  expect(actionNames.flatMap((name) => chordsFor(name, 'browser')).filter((chord) => reserved.includes(chord))).toEqual(
    [],
  )
  // Some browsers reserve more; the chord that is shown works in all of them.
  expect(actionNames.map((name) => chordsFor(name, 'browser')[0])).not.toContain('Ctrl+Shift+P')
})
