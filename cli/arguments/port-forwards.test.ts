import { expect, test } from 'vitest'
import { parsePortForwards } from './port-forwards.ts'

const parse = (...texts: readonly string[]) =>
  parsePortForwards('tcp', texts).map(({ localHost = '', localPort, remotePort }) => [localHost, localPort, remotePort])

test.each([
  ['8080', [['', 8080, 8080]]],
  ['8080:80', [['', 8080, 80]]],
  ['127.0.0.1:8080', [['127.0.0.1', 8080, 8080]]],
  ['0.0.0.0:8080:80', [['0.0.0.0', 8080, 80]]],
  ['localhost:8080:80', [['localhost', 8080, 80]]],
  ['[::1]:8080:80', [['::1', 8080, 80]]],
  [
    '8000-8001:9000-9001',
    [
      ['', 8000, 9000],
      ['', 8001, 9001],
    ],
  ],
  [
    '[::]:8000-8001',
    [
      ['::', 8000, 8000],
      ['::', 8001, 8001],
    ],
  ],
])('%s is parsed', (text, expected) => {
  expect(parse(text)).toEqual(expected)
})

test.each(['', 'http', '0', '65536', '8010-8000', '8080:', ':8080', '::1:8080', '1:2:3:4', '-1'])(
  '%j is rejected',
  (text) => {
    expect(() => parse(text)).toThrow('is not a port')
  },
)

test('ranges of different lengths and repeated local ports are rejected', () => {
  expect(() => parse('8000-8001:9000')).toThrow('different lengths')
  expect(() => parse('8000-8002', '8001:80')).toThrow('The local TCP port 8001 is listed twice.')
})
