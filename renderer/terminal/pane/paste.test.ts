import { expect, test } from 'vitest'
import { cleanCommand, cleanPaste, countLinesToConfirm, encodePaste, joinLines } from './paste.ts'

test('a paste cannot end its own bracketed paste', () => {
  expect(cleanPaste('a\x1b[201~rm -r x\r\n\tb\x03\x7f\x9b')).toBe('a[201~rm -r x\n\tb')
})

test('a command of the history contains nothing that runs it or hides a part of it', () => {
  expect(cleanCommand('ls\r\x15rm -r x\r\x1b[201~\u202egnp.exe\n')).toBe('ls\nrm -r x\n[201~gnp.exe')
  expect(encodePaste('ls\nid', true)).toBe('\x1b[200~ls\rid\x1b[201~')
  expect(encodePaste('ls', false)).toBe('ls')
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
