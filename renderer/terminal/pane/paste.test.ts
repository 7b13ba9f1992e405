import { expect, test } from 'vitest'
import { countLinesToConfirm, joinLines, stripControlCharacters } from './paste.ts'

test('a paste cannot end its own bracketed paste', () => {
  expect(stripControlCharacters('a\x1b[201~rm -r x\r\n\tb\x03\x7f')).toBe('a[201~rm -r x\r\n\tb')
})

test('several lines need confirmation unless the program supports bracketed paste or the setting is off', () => {
  expect(countLinesToConfirm('a\r\nb\nc\n', false, true)).toBe(3)
  expect(countLinesToConfirm('a\n', false, true)).toBe(0)
  expect(countLinesToConfirm('a\nb', true, true)).toBe(0)
  expect(countLinesToConfirm('a\nb', false, false)).toBe(0)
})

test('lines are joined with spaces', () => {
  expect(joinLines('a &&\n  b\r\n\nc\n')).toBe('a && b c')
})
