import { expect, test } from 'vitest'
import { messageReader } from '../../lib/length-prefixed.ts'
import { OutputBuffer } from './output-buffer.ts'

test('appended output is taken once, in order and framed, for any sizes', () => {
  const buffer = new OutputBuffer()
  const appended: Buffer[] = []
  const framed: Buffer[] = []
  const outputs: Buffer[] = []
  const reader = messageReader(1024 * 1024, (payload) => framed.push(Buffer.from(payload.subarray(1))))
  for (let round = 0; round < 500; round++) {
    const piece = Buffer.alloc((round * 977) % 9000, round % 251)
    appended.push(piece)
    buffer.append(piece)
    if (round % 3 !== 0 || buffer.size === 0) continue
    const { message, output } = buffer.take()
    reader(message)
    outputs.push(output)
  }
  if (buffer.size > 0) {
    const { message, output } = buffer.take()
    reader(message)
    outputs.push(output)
  }
  expect(Buffer.concat(framed).equals(Buffer.concat(appended))).toBe(true)
  // Frames taken earlier are not overwritten.
  expect(Buffer.concat(outputs).equals(Buffer.concat(appended))).toBe(true)
  expect(buffer.size).toBe(0)
})
