import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { floodBytesPerMs, TypingTracker, turnBytes } from './typing-tracker.ts'

const turnMs = turnBytes / floodBytesPerMs

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('flooding sessions are throttled while a user types in another one', () => {
  const typing = new TypingTracker()
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
  typing.recordInput('shell')
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
  expect(typing.delayMs('other flood', turnBytes)).toBe(2 * turnMs)
  vi.advanceTimersByTime(2 * turnMs)
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
})

test('typing in the same session, or long ago, does not throttle', () => {
  const typing = new TypingTracker()
  typing.recordInput('flood')
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
  typing.recordInput('shell')
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
  vi.advanceTimersByTime(1_001)
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
})
