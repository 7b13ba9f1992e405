import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './durations.ts'

test.each([
  ['0', 0, '0s'],
  ['15ms', 15, '15ms'],
  ['90s', 90_000, '1m30s'],
  ['10m', 600_000, '10m0s'],
  ['1h30m', 5_400_000, '1h30m0s'],
  ['7d', 604_800_000, '168h0m0s'],
  ['876600h', 3_155_760_000_000, '876600h0m0s'],
])('%s is %i ms and formatted as %s', (text, ms, printed) => {
  expect(parseDuration(text)).toBe(ms)
  expect(formatDuration(ms)).toBe(printed)
})

test.each(['', 'soon', '-1h', '1.5h', '7 d', '5'])('"%s" is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
