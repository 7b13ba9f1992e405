import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Typing, turnMs } from './typing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('floods take turns while somebody types elsewhere', () => {
  const typing = new Typing()
  expect(typing.restMs('flood')).toBe(0)
  typing.typed('shell')
  expect(typing.restMs('flood')).toBe(turnMs)
  expect(typing.restMs('other flood')).toBe(2 * turnMs)
  vi.advanceTimersByTime(2 * turnMs)
  expect(typing.restMs('flood')).toBe(turnMs)
})

test('nobody waits for what is typed into their own, nor long after the last key', () => {
  const typing = new Typing()
  typing.typed('flood')
  expect(typing.restMs('flood')).toBe(0)
  typing.typed('shell')
  expect(typing.restMs('flood')).toBe(turnMs)
  vi.advanceTimersByTime(1_001)
  expect(typing.restMs('flood')).toBe(0)
})
