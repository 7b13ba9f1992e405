import { expect, test } from 'vitest'
import { compactOutput, endsInText, unfinishedEnd } from './compact-output.ts'

const compacted = (text: string) => compactOutput([Buffer.from(text)]).toString()

test.each([
  ['text', 'line\r\nline\r\n', ''],
  ['cursor moves and erasing', 'a\x1b[5;10Hb\x1b[2J\x1b[K\x1b[3Ac', ''],
  ['modes', 'a\x1b[?1049hb\x1b[?2004h\x1b[4h\x1b[?25lc', '\x1b[?1049h\x1b[?2004h\x1b[4h\x1b[?25l'],
  ['scroll region, cursor style, soft reset', '\x1b[2;10r-\x1b[4 q-\x1b[!p', '\x1b[2;10r\x1b[4 q\x1b[!p'],
  ['cumulative colors', 'a\x1b[1mb\x1b[31mc', '\x1b[1m\x1b[31m'],
  ['colors after a reset', '\x1b[1ma\x1b[0mb\x1b[32mc', '\x1b[0m\x1b[32m'],
  ['character sets, saved cursor, keypad', '\x1b(0-\x1b7-\x1b=-', '\x1b(0\x1b7\x1b='],
  ['a reset, which discards earlier sequences', '\x1b[?1h\x1b(0\x1bctext\x1b[4h', '\x1bc\x1b[4h'],
  ['a title', '\x1b]2;title\x07text\x1b]0;other\x1b\\', '\x1b]0;other\x1b\\'],
  ['marks of a shell', '\x1b]133;A\x07$ \x1b]133;B\x07\x1b]133;A\x07', '\x1b]133;B\x07\x1b]133;A\x07'],
  ['the folder of a shell', '\x1b]7;file:///a\x07\x1b]7;file:///b\x07', '\x1b]7;file:///b\x07'],
  ['an image', '\x1bPq#0;2;0;0;0~~@@vv\x1b\\text', ''],
  ['an unfinished sequence at the end', 'text\x1b[?10', '\x1b[?10'],
  ['an escape at the very end', 'text\x1b', '\x1b'],
])('%s', (_, output, expected) => {
  expect(compacted(output)).toBe(expected)
})

test('only the last sequence of each kind is kept', () => {
  const frame = '\x1b[?25l\x1b[?2026h\x1b[1;20r\x1b]2;title\x07\x1b(B\x1b[31mtext\x1b[0m\x1b[?2026l\x1b[?25h'
  expect(compacted(frame.repeat(10_000))).toBe('\x1b[1;20r\x1b]2;title\x07\x1b(B\x1b[0m\x1b[?2026l\x1b[?25h')
})

test('the result does not depend on chunk boundaries', () => {
  const output = Buffer.from('a\x1b[?1049hb\x1b]2;title\x1b\\c\x1b[38;5;1md\x1b(0\x1b[?1')
  const whole = compactOutput([output]).toString()
  for (let size = 1; size < output.length; size++) {
    const pieces: Buffer[] = []
    for (let at = 0; at < output.length; at += size) pieces.push(output.subarray(at, at + size))
    expect(compactOutput(pieces).toString(), `${size}`).toBe(whole)
  }
})

test('binary data with lone escape characters stays small', () => {
  const garbage = Buffer.alloc(1024 * 1024, 'x')
  garbage[10] = 0x1b
  garbage[11] = 0x50
  expect(compactOutput([garbage]).length).toBeLessThan(5000)
})

test.each([
  ['nothing', 'text\x1b[1mtext', ''],
  ['a sequence', 'text\x1b[1;3', '\x1b[1;3'],
  ['a title', '\x1b[m\x1b]2;tit', '\x1b]2;tit'],
  ['half of a character', Buffer.from('日本').subarray(0, 5), Buffer.from('本').subarray(0, 2)],
  ['the first byte of an emoji', Buffer.from([0x61, 0xf0]), Buffer.from([0xf0])],
  ['a whole emoji', '🙂', ''],
  ['invalid UTF-8', Buffer.from([0x80, 0x80, 0x80, 0x80]), ''],
])('the unfinished end: %s', (_, output, held) => {
  expect(unfinishedEnd(Buffer.from(output as string)).equals(Buffer.from(held as string))).toBe(true)
})

test.each([
  ['', false],
  ['text', true],
  ['text\r\n', false],
  ['text\x1b[1m', false],
  ['\x1b[1mtext', true],
  ['\x1b]2;title\x1b\\', false],
  ['🙂\x1b[1', true],
])('whether output ends in text: %j', (output, isText) => {
  expect(endsInText(Buffer.from(output))).toBe(isText)
})
