// Properties of all requests: error responses, response headers, and security headers of pages.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawRequest } from './testing/raw-request.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

function send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: {
      'coder-session-token': server.token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
}

test('a trailing slash does not change the response', async () => {
  const path = '/api/v2/organizations/default/members'
  const members = await (await send('GET', path)).text()
  expect(members).toContain('"username"')
  expect(await (await send('GET', `${path}/`)).text()).toBe(members)
})

describe('error responses', () => {
  test('a write to a read-only database returns 503 with the setting to check, and reads succeed', async () => {
    const client = await server.context.pool.connect()
    const setReadOnly = async (value: 'on' | 'off') => {
      await client.query(`do $$ begin
        execute format('alter database %I set default_transaction_read_only = ${value}', current_database()); end $$`)
      // Open connections keep the previous value.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
    }
    const createToken = async () => {
      const response = await send('POST', '/api/v2/users/me/keys/tokens', '{}')
      return { status: response.status, body: await response.json() }
    }
    // Polls, because a request that gets a terminated connection fails for that reason.
    try {
      await setReadOnly('on')
      const detail = expect.stringContaining('default_transaction_read_only')
      await expect.poll(createToken).toEqual({ status: 503, body: { message: 'The database is read-only.', detail } })
      await expect.poll(async () => (await send('GET', '/api/v2/users/me')).status).toBe(200)
    } finally {
      await setReadOnly('off')
      client.release()
    }
    await expect.poll(createToken).toMatchObject({ status: 201 })
  })

  test('invalid JSON returns 400', async () => {
    const response = await send('POST', '/api/v2/users', '{"username": ')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ message: 'Request body must be valid JSON.' })
  })

  test('values of wrong types return 400 with each field', async () => {
    const response = await send('POST', '/api/v2/users', JSON.stringify({ username: 7, email: 'not an address' }))
    expect(response.status).toBe(400)
    const { message, validations } = (await response.json()) as { message: string; validations: { field: string }[] }
    expect(message).toBe('Validation failed.')
    expect(validations.map(({ field }) => field).sort()).toEqual(['email', 'username'])
  })

  test('missing fields are listed', async () => {
    const response = await send('POST', '/api/v2/users', '{}')
    const { validations } = (await response.json()) as { validations: { field: string; detail: string }[] }
    expect(validations).toEqual(
      expect.arrayContaining([
        { field: 'username', detail: 'is required' },
        { field: 'email', detail: 'is required' },
      ]),
    )
  })

  test.each(['[]', '"text"', '7', 'null'])('the body %s returns 400 because it is not an object', async (body) => {
    expect((await send('POST', '/api/v2/users', body)).status).toBe(400)
  })

  test('an invalid query parameter is named', async () => {
    const response = await send('GET', '/api/v2/users?limit=many')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      message: 'Query parameters have invalid values.',
      validations: [{ field: 'limit' }],
    })
  })

  test.each(['1.5', '0x10', '1e1', 'many'])('the limit %s returns 400 because it is not an integer', async (limit) => {
    expect((await send('GET', `/api/v2/users?limit=${limit}`)).status).toBe(400)
  })

  test('empty query parameters are ignored', async () => {
    expect((await send('GET', '/api/v2/users?limit=&offset=&after_id=&q=')).status).toBe(200)
  })

  test('an invalid ID returns 400', async () => {
    expect((await send('GET', '/api/v2/workspaces/not-an-id')).status).toBe(400)
  })

  test.each(['/api/v2/nothing', '/api/nothing'])(
    'the unknown route %s returns 404 as JSON and not a page',
    async (path) => {
      const response = await send('GET', path)
      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ message: 'Route not found.' })
    },
  )

  test('an unsupported route of Coder returns 404 with the reason', async () => {
    const response = await send('GET', '/.well-known/oauth-authorization-server')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      message: 'Route not found.',
      detail: expect.stringContaining('not an OAuth2 provider'),
    })
  })

  test('a URL with an invalid percent encoding returns 400', async () => {
    expect((await send('GET', '/%E0%A4%A')).status).toBe(400)
    expect((await send('GET', '/api/v2/users/%E0%A4%A')).status).toBe(400)
  })

  test('an unsupported method returns 405 with the supported methods', async () => {
    const response = await send('PUT', '/api/v2/users')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(await response.json()).toEqual({ message: expect.any(String), detail: 'Supported: GET, HEAD, POST.' })
    expect((await send('PATCH', '/api/v2/workspaces/')).headers.get('allow')).toBe('GET, HEAD')
    expect((await send('PUT', '/api/v2/nothing')).status).toBe(404)
    // Routes that only Coder supports are also known.
    expect((await send('POST', '/api/v2/derp-map')).headers.get('allow')).toBe('GET')
    expect((await send('GET', '/api/v2/derp-map')).status).toBe(404)
    expect((await send('DELETE', '/')).status).toBe(404)
    // The raw path is not a known route, although the resolved one is.
    const dotted = { path: '/api/v2/nothing/../buildinfo', headers: { connection: 'close' } }
    expect((await rawRequest(server.url, dotted)).status).toBe(404)
  })

  test('a WebSocket route without an upgrade returns 426 after authentication', async () => {
    const path = '/api/v2/notifications/inbox/watch'
    const response = await send('GET', path)
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
    expect((await fetch(`${server.url}${path}`)).status).toBe(401)
    expect((await send('GET', '/api/v2/workspaceagents/x/pty')).status).toBe(400)
  })

  test('a trailing slash is accepted', async () => {
    expect((await send('GET', '/api/v2/users/me/')).status).toBe(200)
    expect((await send('GET', '/api/v2')).status).toBe(200)
  })

  test('a body above the limit returns 413', async () => {
    const response = await send('POST', '/api/v2/users', JSON.stringify({ username: 'x'.repeat(11 * 1024 * 1024) }))
    expect(response.status).toBe(413)
  })
})

describe('response headers', () => {
  test('contain the compatible version of Coder', async () => {
    const response = await fetch(`${server.url}/api/v2/buildinfo`)
    expect(response.headers.get('x-coder-build-version')).toMatch(/^v2\.30\./)
    expect(await response.json()).toMatchObject({ version: expect.stringMatching(/^v2\.30\./) })
  })

  test('of the API disable caching and content sniffing', async () => {
    const { headers } = await send('GET', '/api/v2/users/me')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('do not allow CORS requests of another origin', async () => {
    const response = await send('OPTIONS', '/api/v2/users/me', undefined, {
      origin: 'http://evil.example',
      'access-control-request-method': 'GET',
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('pages', () => {
  test.each(['/', '/workspaces', '/@somebody/workspace'])(
    'the page %s allows only its own scripts and no framing',
    async (path) => {
      const response = await fetch(server.url + path)
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*'unsafe/)
      expect(policy).toContain(`connect-src 'self' ${server.url.replace('http', 'ws')} `)
      expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    },
  )

  test('a workspace app URL explains that apps are not supported, also inside a frame', async () => {
    const response = await fetch(`${server.url}/@somebody/workspace.main/apps/web/`)
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
    expect(await response.text()).toContain('does not proxy workspace applications')
    expect((await fetch(`${server.url}/@somebody/apps`)).status).toBe(200)
  })

  test('every icon of a template returns an image', async () => {
    for (const path of ['/icon/docker.svg', '/icon/k8s.png', '/icon/made-up.svg', '/emojis/1f4bb.png']) {
      const response = await fetch(server.url + path)
      expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 200, 'image/svg+xml'])
    }
  })

  test('files outside of the dashboard are not served', async () => {
    for (const path of [
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
    ]) {
      const text = await (await fetch(server.url + path)).text()
      expect(text).not.toContain('"devDependencies"')
    }
  })
})
