import { expect, test } from 'vitest'
import { RecentOutput } from './recent-output.ts'

const byteAt = (offset: number) => (offset * 31 + (offset >> 8)) % 256
const bytesFrom = (offset: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, at) => byteAt(offset + at)))

test('returns all bytes from an offset on, for any sizes of appended output', () => {
  const recent = new RecentOutput(10_000)
  for (let round = 0; round < 300; round++) {
    recent.append(bytesFrom(recent.end, (round * 397) % 3_000))
    for (const missing of [0, 1, 777, Math.min(recent.end, 10_000)]) {
      if (missing > recent.end) continue
      const offset = recent.end - missing
      expect(recent.since(offset)?.equals(bytesFrom(offset, missing)), `${round}: ${missing}`).toBe(true)
    }
  }
})

test('offsets outside of the buffer are unavailable', () => {
  const recent = new RecentOutput(100)
  expect(recent.since(0)).toHaveLength(0)
  expect(recent.since(1)).toBeUndefined()
  recent.append(bytesFrom(0, 250))
  expect(recent.since(149)).toBeUndefined()
  expect(recent.since(150)?.equals(bytesFrom(150, 100))).toBe(true)
  expect(recent.since(251)).toBeUndefined()
  expect(recent.since(Number.NaN)).toBeUndefined()
})
