import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Checkpoints } from './checkpoints.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a state that is fast to save is saved each time', () => {
  let saves = 0
  const checkpoints = new Checkpoints(() => saves++)
  for (let i = 0; i < 5; i++) checkpoints.request()
  expect(saves).toBe(5)
})

test('a state that is slow to save is saved at intervals, including the last change', () => {
  let saves = 0
  const checkpoints = new Checkpoints(() => {
    saves++
    vi.advanceTimersByTime(300)
  })
  for (let i = 0; i < 5; i++) checkpoints.request()
  expect(saves).toBe(1)
  vi.advanceTimersByTime(2700)
  expect(saves).toBe(2)
  checkpoints.request()
  checkpoints.close()
  vi.advanceTimersByTime(10_000)
  expect(saves).toBe(2)
})
