import { afterEach, expect, test, vi } from 'vitest'
import { watchOpenFiles } from './open-files.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('an outage is told once with what to do, however often a file is to be had meanwhile, and its end once', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const told: unknown[] = []
  let reason: string | null = null
  const stop = watchOpenFiles({ warn: (...line: unknown[]) => told.push(line) }, () => reason)
  const look = (times: number) => vi.advanceTimersByTime(times * 5_000)
  look(20)
  expect(told).toEqual([])
  for (let round = 0; round < 5; round++) {
    reason = 'Raise the limit.'
    look(3)
    reason = null
    look(3)
  }
  const begins = [{ reason: 'Raise the limit.' }, expect.stringContaining('cannot open files')]
  expect(told).toEqual([begins])
  look(20)
  expect(told).toEqual([begins, ['files can be opened again']])
  reason = 'Raise the limit.'
  look(1)
  expect(told).toHaveLength(3)
  stop()
})
