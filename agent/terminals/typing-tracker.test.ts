import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { floodBytesPerMs, TypingTracker, turnBytes } from './typing-tracker.ts'

const turnMs = turnBytes / floodBytesPerMs

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('floods take turns while somebody types elsewhere', () => {
  const typing = new TypingTracker()
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
  typing.recordInput('shell')
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
  expect(typing.delayMs('other flood', turnBytes)).toBe(2 * turnMs)
  vi.advanceTimersByTime(2 * turnMs)
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
})

test('nobody waits for what is typed into their own, nor long after the last key', () => {
  const typing = new TypingTracker()
  typing.recordInput('flood')
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
  typing.recordInput('shell')
  expect(typing.delayMs('flood', turnBytes)).toBe(turnMs)
  vi.advanceTimersByTime(1_001)
  expect(typing.delayMs('flood', turnBytes)).toBe(0)
})
