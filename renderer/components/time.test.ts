import { expect, test } from 'vitest'
import { duration, isSet, relativeTime } from './time.tsx'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

test('durations are formatted in short form', () => {
  const formatted = [0, 24, 999, 1240, 9_960, 12_900, 4 * minute + 3 * second, 2 * hour + 5 * minute].map(duration)
  expect(formatted).toEqual(['0 ms', '24 ms', '999 ms', '1.2 s', '10.0 s', '12 s', '4 min 3 s', '2 h 5 min'])
})

test('a past time is formatted relative to now', () => {
  const now = Date.UTC(2026, 10, 24, 12)
  const formatted = [0, 20 * second, 3 * minute, 5 * hour, 30 * hour, 6 * 24 * hour].map((ago) =>
    relativeTime(now - ago, now),
  )
  expect(formatted).toEqual(['just now', '20 s ago', '3 min ago', '5 h ago', 'yesterday', '6 days ago'])
})

test('the year 1 is an unset time', () => {
  expect([isSet('0001-01-01T00:00:00Z'), isSet(undefined), isSet('2026-11-24T12:00:00Z')]).toEqual([false, false, true])
})
