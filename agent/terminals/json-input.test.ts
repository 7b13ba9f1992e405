import { expect, test } from 'vitest'
import { type JsonInput, jsonInputReader } from './json-input.ts'

const text = '{"data":"ls \\"ü{}\\" \\\\"} {"height":24,"width":80}\n{"data":"🙂","height":3,"width":4}{}'
const inputs: JsonInput[] = [
  { data: 'ls "ü{}" \\' },
  { height: 24, width: 80 },
  { data: '🙂', height: 3, width: 4 },
  {},
]

test.each([1, 2, 3, 4, 5, 11, 1000])('objects are complete for chunks of %i bytes', (size) => {
  const read: JsonInput[] = []
  const reader = jsonInputReader((input) => read.push(input))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) reader(bytes.subarray(at, at + size))
  expect(read).toEqual(inputs)
})

test.each(['nonsense', '[1]', '"text"', '1', '}', '{"data":}'])('%s is rejected', (bad) => {
  expect(() => jsonInputReader(() => undefined)(Buffer.from(bad))).toThrow(SyntaxError)
})

test('fields of other names or types are ignored', () => {
  const read: JsonInput[] = []
  jsonInputReader((input) => read.push(input))(Buffer.from('{"data":7,"height":"tall","width":1,"else":{"a":[{}]}}'))
  expect(read).toEqual([{}])
})
