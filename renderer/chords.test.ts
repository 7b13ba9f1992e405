import { expect, test } from 'vitest'
import { formatChord, toChord, toPageChord } from './chords.ts'

const pressed = (key: string, code: string, modifiers = '') => ({
  key,
  code,
  ctrlKey: modifiers.includes('c'),
  altKey: modifiers.includes('a'),
  shiftKey: modifiers.includes('s'),
  metaKey: modifiers.includes('m'),
})

test('`?` and `/` are matched by their character on every keyboard layout', () => {
  const layouts = {
    us: [pressed('?', 'Slash', 's'), pressed('/', 'Slash')],
    german: [pressed('?', 'Minus', 's'), pressed('/', 'Digit7', 's')],
    french: [pressed('?', 'KeyM', 's'), pressed('/', 'Period', 's')],
  }
  for (const presses of Object.values(layouts)) expect(presses.map(toPageChord)).toEqual(['?', '/'])
})

test('a letter on a page matches in upper and lower case', () => {
  expect(toPageChord(pressed('j', 'KeyJ'))).toBe('J')
  expect(toPageChord(pressed('J', 'KeyJ', 's'))).toBe('J')
})

test('a key with a modifier does not match the key alone', () => {
  for (const modifier of ['c', 'a', 'm']) expect(toPageChord(pressed('n', 'KeyN', modifier))).not.toBe('N')
  expect(toPageChord(pressed('k', 'KeyK', 'c'))).toBe('Ctrl+K')
  expect(toPageChord(pressed('p', 'KeyP', 'sm'))).toBe('Shift+Cmd+P')
})

test('named keys match without their modifiers, and a modifier alone is no chord', () => {
  expect(toPageChord(pressed('ArrowDown', 'ArrowDown'))).toBe('Down')
  expect(toPageChord(pressed('Escape', 'Escape'))).toBe('Escape')
  expect(toPageChord(pressed('Shift', 'ShiftLeft', 's'))).toBeUndefined()
  expect(toChord(pressed('Control', 'ControlLeft', 'c'))).toBeUndefined()
})

test('chords are displayed as the platform writes them', () => {
  expect(formatChord('Ctrl+Shift+Left', false)).toBe('Ctrl+Shift+←')
  expect(formatChord('Ctrl+Shift++', false)).toBe('Ctrl+Shift++')
  expect(formatChord('Shift+Cmd+D', true)).toBe('⇧⌘D')
})
