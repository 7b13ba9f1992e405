import { expect, test } from 'vitest'
import { asOneLine, linesToAsk, withoutControls } from './paste.ts'

test('a paste cannot end the brackets it is put in', () => {
  expect(withoutControls('a\x1b[201~rm -r x\r\n\tb\x03\x7f')).toBe('a[201~rm -r x\r\n\tb')
})

test('several lines are asked about, unless the program takes them as one paste or nobody wants to be asked', () => {
  expect(linesToAsk('a\r\nb\nc\n', false, true)).toBe(3)
  expect(linesToAsk('a\n', false, true)).toBe(0)
  expect(linesToAsk('a\nb', true, true)).toBe(0)
  expect(linesToAsk('a\nb', false, false)).toBe(0)
})

test('lines become one', () => {
  expect(asOneLine('a &&\n  b\r\n\nc\n')).toBe('a && b c')
})
