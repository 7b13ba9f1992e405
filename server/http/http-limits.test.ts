// Malformed requests: duplicate headers, folded headers, conflicting lengths, incomplete requests.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listTokens } from '../../api/account/api-keys.ts'
import { createApp } from '../app.ts'
import { webSocketHeaders } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

function open(url = server.url): Socket {
  const { port, hostname } = new URL(url)
  return connect(Number(port), hostname)
}

/** The size line of a chunk with this text. */
const size = (text: string) => Buffer.byteLength(text).toString(16)

/** Sends these bytes and reads until the server closes. */
async function send(text: string, socket = open()): Promise<string> {
  let response = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    response += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return response
}

const get = (lines: string) => `GET /api/v2/buildinfo HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`
const post = (lines: string, body: string) =>
  `POST /api/v2/users/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines}\r\nConnection: close\r\n\r\n${body}`

test('a valid request is answered', async () => {
  expect(await send(get('Host: localhost'))).toContain('HTTP/1.1 200')
})

describe('the server refuses a request', () => {
  test.each([
    ['with two hosts', get('Host: localhost\r\nHost: evil.example')],
    ['with two equal hosts', get('Host: localhost\r\nhost: localhost')],
    ['with two keys', get('Host: localhost\r\nCoder-Session-Token: a\r\nCoder-Session-Token: b')],
    ['with two origins', get('Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example')],
    ['with a folded header', get('Host: localhost\r\nX-Note: a\r\n b')],
    ['with a space before the colon', get('Host : localhost')],
    ['with bare line feeds', 'GET /api/v2/buildinfo HTTP/1.1\nHost: localhost\nConnection: close\n\n'],
    ['without a host', 'GET /api/v2/buildinfo HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['that is not HTTP', 'HELLO\r\n\r\n'],
    ['with a length and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['with two lengths', post('Content-Length: 2\r\nContent-Length: 2', '{}')],
    ['with an invalid length', post('Content-Length: 0x2', '{}')],
  ])('%s', async (_what, text) => {
    const response = await send(text)
    expect(response.slice(0, 12)).toBe('HTTP/1.1 400')
    expect(response).not.toContain('external_url')
  })

  test('to upgrade with two cookie headers', async () => {
    const lines = Object.entries(webSocketHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
    const text = `GET /api/local/events HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}Cookie: a=b\r\nCookie: c=d\r\n\r\n`
    expect(await send(text)).toContain('HTTP/1.1 400')
  })

  test('whose headers are too large', async () => {
    expect(await send(get(`Host: localhost\r\nX-Note: ${'x'.repeat(40_000)}`))).toContain('HTTP/1.1 431')
  })
})

test('bytes that are not HTTP get an error response in JSON', async () => {
  const [, body] = (await send('HELLO\r\n\r\n')).split('\r\n\r\n')
  expect(JSON.parse(body ?? '')).toEqual({ message: 'The request is not valid HTTP.' })
})

describe('a chunked body', () => {
  const countTokens = async () => (await server.client.call(listTokens, { params: { user: 'me' } })).length

  test.each([
    ['with data longer than its size', (body: string) => `${size(body)}\r\n${body}XX\r\n0\r\n\r\n`],
    ['with data without a line end', (body: string) => `${size(body)}\r\n${body}0\r\n\r\n`],
    ['with an invalid size of the last chunk', (body: string) => `${size(body)}\r\n${body}\r\n0XX\r\n\r\n`],
    ['with bare line feeds', (body: string) => `${size(body)}\n${body}\n0\n\n`],
    ['with an invalid trailer', (body: string) => `${size(body)}\r\n${body}\r\n0\r\nX Y: 1\r\n\r\n`],
  ])('%s has no effect', async (_what, encode) => {
    const before = await countTokens()
    const body = JSON.stringify({ token_name: 'chunked' })
    const head = `POST /api/v2/users/me/keys/tokens HTTP/1.1\r\nHost: localhost\r\nCoder-Session-Token: ${server.token}\r\n`
    const text = `${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${encode(body)}`
    expect(await send(text)).toContain('HTTP/1.1 400')
    expect(await countTokens()).toBe(before)
  })
})

describe('an incomplete request', () => {
  test('is closed after the timeout', async () => {
    const app = createApp(server.context)
    app.server.headersTimeout = 50
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    try {
      const halfHead = send('GET /api/v2/buildinfo HTTP/1.1\r\nHost: localhost\r\n', open(url))
      const halfBody = send(post('Content-Length: 100', '{"email":'), open(url))
      expect(await halfHead).toContain('HTTP/1.1 408')
      expect(await halfBody).toBe('')
    } finally {
      await app.close()
    }
  })
})

describe('an API key in the URL', () => {
  const path = () => `/api/v2/users/me?coder_session_token=${server.token}`

  test('does not authenticate a request, because URLs are logged', async () => {
    expect((await fetch(server.url + path())).status).toBe(401)
    expect((await fetch(`${server.url}/api/v2/users/me?access_token=${server.token}`)).status).toBe(401)
  })

  test('authenticates a WebSocket, for which browsers cannot set headers', async () => {
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/api/local/events?coder_session_token=${server.token}`,
    )
    await once(socket, 'open')
    socket.close()
  })
})

test('an invalid frame closes only its WebSocket', async () => {
  const socket = open()
  const headers = { host: 'localhost', 'coder-session-token': server.token, ...webSocketHeaders }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /api/local/events HTTP/1.1\r\n${lines.join('')}\r\n`)
  const [response] = (await once(socket, 'data')) as [Buffer]
  expect(response.toString()).toContain('101 Switching Protocols')
  socket.write(Buffer.alloc(64, 0xff))
  socket.resume()
  socket.on('end', () => socket.end())
  await once(socket, 'close')
  expect(await send(get('Host: localhost'))).toContain('HTTP/1.1 200')
})

describe('every response', () => {
  test.each(['/api/v2/buildinfo', '/api/v2/users/me', '/api/v2/nothing', '/api/v2/users/%E0%A4%A'])(
    'of %s has a request ID and disables caching and content sniffing',
    async (path) => {
      const { headers } = await fetch(server.url + path)
      expect(headers.get('x-coder-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-coder-build-version')).toMatch(/^v\d+\./)
    },
  )
})
