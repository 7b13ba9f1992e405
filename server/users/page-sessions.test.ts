// Sessions of dashboard pages over a real server: the cookie, which every port of the host receives, is useless alone.

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createSessionKey } from '../../api/account/api-keys.ts'
import { updateUserPassword } from '../../api/account/passwords.ts'
import { logout } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import { createClient } from '../../api/client.ts'
import {
  createOwnLaunchCode,
  exchangeLaunchCode,
  getPageChallenge,
  inspectLaunchCode,
  pageHeader,
  pageKeyHeader,
  pageProofHeader,
  pageProofQuery,
  watchEvents,
} from '../../api/local.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { pagePort, readPageChallenge } from './page-sessions.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const password = 'xkcd-936-horse'
const email = 'page@example.com'
const me = '/api/v2/users/me'

/** Signs in with a password. @returns the session key and, for a page, its page key */
async function signIn(headers: Record<string, string>): Promise<{ key: string; pageKey: string | null }> {
  const response = await fetch(`${server.url}/api/v2/users/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email, password }),
  })
  expect(response.status).toBe(201)
  const { session_token: key } = (await response.json()) as { session_token: string }
  return { key, pageKey: response.headers.get(pageKeyHeader) }
}

const prove = (pageKey: string | null, challenge: string) =>
  createHmac('sha256', Buffer.from(pageKey ?? '', 'base64'))
    .update(challenge)
    .digest('base64url')

const statusWith = async (headers: Record<string, string>) => (await fetch(server.url + me, { headers })).status

beforeAll(async () => {
  const { user } = await server.createUser('page')
  await server.client.call(updateUserPassword, { params: { user: user.id }, body: { password } })
})

test('a key of another client is sufficient by itself', async () => {
  const { key, pageKey } = await signIn({})
  expect(pageKey).toBeNull()
  expect(await statusWith({ cookie: `coder_session_token=${key}` })).toBe(200)
  expect(await statusWith({ 'coder-session-token': key })).toBe(200)
})

describe('the key of a page session', () => {
  let key: string
  let pageKey: string | null
  let proof: string
  beforeEach(async () => {
    ;({ key, pageKey } = await signIn({ [pageHeader]: 'true' }))
    proof = prove(pageKey, (await server.client.call(getPageChallenge)).challenge)
  })

  test('is refused alone, from every place of a request', async () => {
    expect(await statusWith({ cookie: `coder_session_token=${key}` })).toBe(401)
    expect(await statusWith({ 'coder-session-token': key })).toBe(401)
    expect(await statusWith({ authorization: `Bearer ${key}` })).toBe(401)
  })

  test('is accepted with the proof of its page, and creates keys for other programs', async () => {
    expect(await statusWith({ cookie: `coder_session_token=${key}`, [pageProofHeader]: proof })).toBe(200)
    const page = createClient({ baseUrl: server.url, token: key, headers: { [pageProofHeader]: proof } })
    const created = await page.call(createSessionKey, { params: { user: 'me' } })
    expect(await statusWith({ 'coder-session-token': created.key })).toBe(200)
    await page.call(logout)
    expect(await statusWith({ 'coder-session-token': key, [pageProofHeader]: proof })).toBe(401)
  })

  test('opens a WebSocket only with the proof', async () => {
    const open = (query: string) =>
      new WebSocket(server.url.replace('http', 'ws') + watchEvents.path + query, {
        headers: { cookie: `coder_session_token=${key}`, origin: server.url },
      })
    const refused = open('')
    const [, response] = await once(refused, 'unexpected-response')
    expect(response.statusCode).toBe(401)
    refused.on('error', () => undefined).terminate()
    const accepted = open(`?${pageProofQuery}=${proof}`)
    await once(accepted, 'message')
    accepted.terminate()
  })

  test('is refused with the proof of another challenge, session or port', async () => {
    const other = await signIn({ [pageHeader]: 'true' })
    const { challenge } = await server.client.call(getPageChallenge)
    for (const wrong of [prove(pageKey, 'earlier'), prove(other.pageKey, challenge), '', `${proof}=`])
      expect(await statusWith({ 'coder-session-token': key, [pageProofHeader]: wrong })).toBe(401)
    await server.context.pool.query('update api_keys set page_port = page_port + 1 where id = $1', [key.slice(0, 10)])
    server.context.sessions.evict()
    expect(await statusWith({ 'coder-session-token': key, [pageProofHeader]: proof })).toBe(401)
  })
})

test('a link signs a page in, and other clients without a page key', async () => {
  for (const headers of [{}, { [pageHeader]: 'true' }]) {
    const { code } = await server.client.call(createOwnLaunchCode)
    const response = await fetch(server.url + exchangeLaunchCode.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ code }),
    })
    expect(response.headers.has(pageKeyHeader)).toBe(pageHeader in headers)
    const { session_token: key } = (await response.json()) as { session_token: string }
    expect(await statusWith({ 'coder-session-token': key })).toBe(pageHeader in headers ? 401 : 200)
  }
})

test('a page learns whose account a link opens without using the link', async () => {
  const { client } = await server.createUser('sender')
  const { code } = await client.call(createOwnLaunchCode)
  for (let n = 0; n < 2; n++)
    expect(await server.client.call(inspectLaunchCode, { body: { code } })).toEqual({ username: 'sender' })
  const { session_token: token } = await server.client.call(exchangeLaunchCode, { body: { code } })
  const user = await createClient({ baseUrl: server.url, token }).call(getUser, { params: { user: 'me' } })
  expect(user.username).toBe('sender')
  await expect(server.client.call(inspectLaunchCode, { body: { code } })).rejects.toMatchObject({ status: 401 })
})

test('the challenge is new for each start of coderd, unless replicas share a database', async () => {
  const { context } = server
  const challengeOf = (postgresUrl: string, boot: string) =>
    readPageChallenge({ ...context, boot, config: { ...context.config, postgresUrl } })
  expect(await challengeOf('', 'first')).not.toBe(await challengeOf('', 'second'))
  expect(await challengeOf('postgres://elsewhere', 'first')).toBe(await challengeOf('postgres://elsewhere', 'second'))
})

test.each([
  ['http://127.0.0.1:3000', 3000],
  ['http://coder.example.com', 80],
  ['https://coder.example.com', 443],
])('the port of %s is %i', (accessUrl, port) => {
  expect(pagePort({ accessUrl })).toBe(port)
})
