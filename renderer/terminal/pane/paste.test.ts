import { expect, test } from 'vitest'
import { countLinesToConfirm, joinLines, stripControlCharacters } from './paste.ts'

test('a paste cannot end the brackets it is put in', () => {
  expect(stripControlCharacters('a\x1b[201~rm -r x\r\n\tb\x03\x7f')).toBe('a[201~rm -r x\r\n\tb')
})

test('several lines are asked about, unless the program takes them as one paste or nobody wants to be asked', () => {
  expect(countLinesToConfirm('a\r\nb\nc\n', false, true)).toBe(3)
  expect(countLinesToConfirm('a\n', false, true)).toBe(0)
  expect(countLinesToConfirm('a\nb', true, true)).toBe(0)
  expect(countLinesToConfirm('a\nb', false, false)).toBe(0)
})

test('lines become one', () => {
  expect(joinLines('a &&\n  b\r\n\nc\n')).toBe('a && b c')
})
