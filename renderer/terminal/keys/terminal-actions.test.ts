import { expect, test } from 'vitest'
import { actionNames, chordsFor, findAction, formatChord } from './terminal-actions.ts'

const pressed = (key: string, code: string, modifiers: string) => ({
  key,
  code,
  ctrlKey: modifiers.includes('c'),
  altKey: modifiers.includes('a'),
  shiftKey: modifiers.includes('s'),
  metaKey: modifiers.includes('m'),
})

test('a letter is found by what it gives, so that another layout has its own place for it', () => {
  expect(findAction(pressed('D', 'KeyE', 'cs'), 'window')).toBe('splitRight')
  expect(findAction(pressed('D', 'KeyD', 'as'), 'browser')).toBe('splitRight')
})

test('a letter that Alt or the layout makes another of is found by its key', () => {
  expect(findAction(pressed('Î', 'KeyD', 'as'), 'browser')).toBe('splitRight')
  expect(findAction(pressed('В', 'KeyD', 'cs'), 'window')).toBe('splitRight')
})

test('arrows, signs and digits are found under Shift', () => {
  expect(findAction(pressed('ArrowLeft', 'ArrowLeft', 'cs'), 'window')).toBe('focusLeft')
  expect(findAction(pressed('+', 'Equal', 'cs'), 'window')).toBe('zoomIn')
  expect(findAction(pressed('_', 'Minus', 'cs'), 'window')).toBe('zoomOut')
  expect(findAction(pressed(')', 'Digit0', 'cs'), 'window')).toBe('zoomReset')
  expect(findAction(pressed('=', 'Equal', 'm'), 'mac')).toBe('zoomIn')
  expect(findAction(pressed('Tab', 'Tab', 'cs'), 'window')).toBe('previousTab')
})

test('what belongs to the shell is left to it', () => {
  for (const key of 'ackrtvw')
    expect(findAction(pressed(key, `Key${key.toUpperCase()}`, 'c'), 'window')).toBeUndefined()
  expect(findAction(pressed('b', 'KeyB', 'a'), 'browser')).toBeUndefined()
  expect(findAction(pressed('Shift', 'ShiftLeft', 'cs'), 'window')).toBeUndefined()
})

test('a changed key takes the place of the usual one, and none switches it off', () => {
  const changed = { find: ['Ctrl+Shift+Y'], clear: [] }
  expect(findAction(pressed('Y', 'KeyY', 'cs'), 'window', changed)).toBe('find')
  expect(findAction(pressed('F', 'KeyF', 'cs'), 'window', changed)).toBeUndefined()
  expect(findAction(pressed('K', 'KeyK', 'cs'), 'window', changed)).toBeUndefined()
})

test('no set has one chord for two actions, and a browser keeps its own', () => {
  for (const set of ['window', 'mac', 'browser'] as const) {
    const chords = actionNames.flatMap((name) => chordsFor(name, set))
    expect(chords).toEqual([...new Set(chords)])
  }
  const reserved = ['Ctrl+Shift+T', 'Ctrl+Shift+N', 'Ctrl+Shift+W', 'Ctrl+Tab', 'Ctrl+Shift+Tab']
  expect(actionNames.flatMap((name) => chordsFor(name, 'browser')).filter((chord) => reserved.includes(chord))).toEqual(
    [],
  )
  // Some browsers keep more: what is shown works in all.
  expect(actionNames.map((name) => chordsFor(name, 'browser')[0])).not.toContain('Ctrl+Shift+P')
})

test('chords are written as the keyboard has them', () => {
  expect(formatChord('Ctrl+Shift+Left', false)).toBe('Ctrl+Shift+←')
  expect(formatChord('Ctrl+Shift++', false)).toBe('Ctrl+Shift++')
  expect(formatChord('Shift+Cmd+D', true)).toBe('⇧⌘D')
})
