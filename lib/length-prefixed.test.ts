import { expect, test } from 'vitest'
import { messageReader, prefixed } from './length-prefixed.ts'

const messages = ['', 'a', 'some text', 'x'.repeat(70_000), 'ü'].map((text) => Buffer.from(text))
const stream = Buffer.concat(messages.map(prefixed))

/** Feeds `stream` in chunks of `size`, and copies what comes out: a payload may be a view of its chunk. */
function readInChunksOf(size: number): Buffer[] {
  const read: Buffer[] = []
  const take = messageReader(100_000, (payload) => read.push(Buffer.from(payload)))
  for (let at = 0; at < stream.length; at += size) take(Buffer.from(stream.subarray(at, at + size)))
  return read
}

test.each([1, 2, 3, 5, 64, 4096, 65_537, stream.length])('messages come out whole from chunks of %d bytes', (size) => {
  expect(readInChunksOf(size)).toEqual(messages)
})

test('a length above the limit is refused before its bytes are waited for', () => {
  const take = messageReader(10, () => undefined)
  take(Buffer.from([0, 0, 0]))
  expect(() => take(Buffer.from([11]))).toThrow(/11 bytes; at most 10/)
})
