// How people sign in and out, and what of it is kept.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, getToken } from '../../api/account/api-keys.ts'
import { createFirstUser, getFirstUser, login, logout } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import type { Client } from '../../api/client.ts'
import { createClient } from '../../api/client.ts'
import { createLaunchCode, createOwnLaunchCode, exchangeLaunchCode } from '../../api/local.ts'
import { startServerWithoutUsers, startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const nobody = () => server.clientWith(undefined)
const shell = () => createClient({ baseUrl: server.url, headers: { 'coder-local-secret': server.secret } })
const me = (client: Client) => client.call(getUser, { params: { user: 'me' } })
const exchange = (code: string) => nobody().call(exchangeLaunchCode, { body: { code } })
const freshCode = async () => (await shell().call(createLaunchCode)).code

/** The statuses in which these calls end, in ascending order. */
async function statusesOf(calls: Promise<unknown>[]): Promise<number[]> {
  const ended = await Promise.allSettled(calls)
  const statuses = ended.map((one) =>
    one.status === 'fulfilled' ? 200 : ((one.reason as { status: number }).status ?? -1),
  )
  return statuses.sort((a, b) => a - b)
}

describe('a launch code', () => {
  test('carries its code in the fragment, which no server and no log ever sees', async () => {
    const { url, code } = await shell().call(createLaunchCode)
    expect(new URL(url).hash).toBe(`#code=${code}`)
    expect(new URL(url).search).toBe('')
  })

  test('signs the owner in', async () => {
    const { session_token } = await exchange(await freshCode())
    const user = await me(server.clientWith(session_token))
    expect(user.roles.map(({ name }) => name)).toContain('owner')
  })

  test('signs in once', async () => {
    const code = await freshCode()
    await exchange(code)
    await expect(exchange(code)).rejects.toMatchObject({ status: 401 })
  })

  test('exchanged by two at once yields one session', async () => {
    const code = await freshCode()
    expect(await statusesOf([exchange(code), exchange(code), exchange(code)])).toEqual([200, 401, 401])
  })

  test('that is unknown, or too old, signs nobody in', async () => {
    await expect(exchange('never made')).rejects.toMatchObject({ status: 401 })
    const code = await freshCode()
    await server.context.db
      .updateTable('launch_codes')
      .set({ expires_at: new Date(Date.now() - 1) })
      .execute()
    await expect(exchange(code)).rejects.toMatchObject({ status: 401 })
  })

  test('is given only to who holds the secret of the deployment', async () => {
    await expect(nobody().call(createLaunchCode)).rejects.toMatchObject({ status: 401 })
    await expect(server.client.call(createLaunchCode)).rejects.toMatchObject({ status: 401 })
  })

  test('of a member signs that member in, not the owner', async () => {
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

  test('ends with signing out', async () => {
    const client = server.clientWith(await signIn())
    await me(client)
    await client.call(logout)
    await expect(me(client)).rejects.toMatchObject({ status: 401 })
  })

  test('ends when its time is over', async () => {
    const token = await signIn()
    const [id = ''] = token.split('-')
    await server.context.db
      .updateTable('api_keys')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', id)
      .execute()
    await expect(me(server.clientWith(token))).rejects.toMatchObject({ status: 401 })
  })

  test('slides on with its use, which a named token does not', async () => {
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

  test('shows that its user is there from its first use, and a token when it was used', async () => {
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

  test('with a right id and a wrong secret opens nothing', async () => {
    const [id = ''] = (await signIn()).split('-')
    await expect(me(server.clientWith(`${id}-${'a'.repeat(22)}`))).rejects.toMatchObject({ status: 401 })
  })

  test.each(['', 'x', `${'a'.repeat(10)}-${'b'.repeat(21)}`, "'; drop table users; --"])(
    'of the form "%s" opens nothing',
    async (key) => {
      const answer = await fetch(`${server.url}/api/v2/users/me`, { headers: { 'coder-session-token': key } })
      expect(answer.status).toBe(401)
    },
  )

  test('arrives as a cookie that no script can read and no other site sends', async () => {
    const answer = await fetch(`${server.url}/api/local/launch-codes/exchange`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: await freshCode() }),
    })
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^coder_session_token=/)
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toMatch(/SameSite=(Lax|Strict)/)
    // The key it holds slides on, so that the cookie has no end of its own.
    expect(cookie).not.toMatch(/Max-Age|Expires/i)
  })
})

describe('the first user', () => {
  let empty: TestServer
  beforeAll(async () => {
    empty = await startServerWithoutUsers()
  })
  afterAll(() => empty.close())

  const anyone = () => empty.clientWith(undefined)

  test('is made once, however many ask at once, and owns the deployment', async () => {
    await expect(anyone().call(getFirstUser)).rejects.toMatchObject({ status: 404 })
    const secret = createClient({ baseUrl: empty.url, headers: { 'coder-local-secret': empty.secret } })
    const codes = await Promise.all([secret.call(createLaunchCode), secret.call(createLaunchCode)])
    const byLink = codes.map(({ code }) => anyone().call(exchangeLaunchCode, { body: { code } }))
    const tokens = (await Promise.all(byLink)).map(({ session_token }) => session_token)
    const users = await Promise.all(tokens.map((token) => me(empty.clientWith(token))))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(users[0]?.roles.map(({ name }) => name)).toContain('owner')
    expect(await empty.context.db.selectFrom('users').select('id').execute()).toHaveLength(1)
  })

  test('cannot be made a second time', async () => {
    const body = { username: 'second', email: 'second@example.com', password: 'correct horse battery' }
    await expect(anyone().call(createFirstUser, { body })).rejects.toMatchObject({ status: 409 })
  })
})

describe('a password', () => {
  test('signs in by the address, and a wrong one and an unknown address look the same', async () => {
    const fresh = await startServerWithoutUsers()
    const { db } = fresh.context
    const anyone = fresh.clientWith(undefined)
    const credentials = { email: 'First@Example.com', password: 'correct horse battery' }
    await anyone.call(createFirstUser, { body: { username: 'first', ...credentials } })
    const { session_token } = await anyone.call(login, { body: credentials })
    expect((await me(fresh.clientWith(session_token))).username).toBe('first')
    const refusals = await Promise.allSettled([
      anyone.call(login, { body: { ...credentials, password: 'wrong' } }),
      anyone.call(login, { body: { ...credentials, email: 'nobody@example.com' } }),
    ])
    const [wrong, unknown] = refusals.map((one) => (one.status === 'rejected' ? one.reason : null))
    expect(wrong).toMatchObject({ status: 401 })
    expect(unknown.message).toBe(wrong.message)
    const stored = await db.selectFrom('users').select('hashed_password').executeTakeFirstOrThrow()
    expect(String(stored.hashed_password)).not.toContain(credentials.password)
    await fresh.close()
  })
})
