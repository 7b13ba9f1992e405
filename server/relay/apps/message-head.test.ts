import { expect, test } from 'vitest'
import { createBodyScanner } from './body-scanner.ts'
import { parseRequestHead, parseResponseHead } from './message-head.ts'

const head = (...lines: string[]) => ['GET / HTTP/1.1', 'Host: app.localhost', ...lines].join('\r\n')

test('a request head is parsed with its framing, upgrade and persistence', () => {
  expect(parseRequestHead(head('Accept:  */* ', 'Content-Length: 12'))).toMatchObject({
    method: 'GET',
    target: '/',
    host: 'app.localhost',
    framing: { kind: 'length', length: 12 },
    isPersistent: true,
    upgrade: undefined,
  })
  expect(parseRequestHead(head('Connection: keep-alive, Upgrade', 'Upgrade: websocket')).upgrade).toBe('websocket')
  expect(parseRequestHead(head('Connection: close')).isPersistent).toBe(false)
  expect(parseRequestHead(head().replace('1.1', '1.0')).isPersistent).toBe(false)
})

test.each<[string, string]>([
  ['Content-Length and Transfer-Encoding', head('Content-Length: 4', 'Transfer-Encoding: chunked')],
  ['two Content-Lengths', head('Content-Length: 4', 'Content-Length: 4')],
  ['a list of lengths', head('Content-Length: 4, 4')],
  ['a signed length', head('Content-Length: +4')],
  ['an empty length', head('Content-Length:')],
  ['two Transfer-Encodings', head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
  ['an unknown coding', head('Transfer-Encoding: gzip, chunked')],
  ['a hidden coding', head('Transfer-Encoding: \x0bchunked')],
  ['two hosts', head('Host: other.localhost')],
  ['no host', 'GET / HTTP/1.1\r\nAccept: */*'],
  ['a folded header', head('Accept: a', ' b')],
  ['a space before the colon', head('Transfer-Encoding : chunked')],
  ['a bare CR', head('Accept: a\rContent-Length: 4')],
  ['a bare LF', head('Accept: a\nContent-Length: 4')],
  ['a NUL', head('Accept: a\0')],
  ['a line without a colon', head('Accept')],
  ['an absolute target', head().replace('GET /', 'GET http://other/')],
  ['a target without a path', head().replace('GET /', 'GET other')],
  ['a fragment', head().replace('GET /', 'GET /#a')],
  ['a target with a space', head().replace('GET /', 'GET /a b')],
  ['another version', head().replace('1.1', '2.0')],
  ['CONNECT', head().replace('GET /', 'CONNECT app:80')],
  ['a chunked body in HTTP/1.0', head('Transfer-Encoding: chunked').replace('1.1', '1.0')],
  ['an upgrade with a body', head('Connection: upgrade', 'Upgrade: websocket', 'Content-Length: 4')],
])('a request with %s is rejected', (_name, text) => expect(() => parseRequestHead(text)).toThrow())

test('the framing of a response depends on its status and the method', () => {
  const framing = (status: string, field: string, method = 'GET') =>
    parseResponseHead(`HTTP/1.1 ${status}\r\n${field}`, method).framing.kind
  expect(framing('200 OK', 'Content-Length: 5')).toBe('length')
  expect(framing('200 OK', 'Content-Length: 5', 'HEAD')).toBe('none')
  expect(framing('304 Not Modified', 'Content-Length: 5')).toBe('none')
  expect(framing('101 Switching Protocols', 'Upgrade: websocket')).toBe('none')
  expect(framing('200', 'Transfer-Encoding: chunked')).toBe('chunked')
  expect(framing('200 OK', 'X-Any: x')).toBe('until-close')
  expect(() => framing('200 OK', 'Content-Length: 5\r\nContent-Length: 6')).toThrow()
  expect(() => parseResponseHead('HTTP/2 200\r\nA: b', 'GET')).toThrow()
  expect(() => parseResponseHead('SSH-2.0-OpenSSH_9.6', 'GET')).toThrow()
})

const chunked = Buffer.from('4\r\nWiki\r\n6;name="x"\r\npedia \r\n0\r\nDigest: x\r\n\r\nGET / HTTP/1.1')
const end = chunked.indexOf('GET')

test('the end of a chunked body is found for every split of its bytes', () => {
  for (let split = 0; split <= end; split++) {
    const scanner = createBodyScanner({ kind: 'chunked' })
    const first = scanner.scan(chunked.subarray(0, split))
    expect(first).toBe(split)
    const rest = scanner.scan(chunked.subarray(split))
    expect([scanner.isDone, first + rest]).toEqual([true, end])
  }
})

test.each([
  '4\nWiki\r\n',
  'x\r\n',
  '-1\r\n',
  '0x4\r\nWiki',
  '4\r\nWikipedia\r\n',
  '0\r\nbad trailer\r\n\r\n',
  '4;\x01\r\n',
])('the chunk %j is rejected', (text) =>
  expect(() => createBodyScanner({ kind: 'chunked' }).scan(Buffer.from(text))).toThrow(),
)

test('a body with a length ends after it', () => {
  const scanner = createBodyScanner({ kind: 'length', length: 6 })
  expect([scanner.scan(Buffer.from('abcd')), scanner.isDone]).toEqual([4, false])
  expect([scanner.scan(Buffer.from('efgh')), scanner.isDone]).toEqual([2, true])
})
