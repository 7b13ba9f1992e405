import { expect, test } from 'vitest'
import { formatCoarseDuration, formatGoDuration, parseDuration, parseMinutes } from './durations.ts'

test.each([
  ['8h', 28_800_000],
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['1y', 31_536_000_000],
  ['250ms', 250],
  ['0', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text, '--ttl')).toBe(ms)
})

test.each(['', '8', 'h', '8 hours', '-1h'])('"%s" is rejected with the name of the flag', (text) => {
  expect(() => parseDuration(text, '--ttl')).toThrow(`--ttl "${text}" is not a duration.`)
})

test.each([
  [45_000, '<1m', '45s'],
  [59 * 60_000, '59m', '59m0s'],
  [205 * 60_000, '3h25m', '3h25m0s'],
  [8 * 3_600_000, '8h', '8h0m0s'],
  [49.5 * 3_600_000, '2d1h', '49h30m0s'],
  [216 * 3_600_000, '9d', '216h0m0s'],
  [0, '<1m', '0s'],
])('%d ms are %s in a column, and %s in Go notation', (ms, coarse, go) => {
  expect([formatCoarseDuration(ms), formatGoDuration(ms)]).toEqual([coarse, go])
})

test('a plain number means minutes', () => {
  expect([parseMinutes('90', 'it'), parseMinutes('8h', 'it')]).toEqual([5_400_000, 28_800_000])
})
