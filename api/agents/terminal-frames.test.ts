import { expect, test } from 'vitest'
import { messageReader, prefixed } from '../../lib/length-prefixed.ts'
import { maxMessageBytes } from './agent-protocol.ts'
import {
  type AgentFrame,
  type ClientFrame,
  decodeAgentFrame,
  decodeClientFrame,
  encodeFrame,
  encodeInput,
} from './terminal-frames.ts'

const bytes = new Uint8Array([0, 1, 0xff])
const attached = {
  created: true,
  pid: 7,
  cols: 80,
  rows: 24,
  epoch: 'größe',
  resumed: false,
  restored_from: null,
  read_only: false,
  nonce: 'n',
}

const clientFrames: ClientFrame[] = [
  { type: 'input', bytes },
  { type: 'resize', size: { cols: 80, rows: 65_535 } },
  { type: 'acknowledge', byteCount: 2 ** 32 - 1 },
  { type: 'ping', bytes },
]
const agentFrames: AgentFrame[] = [
  { type: 'attached', attached },
  { type: 'output', bytes },
  { type: 'snapshot', size: { cols: 300, rows: 2 }, bytes },
  { type: 'exit', code: -1, signal: 9 },
  { type: 'pong', bytes },
  { type: 'size', size: { cols: 1, rows: 2_000 } },
  { type: 'position', offset: 2 ** 40 + 1 },
  { type: 'history', bytes },
  { type: 'historyEnd' },
  { type: 'sizeFree' },
]

test.each(clientFrames)('a client frame $type decodes to its values', (frame) => {
  expect(decodeClientFrame(encodeFrame(frame))).toEqual(frame)
  expect(decodeAgentFrame(encodeFrame(frame))).toBeUndefined()
})

test.each(agentFrames)('an agent frame $type decodes to its values', (frame) => {
  expect(decodeAgentFrame(encodeFrame(frame))).toEqual(frame)
  expect(decodeClientFrame(encodeFrame(frame))).toBeUndefined()
})

test('the wire format does not change', () => {
  const hex = (frame: AgentFrame | ClientFrame) => Buffer.from(encodeFrame(frame)).toString('hex')
  expect([...clientFrames, ...agentFrames.slice(1)].map(hex)).toEqual([
    '000001ff',
    '010050ffff',
    '02ffffffff',
    '030001ff',
    '110001ff',
    '12012c00020001ff',
    '13ffffffff00000009',
    '140001ff',
    '15000107d0',
    '164270000000001000',
    '170001ff',
    '18',
    '19',
  ])
})

test('frames of unknown types and truncated frames are ignored', () => {
  const garbage = ['', '7f', 'ff0102', '01', '010050ff', '02ffff', '10', '107b', '12012c00', '13ff', '15', '1642'].map(
    (hex) => Buffer.from(hex, 'hex'),
  )
  for (const message of garbage) {
    expect(decodeClientFrame(message)).toBeUndefined()
    expect(decodeAgentFrame(message)).toBeUndefined()
  }
})

test.each([1, 3, 7, 1000])('frames split into chunks of %i bytes decode whole', (size) => {
  const stream = Buffer.concat(agentFrames.map((frame) => prefixed(encodeFrame(frame))))
  const decoded: unknown[] = []
  const read = messageReader(maxMessageBytes, (message) => {
    const frame = decodeAgentFrame(message)
    decoded.push(frame && 'bytes' in frame ? { ...frame, bytes: new Uint8Array(frame.bytes) } : frame)
  })
  for (let start = 0; start < stream.length; start += size) read(stream.subarray(start, start + size))
  expect(decoded).toEqual(agentFrames)
})

test('decoded output shares the memory of its message', () => {
  const message = Buffer.from(encodeFrame({ type: 'output', bytes }))
  const frame = decodeAgentFrame(message)
  if (frame?.type !== 'output') throw new Error('not an output frame')
  expect(frame.bytes.buffer).toBe(message.buffer)
  expect(Buffer.isBuffer(frame.bytes)).toBe(true)
})

test('a long paste is split into frames below the longest message', () => {
  const frames = encodeInput('x'.repeat(600 * 1024))
  expect(frames.map((frame) => frame.length - 1)).toEqual([256 * 1024, 256 * 1024, 88 * 1024])
  expect(encodeInput('')).toEqual([])
})

test('an encoded frame leaves room for a length prefix', () => {
  expect(Buffer.from(encodeFrame({ type: 'sizeFree' }, 4)).toString('hex')).toBe('0000000019')
})
