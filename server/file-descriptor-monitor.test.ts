import { afterEach, expect, test, vi } from 'vitest'
import { monitorFileDescriptors } from './file-descriptor-monitor.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('a shortage logs one message at its start and one at its end, despite single successes', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const logged: unknown[] = []
  let reason: string | null = null
  const stop = monitorFileDescriptors({ warn: (...line: unknown[]) => logged.push(line) }, () => reason)
  const check = (times: number) => vi.advanceTimersByTime(times * 5_000)
  check(20)
  expect(logged).toEqual([])
  for (let round = 0; round < 5; round++) {
    reason = 'Raise the limit.'
    check(3)
    reason = null
    check(3)
  }
  const startMessage = [{ reason: 'Raise the limit.' }, expect.stringContaining('cannot open files')]
  expect(logged).toEqual([startMessage])
  check(20)
  expect(logged).toEqual([startMessage, ['files can be opened again']])
  reason = 'Raise the limit.'
  check(1)
  expect(logged).toHaveLength(3)
  stop()
})
