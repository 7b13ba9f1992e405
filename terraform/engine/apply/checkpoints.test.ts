import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Checkpoints } from './checkpoints.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a cheap state is told each time', () => {
  let told = 0
  const checkpoints = new Checkpoints(() => told++)
  for (let i = 0; i < 5; i++) checkpoints.request()
  expect(told).toBe(5)
})

test('a dear state is told now and then, and the last change is not forgotten', () => {
  let told = 0
  const checkpoints = new Checkpoints(() => {
    told++
    vi.advanceTimersByTime(300)
  })
  for (let i = 0; i < 5; i++) checkpoints.request()
  expect(told).toBe(1)
  vi.advanceTimersByTime(2700)
  expect(told).toBe(2)
  checkpoints.request()
  checkpoints.close()
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(2)
})
