import { expect, test } from 'vitest'
import { formatHours, parseDuration } from './durations.ts'

test.each([
  ['8h', 28_800_000],
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['250ms', 250],
  ['0', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text, '--ttl')).toBe(ms)
})

test.each(['', '8', 'h', '8 hours', '-1h'])('"%s" is no duration, and the flag is named', (text) => {
  expect(() => parseDuration(text, '--ttl')).toThrow(`--ttl "${text}" is not a duration.`)
})

test('what is shown has the same notation', () => {
  expect([28_800_000, 5_400_000, 45_000, 0, undefined].map(formatHours)).toEqual(['8h', '1h30m', '45s', '', ''])
})
