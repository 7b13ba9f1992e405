import { expect, test } from 'vitest'
import { createCastWriter, readCast } from './asciicast.ts'

test('a written recording is read back: sizes, times, and characters split across chunks', () => {
  let ms = 1_000
  let file = ''
  const header = { cols: 80, rows: 24, title: 'dev', recordedAt: 1_700_000_000_000 }
  const writer = createCastWriter(
    header,
    () => ms,
    (line) => {
      file += line
    },
  )
  writer.output(Buffer.from('a\x1b[1m"\r\n'))
  ms += 250
  writer.output(Buffer.from('日').subarray(0, 2))
  ms += 250
  writer.output(Buffer.from('日').subarray(2))
  writer.resize(100, 30)
  expect(file.split('\n')[0]).toBe('{"version":2,"width":80,"height":24,"timestamp":1700000000,"title":"dev"}')
  expect(readCast(file)).toEqual({
    ...header,
    events: [
      { atMs: 0, kind: 'o', text: 'a\x1b[1m"\r\n' },
      { atMs: 500, kind: 'o', text: '日' },
      { atMs: 500, kind: 'r', text: '100x30' },
    ],
  })
})

test('version 3 has relative times and may contain comments', () => {
  const file = [
    '{"version":3,"term":{"cols":90,"rows":20,"type":"xterm-256color"},"timestamp":1700000000}',
    '# a comment',
    '[0.5,"o","a"]',
    '[0.25,"o","b"]',
    '[1,"x","0"]',
    '',
  ].join('\n')
  expect(readCast(file)).toEqual({
    cols: 90,
    rows: 20,
    recordedAt: 1_700_000_000_000,
    events: [
      { atMs: 500, kind: 'o', text: 'a' },
      { atMs: 750, kind: 'o', text: 'b' },
      { atMs: 1750, kind: 'x', text: '0' },
    ],
  })
})

test('a truncated recording is read up to its last complete line', () => {
  expect(readCast('{"version":2,"width":80,"height":24}\n[0,"o","a"]\n[1,"o","b').events).toHaveLength(1)
})

test.each([
  ['', 'not an asciicast'],
  ['{"version":1,"width":80,"height":24,"stdout":[]}', 'version 1'],
  ['{"version":2}', 'no terminal size'],
  ['{"version":2,"width":80,"height":24}\nhello\n[0,"o","a"]', 'Line 2 is not a valid event'],
  ['{"version":2,"width":80,"height":24}\n[-1,"o","a"]\n', 'Line 2 is not a valid event'],
])('an invalid recording is rejected with the reason: %s', (text, reason) => {
  expect(() => readCast(text)).toThrow(reason)
})
