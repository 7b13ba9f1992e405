import { expect, test } from 'vitest'
import { messageReader, prefixed } from './length-prefixed.ts'

const messages = ['', 'a', 'two', 'x'.repeat(1000), 'end'].map((text) => Buffer.from(text))
const bytes = Buffer.concat(messages.map(prefixed))

test.each([1, 2, 3, 5, 7, 64, 999, bytes.length])('messages are complete for chunks of %i bytes', (size) => {
  const read: string[] = []
  const reader = messageReader(1000, (payload) => read.push(payload.toString()))
  for (let at = 0; at < bytes.length; at += size) reader(bytes.subarray(at, at + size))
  expect(read).toEqual(messages.map(String))
})

test('a length above the limit is rejected before its payload is buffered', () => {
  const reader = messageReader(1000, () => undefined)
  expect(() => reader(Buffer.from([0, 0, 3, 233]))).toThrow('at most 1000')
})
