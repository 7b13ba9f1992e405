import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { floodBytesPerMs, Typing, turnBytes } from './typing.ts'

const turnMs = turnBytes / floodBytesPerMs

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('floods take turns while somebody types elsewhere', () => {
  const typing = new Typing()
  expect(typing.restMs('flood', turnBytes)).toBe(0)
  typing.typed('shell')
  expect(typing.restMs('flood', turnBytes)).toBe(turnMs)
  expect(typing.restMs('other flood', turnBytes)).toBe(2 * turnMs)
  vi.advanceTimersByTime(2 * turnMs)
  expect(typing.restMs('flood', turnBytes)).toBe(turnMs)
})

test('nobody waits for what is typed into their own, nor long after the last key', () => {
  const typing = new Typing()
  typing.typed('flood')
  expect(typing.restMs('flood', turnBytes)).toBe(0)
  typing.typed('shell')
  expect(typing.restMs('flood', turnBytes)).toBe(turnMs)
  vi.advanceTimersByTime(1_001)
  expect(typing.restMs('flood', turnBytes)).toBe(0)
})
