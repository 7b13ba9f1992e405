import { expect, test } from 'vitest'
import { formatDuration } from './formats.ts'

test.each([
  [0.4, '0ms'],
  [840, '840ms'],
  [3240, '3.2s'],
  [252_000, '4m12s'],
  [7_500_000, '2h5m'],
  [273_600_000, '3d4h'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
