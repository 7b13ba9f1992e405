// Request guards against hostile pages and programs: requests over a plain socket with arbitrary Host and Origin
// headers.

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RawResponse, rawRequest, webSocketHeaders } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { until } from '../testing/workspace-fixtures.ts'

let server: TestServer
let port: string

beforeAll(async () => {
  server = await startTestServer({ accessUrl: 'https://coder.example.com' })
  port = new URL(server.url).port
})
afterAll(() => server.close())

const cookie = () => `coder_session_token=${server.token}`
const meWith = (headers: Record<string, string>) =>
  rawRequest(server.url, { path: '/api/v2/users/me', headers: { cookie: cookie(), ...headers } })
const eventsWith = (headers: Record<string, string>) =>
  rawRequest(server.url, { path: '/api/local/events', headers: { ...webSocketHeaders, cookie: cookie(), ...headers } })
const logoutWith = (headers: Record<string, string>, body = '') =>
  rawRequest(server.url, { method: 'POST', path: '/api/v2/users/me/keys', headers, body })

function expectRefusal(response: RawResponse, status: number): void {
  expect([response.status, response.text]).toEqual([status, expect.stringContaining('"message"')])
  expect(response.text).not.toContain('username')
}

describe('a host name', () => {
  const allowed = ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', 'coder.example.com']
  test.each(allowed)('%s is allowed with any port', async (name) => {
    expect((await meWith({ host: name })).status).toBe(200)
    expect((await meWith({ host: `${name}:${port}` })).status).toBe(200)
  })

  // A page whose own host name resolves to this machine sends names like the last ones.
  const foreign = [
    '',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'coder.example.com.evil.example',
    'rebound.example:PORT',
    '10.0.0.1',
    'evil.example@localhost',
  ]
  test.each(foreign)('"%s" is refused on a request', async (name) => {
    expectRefusal(await meWith({ host: name.replace('PORT', port) }), 403)
  })
  test.each(foreign)('"%s" is refused on an upgrade', async (name) => {
    expectRefusal(await eventsWith({ host: name.replace('PORT', port) }), 403)
  })

  test('in an absolute-form target is checked like the header', async () => {
    const target = (host: string) => rawRequest(server.url, { path: `http://${host}/api/v2/buildinfo` })
    expectRefusal(await target('evil.example'), 403)
    expectRefusal(await target('evil.example:80'), 403)
    expect((await target(`127.0.0.1:${port}`)).status).toBe(200)
  })

  test('that is not allowed gets no page and no file', async () => {
    const response = await rawRequest(server.url, { path: '/', headers: { host: 'evil.example' } })
    expectRefusal(response, 403)
  })
})

describe('an upgrade', () => {
  test('from the dashboard is accepted', async () => {
    const host = `localhost:${port}`
    expect((await eventsWith({ host, origin: `http://${host}` })).status).toBe(101)
  })

  test('from a program, which sends no Origin header, is accepted', async () => {
    expect((await eventsWith({})).status).toBe(101)
  })

  test.each(['http://evil.example', 'null', 'http://localhost:1', 'http://127.0.0.1.evil.example', 'file://', ''])(
    'from the origin "%s" is refused, even with a cookie',
    async (origin) => {
      expectRefusal(await eventsWith({ origin }), 403)
    },
  )

  test('from a page on another port of this machine is refused', async () => {
    expectRefusal(await eventsWith({ host: `localhost:${port}`, origin: `http://localhost:${Number(port) + 1}` }), 403)
  })

  test('without a session is refused', async () => {
    expectRefusal(await rawRequest(server.url, { path: '/api/local/events', headers: webSocketHeaders }), 401)
  })

  test('to an unknown route or an invalid URL gets an HTTP error response', async () => {
    const upgrade = (path: string) => rawRequest(server.url, { path, headers: webSocketHeaders })
    expectRefusal(await upgrade('/api/v2/nothing'), 404)
    expectRefusal(await upgrade('/api/v2/workspaceagents/%E0%A4%A/pty'), 400)
  })

  test('that is refused leaves no open socket, even if the client continues to send', async () => {
    const openHere = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = openHere()
    const { hostname } = new URL(server.url)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    const lines = Object.entries({ host: hostname, ...webSocketHeaders }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    socket.write(`GET /api/local/events HTTP/1.1\r\n${lines.join('')}\r\n`)
    // More than fits into the receive buffer.
    socket.write(Buffer.alloc(512 * 1024))
    await once(socket, 'data')
    socket.destroy()
    await until('the server to close the socket', () => openHere() <= before)
  })
})

describe('a write', () => {
  const json = { 'content-type': 'application/json' }
  const withKey = () => ({ 'coder-session-token': server.token })

  test('with a key in a header is accepted', async () => {
    expect((await logoutWith({ ...withKey() })).status).toBe(201)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
  ])('of the type %s, which any page can send without a preflight, is refused', async (type) => {
    const body = '{"email":"a@example.com","password":"x"}'
    const response = await rawRequest(server.url, {
      method: 'POST',
      path: '/api/v2/users/login',
      headers: { 'content-type': type },
      body,
    })
    expectRefusal(response, 415)
  })

  test('with an empty body of a form type is refused for POST, which forms can send, and accepted for other methods', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/api/v2/users/login'
    expectRefusal(await rawRequest(server.url, { method: 'POST', path, headers }), 415)
    // Coder's dashboard sends one when it cancels a build.
    const cancel = `/api/v2/workspacebuilds/${crypto.randomUUID()}/cancel`
    const authenticated = { ...headers, 'coder-session-token': server.token }
    expect(await rawRequest(server.url, { method: 'PATCH', path: cancel, headers: authenticated })).toMatchObject({
      status: 404,
    })
  })

  test('with a body but no content type is refused', async () => {
    const response = await rawRequest(server.url, { method: 'POST', path: '/api/v2/users/login', body: '{}' })
    expectRefusal(response, 415)
  })

  test.each(['http://evil.example', 'null', 'http://localhost:1'])(
    'from the origin %s is refused, even with a key',
    async (origin) => {
      expectRefusal(await logoutWith({ ...withKey(), ...json, origin }, '{}'), 403)
    },
  )

  test.each(['cross-site', 'same-site'])(
    'that a browser marks as %s is refused even without an Origin header',
    async (site) => {
      expectRefusal(await logoutWith({ ...withKey(), 'sec-fetch-site': site }), 403)
    },
  )

  test('authenticated by a cookie alone is refused', async () => {
    expectRefusal(await logoutWith({ cookie: cookie() }), 400)
  })

  test('with a cookie and the own origin, or the same key in a header, is accepted', async () => {
    const host = `localhost:${port}`
    expect((await logoutWith({ cookie: cookie(), host, origin: `http://${host}` })).status).toBe(201)
    expect((await logoutWith({ cookie: cookie(), ...withKey() })).status).toBe(201)
  })

  test("with a cookie and the masked token of Coder's dashboard is accepted, and with another token refused", async () => {
    const token = Buffer.alloc(32, 7)
    const mask = Buffer.alloc(32, 9)
    const masked = Buffer.concat([mask, token.map((byte, at) => byte ^ (mask[at] ?? 0))]).toString('base64')
    const both = `${cookie()}; csrf_token=${token.toString('base64')}`
    expect((await logoutWith({ cookie: both, 'x-csrf-token': masked })).status).toBe(201)
    const another = Buffer.concat([mask, Buffer.alloc(32, 1)]).toString('base64')
    for (const invalid of [another, '', 'x', '%%%'])
      expectRefusal(await logoutWith({ cookie: both, 'x-csrf-token': invalid }), 400)
    expectRefusal(await logoutWith({ cookie: `${cookie()}; csrf_token=%E0%A4%A`, 'x-csrf-token': masked }), 400)
  })
})
