// Sign-in and sign-out: launch codes, sessions, the first user and passwords.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, getToken } from '../../api/account/api-keys.ts'
import { createFirstUser, getFirstUser, login, logout } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import { type Client, createClient } from '../../api/client.ts'
import { createLaunchCode, createOwnLaunchCode, exchangeLaunchCode } from '../../api/local.ts'
import { startServerWithoutUsers, startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const anonymous = () => server.clientWith(undefined)
const shell = () => createClient({ baseUrl: server.url, headers: { 'coder-local-secret': server.secret } })
const me = (client: Client) => client.call(getUser, { params: { user: 'me' } })
const exchange = (code: string) => anonymous().call(exchangeLaunchCode, { body: { code } })
const freshCode = async () => (await shell().call(createLaunchCode)).code

/** The sorted statuses of the calls. */
async function statusesOf(calls: Promise<unknown>[]): Promise<number[]> {
  const results = await Promise.allSettled(calls)
  const statuses = results.map((result) =>
    result.status === 'fulfilled' ? 200 : ((result.reason as { status: number }).status ?? -1),
  )
  return statuses.sort((a, b) => a - b)
}

describe('a launch code', () => {
  test('is sent in the URL fragment, which servers and logs do not receive', async () => {
    const { url, code } = await shell().call(createLaunchCode)
    expect(new URL(url).hash).toBe(`#code=${code}`)
    expect(new URL(url).search).toBe('')
  })

  test('signs the owner in', async () => {
    const { session_token } = await exchange(await freshCode())
    const user = await me(server.clientWith(session_token))
    expect(user.roles.map(({ name }) => name)).toContain('owner')
  })

  test('can be used once', async () => {
    const code = await freshCode()
    await exchange(code)
    await expect(exchange(code)).rejects.toMatchObject({ status: 401 })
  })

  test('that is exchanged concurrently creates one session', async () => {
    const code = await freshCode()
    expect(await statusesOf([exchange(code), exchange(code), exchange(code)])).toEqual([200, 401, 401])
  })

  test('that is unknown or expired is refused', async () => {
    await expect(exchange('never made')).rejects.toMatchObject({ status: 401 })
    const code = await freshCode()
    await server.context.db
      .updateTable('launch_codes')
      .set({ expires_at: new Date(Date.now() - 1) })
      .execute()
    await expect(exchange(code)).rejects.toMatchObject({ status: 401 })
  })

  test('can only be created with the secret of the deployment', async () => {
    await expect(anonymous().call(createLaunchCode)).rejects.toMatchObject({ status: 401 })
    await expect(server.client.call(createLaunchCode)).rejects.toMatchObject({ status: 401 })
  })

  test('of a member signs in that member, not the owner', async () => {
    const { client, user } = await server.createUser('opener')
    const { code } = await client.call(createOwnLaunchCode)
    const { session_token } = await exchange(code)
    expect((await me(server.clientWith(session_token))).id).toBe(user.id)
  })

  test('is stored as a hash', async () => {
    const code = await freshCode()
    const rows = await server.context.db.selectFrom('launch_codes').selectAll().execute()
    expect(JSON.stringify(rows.map((row) => ({ ...row, hashed_code: row.hashed_code.toString() })))).not.toContain(code)
  })
})

describe('a session', () => {
  const signIn = async () => (await exchange(await freshCode())).session_token

  test('is stored as a hash', async () => {
    const [id = '', secret = ''] = (await signIn()).split('-')
    const row = await server.context.db
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row.hashed_secret).toHaveLength(32)
    expect(Buffer.from(row.hashed_secret).toString('latin1')).not.toContain(secret)
  })

  test('ends at sign-out', async () => {
    const client = server.clientWith(await signIn())
    await me(client)
    await client.call(logout)
    await expect(me(client)).rejects.toMatchObject({ status: 401 })
  })

  test('ends at its expiry', async () => {
    const token = await signIn()
    const [id = ''] = token.split('-')
    await server.context.db
      .updateTable('api_keys')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', id)
      .execute()
    await expect(me(server.clientWith(token))).rejects.toMatchObject({ status: 401 })
  })

  test('is extended by use, while a named token is not', async () => {
    const idOf = (key: string) => key.split('-')[0] ?? ''
    const session = await signIn()
    const { key: named } = await server.client.call(createToken, {
      params: { user: 'me' },
      body: { token_name: 'ci', lifetime: 3_600_000_000_000 },
    })
    const soon = new Date(Date.now() + 60_000)
    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    for (const key of [session, named]) {
      await server.context.db
        .updateTable('api_keys')
        .set({ expires_at: soon, last_used_at: longAgo })
        .where('id', '=', idOf(key))
        .execute()
      await me(server.clientWith(key))
    }
    const expiryOf = async (key: string) =>
      (
        await server.context.db
          .selectFrom('api_keys')
          .select('expires_at')
          .where('id', '=', idOf(key))
          .executeTakeFirstOrThrow()
      ).expires_at
    expect((await expiryOf(session)).getTime()).toBeGreaterThan(soon.getTime())
    expect(await expiryOf(named)).toEqual(soon)
  })

  test('updates the last-seen time of its user, and a token its last use', async () => {
    const { db } = server.context
    await db.updateTable('users').set({ last_seen_at: null }).execute()
    const client = server.clientWith(await signIn())
    await me(client)
    expect((await me(client)).last_seen_at).toMatch(/^20/)
    const { key } = await client.call(createToken, { params: { user: 'me' }, body: { token_name: 'waits' } })
    const params = { user: 'me', keyname: 'waits' }
    expect(await client.call(getToken, { params })).toMatchObject({ last_used: '0001-01-01T00:00:00Z' })
    await me(server.clientWith(key))
    expect((await client.call(getToken, { params })).last_used).toMatch(/^20/)
  })

  test('with a valid ID and a wrong secret is refused', async () => {
    const [id = ''] = (await signIn()).split('-')
    await expect(me(server.clientWith(`${id}-${'a'.repeat(22)}`))).rejects.toMatchObject({ status: 401 })
  })

  test.each(['', 'x', `${'a'.repeat(10)}-${'b'.repeat(21)}`, "'; drop table users; --"])(
    'with the malformed key "%s" is refused',
    async (key) => {
      const response = await fetch(`${server.url}/api/v2/users/me`, { headers: { 'coder-session-token': key } })
      expect(response.status).toBe(401)
    },
  )

  test('is stored in a cookie that scripts cannot read and other sites do not send', async () => {
    const response = await fetch(`${server.url}/api/local/launch-codes/exchange`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: await freshCode() }),
    })
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^coder_session_token=/)
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toMatch(/SameSite=(Lax|Strict)/)
    // Use of the key extends the session, so the cookie has no expiry.
    expect(cookie).not.toMatch(/Max-Age|Expires/i)
  })
})

describe('the first user', () => {
  let empty: TestServer
  beforeAll(async () => {
    empty = await startServerWithoutUsers()
  })
  afterAll(() => empty.close())

  const emptyClient = () => empty.clientWith(undefined)

  test('is created once by concurrent requests, and owns the deployment', async () => {
    await expect(emptyClient().call(getFirstUser)).rejects.toMatchObject({ status: 404 })
    const secret = createClient({ baseUrl: empty.url, headers: { 'coder-local-secret': empty.secret } })
    const codes = await Promise.all([secret.call(createLaunchCode), secret.call(createLaunchCode)])
    const byLink = codes.map(({ code }) => emptyClient().call(exchangeLaunchCode, { body: { code } }))
    const tokens = (await Promise.all(byLink)).map(({ session_token }) => session_token)
    const users = await Promise.all(tokens.map((token) => me(empty.clientWith(token))))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(users[0]?.roles.map(({ name }) => name)).toContain('owner')
    expect(await empty.context.db.selectFrom('users').select('id').execute()).toHaveLength(1)
  })

  test('cannot be created again', async () => {
    const body = { username: 'second', email: 'second@example.com', password: 'correct horse battery' }
    await expect(emptyClient().call(createFirstUser, { body })).rejects.toMatchObject({ status: 409 })
  })
})

describe('a password', () => {
  test('or email that is too long is refused before it is processed', async () => {
    const credentials = { email: 'first@example.com', password: 'correct horse battery' }
    const bodies = [
      { ...credentials, password: '\u0315\u0300'.repeat(40_000) },
      { ...credentials, email: `${'a'.repeat(2_000_000)}@example.com` },
    ]
    for (const body of bodies) {
      await expect(anonymous().call(login, { body })).rejects.toMatchObject({ status: 400 })
    }
  })

  test('signs in with the email, and the errors for a wrong password and an unknown email are equal', async () => {
    const fresh = await startServerWithoutUsers()
    const { db } = fresh.context
    const client = fresh.clientWith(undefined)
    const credentials = { email: 'First@Example.com', password: 'correct horse battery' }
    await client.call(createFirstUser, { body: { username: 'first', ...credentials } })
    const { session_token } = await client.call(login, { body: credentials })
    expect((await me(fresh.clientWith(session_token))).username).toBe('first')
    const refusals = await Promise.allSettled([
      client.call(login, { body: { ...credentials, password: 'wrong' } }),
      client.call(login, { body: { ...credentials, email: 'nobody@example.com' } }),
    ])
    const [wrong, unknown] = refusals.map((result) => (result.status === 'rejected' ? result.reason : null))
    expect(wrong).toMatchObject({ status: 401 })
    expect(unknown.message).toBe(wrong.message)
    const stored = await db.selectFrom('users').select('hashed_password').executeTakeFirstOrThrow()
    expect(String(stored.hashed_password)).not.toContain(credentials.password)
    await fresh.close()
  })
})
