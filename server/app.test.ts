// What every request may rely on, whatever it asks for: errors that say what is wrong, and headers that keep pages safe.

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

test('an address means the same with a slash behind it', async () => {
  const path = '/api/v2/organizations/default/members'
  const members = await (await send('GET', path)).text()
  expect(members).toContain('"username"')
  expect(await (await send('GET', `${path}/`)).text()).toBe(members)
})

describe('an error', () => {
  test('of a database that takes no changes says so, and what to look at; reading goes on', async () => {
    const client = await server.context.pool.connect()
    const setReadOnly = async (value: 'on' | 'off') => {
      await client.query(`do $$ begin
        execute format('alter database %I set default_transaction_read_only = ${value}', current_database()); end $$`)
      // Those that are open go by what was.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
    }
    await setReadOnly('on')
    const answer = await send('POST', '/api/v2/users/me/keys/tokens', '{}')
    const read = await send('GET', '/api/v2/users/me')
    await setReadOnly('off')
    client.release()
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({
      message: 'The database is read-only.',
      detail: expect.stringContaining('default_transaction_read_only'),
    })
    expect(read.status).toBe(200)
    expect((await send('POST', '/api/v2/users/me/keys/tokens', '{}')).status).toBe(201)
  })

  test('of broken JSON says that it is broken', async () => {
    const answer = await send('POST', '/api/v2/users', '{"username": ')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ message: 'Request body must be valid JSON.' })
  })

  test('of wrong types names each field', async () => {
    const answer = await send('POST', '/api/v2/users', JSON.stringify({ username: 7, email: 'not an address' }))
    expect(answer.status).toBe(400)
    const { message, validations } = (await answer.json()) as { message: string; validations: { field: string }[] }
    expect(message).toBe('Validation failed.')
    expect(validations.map(({ field }) => field).sort()).toEqual(['email', 'username'])
  })

  test('of missing fields names each of them', async () => {
    const answer = await send('POST', '/api/v2/users', '{}')
    const { validations } = (await answer.json()) as { validations: { field: string; detail: string }[] }
    expect(validations).toEqual(
      expect.arrayContaining([
        { field: 'username', detail: 'is required' },
        { field: 'email', detail: 'is required' },
      ]),
    )
  })

  test.each(['[]', '"text"', '7', 'null'])('of the body %s, which is no object, is a 400', async (body) => {
    expect((await send('POST', '/api/v2/users', body)).status).toBe(400)
  })

  test('of a query names the parameter', async () => {
    const answer = await send('GET', '/api/v2/users?limit=many')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      message: 'Query parameters have invalid values.',
      validations: [{ field: 'limit' }],
    })
  })

  test.each(['1.5', '0x10', '1e1', 'many'])('of the limit %s, which is no integer, is a 400', async (limit) => {
    expect((await send('GET', `/api/v2/users?limit=${limit}`)).status).toBe(400)
  })

  test('is none for what a query leaves empty', async () => {
    expect((await send('GET', '/api/v2/users?limit=&offset=&after_id=&q=')).status).toBe(200)
  })

  test('of an id that is none is a 400', async () => {
    expect((await send('GET', '/api/v2/workspaces/not-an-id')).status).toBe(400)
  })

  test.each(['/api/v2/nothing', '/api/nothing'])('of %s is a 404 in JSON, never a page', async (path) => {
    const answer = await send('GET', path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ message: 'Route not found.' })
  })

  test('of a route of Coder that is not served says why', async () => {
    const answer = await send('GET', '/.well-known/oauth-authorization-server')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({
      message: 'Route not found.',
      detail: expect.stringContaining('not an OAuth2 provider'),
    })
  })

  test('of an address with a broken % is a 400', async () => {
    expect((await send('GET', '/%E0%A4%A')).status).toBe(400)
    expect((await send('GET', '/api/v2/users/%E0%A4%A')).status).toBe(400)
  })

  test('of an unsupported method is a 405 that lists the supported methods', async () => {
    const answer = await send('PUT', '/api/v2/users')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(await answer.json()).toEqual({ message: expect.any(String), detail: 'Supported: GET, HEAD, POST.' })
    expect((await send('PATCH', '/api/v2/workspaces/')).headers.get('allow')).toBe('GET, HEAD')
    expect((await send('PUT', '/api/v2/nothing')).status).toBe(404)
    // What Coder answers and we do not is known too.
    expect((await send('POST', '/api/v2/derp-map')).headers.get('allow')).toBe('GET')
    expect((await send('GET', '/api/v2/derp-map')).status).toBe(404)
    expect((await send('DELETE', '/')).status).toBe(404)
    // By its spelling none of ours, although it reads as one.
    const dotted = { path: '/api/v2/nothing/../buildinfo', headers: { connection: 'close' } }
    expect((await rawRequest(server.url, dotted)).status).toBe(404)
  })

  test('of an address of WebSockets without an upgrade is a 426, once it is known who asks', async () => {
    const path = '/api/v2/notifications/inbox/watch'
    const answer = await send('GET', path)
    expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket'])
    expect((await fetch(`${server.url}${path}`)).status).toBe(401)
    expect((await send('GET', '/api/v2/workspaceagents/x/pty')).status).toBe(400)
  })

  test('is none for a slash at the end', async () => {
    expect((await send('GET', '/api/v2/users/me/')).status).toBe(200)
    expect((await send('GET', '/api/v2')).status).toBe(200)
  })

  test('of a body larger than any we take is a 413', async () => {
    const answer = await send('POST', '/api/v2/users', JSON.stringify({ username: 'x'.repeat(11 * 1024 * 1024) }))
    expect(answer.status).toBe(413)
  })
})

describe('an answer', () => {
  test('names the Coder version whose contract it follows', async () => {
    const answer = await fetch(`${server.url}/api/v2/buildinfo`)
    expect(answer.headers.get('x-coder-build-version')).toMatch(/^v2\.30\./)
    expect(await answer.json()).toMatchObject({ version: expect.stringMatching(/^v2\.30\./) })
  })

  test('of the API is kept by no cache and guessed at by no browser', async () => {
    const { headers } = await send('GET', '/api/v2/users/me')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('to a question of another origin about CORS allows nothing', async () => {
    const answer = await send('OPTIONS', '/api/v2/users/me', undefined, {
      origin: 'http://evil.example',
      'access-control-request-method': 'GET',
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a page', () => {
  test.each(['/', '/workspaces', '/@somebody/workspace'])(
    'at %s runs no script but ours and stands in no frame',
    async (path) => {
      const answer = await fetch(server.url + path)
      expect(answer.status).toBe(200)
      const policy = answer.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*'unsafe/)
      expect(policy).toContain(`connect-src 'self' ${server.url.replace('http', 'ws')} `)
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    },
  )

  test('says where Coder opens an application that none is opened, also in a frame of its page', async () => {
    const answer = await fetch(`${server.url}/@somebody/workspace.main/apps/web/`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
    expect(await answer.text()).toContain('does not proxy workspace applications')
    expect((await fetch(`${server.url}/@somebody/apps`)).status).toBe(200)
  })

  test('answers a picture for every icon that a template may name', async () => {
    for (const path of ['/icon/docker.svg', '/icon/k8s.png', '/icon/made-up.svg', '/emojis/1f4bb.png']) {
      const answer = await fetch(server.url + path)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'image/svg+xml'])
    }
  })

  test('never shows a file outside the dashboard', async () => {
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
