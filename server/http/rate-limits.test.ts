import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { login } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import { uploadFile } from '../../api/templates/files.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { type CountedRequest, createRateLimits } from './rate-limits.ts'

const minute = 60_000
const member = { id: 'ada', isOwner: false }

function createScene(config = { apiRateLimit: 3, disableRateLimits: false }) {
  let time = 1_000 * minute
  const limits = createRateLimits(config, () => time)
  const send = (
    overrides: Partial<CountedRequest> = {},
    ip = '10.0.0.1',
    headers = {},
    url = '/api/v2/users/me?x=1',
  ) => {
    const headersSent: Record<string, string> = {}
    const request = { url, headers, socket: { remoteAddress: ip } } as IncomingMessage
    try {
      limits.count({ endpoint: getUser, request, caller: member, ...overrides }, (name, value) => {
        headersSent[name] = value
      })
      return { ...headersSent, status: 200 }
    } catch (error) {
      return { ...headersSent, status: (error as { status: number }).status }
    }
  }
  const statuses = (count: number, ...overrides: Parameters<typeof send>) =>
    Array.from({ length: count }, () => send(...overrides).status)
  return { send, statuses, advance: (ms: number) => (time += ms) }
}

describe('the rate limit', () => {
  test('allows a number of requests per minute and returns the remaining one', () => {
    const { send } = createScene()
    expect(send()).toEqual({
      status: 200,
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': String(1_001 * 60),
    })
    expect([send(), send()].map(({ status }) => status)).toEqual([200, 200])
    expect(send()).toMatchObject({ status: 429, 'x-ratelimit-remaining': '0', 'retry-after': '60' })
  })

  test('uses a sliding window: requests of the previous minute count in part', () => {
    const { statuses, advance } = createScene()
    expect(statuses(3)).toEqual([200, 200, 200])
    advance(minute + 1)
    expect(statuses(2)).toEqual([200, 429])
    advance(2 * minute)
    expect(statuses(4)).toEqual([200, 200, 200, 429])
  })

  test('is counted per user, URL and method', () => {
    const { statuses } = createScene()
    expect(statuses(4)).toEqual([200, 200, 200, 429])
    expect(statuses(1, { caller: { id: 'bob', isOwner: false } })).toEqual([200])
    expect(statuses(1, {}, '10.0.0.1', {}, '/api/v2/users/bob')).toEqual([200])
    expect(statuses(1, {}, '10.0.0.1', {}, '/api/v2/users/me?y=2')).toEqual([429])
  })

  test('is counted per peer address without authentication, for IPv6 per network', () => {
    const { statuses } = createScene()
    expect(statuses(4, { caller: null }, '10.0.0.1')).toEqual([200, 200, 200, 429])
    expect(statuses(1, { caller: null }, '10.0.0.2')).toEqual([200])
    expect(statuses(3, { caller: null }, '2001:db8:1:1::1')).toEqual([200, 200, 200])
    expect(statuses(1, { caller: null }, '2001:db8:1:1::2')).toEqual([429])
    expect(statuses(3, { caller: null }, '127.0.0.1')).toEqual([200, 200, 200])
    expect(statuses(1, { caller: null }, '127.0.0.2')).toEqual([429])
  })

  test('is lower for sign-ins, independent of other requests', () => {
    const { statuses, send } = createScene({ apiRateLimit: 1, disableRateLimits: false })
    const signIn = { endpoint: login, caller: null }
    expect(statuses(60, signIn).every((status) => status === 200)).toBe(true)
    for (let at = 0; at < 30_000; at++) send({ caller: null }, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
    expect(send(signIn).status).toBe(429)
    // Other spellings of the URL share the counter.
    for (const url of ['/api/v2/users/logi%6e', '/api/v2/users/login/'])
      expect(send(signIn, '10.0.0.1', {}, url).status).toBe(429)
  })
})

describe('exempt from the rate limit', () => {
  const owner = { caller: { id: 'owner', isOwner: true } }

  test('is an owner on this computer, or elsewhere on request', () => {
    const { statuses } = createScene()
    expect(new Set(statuses(10, owner, '127.0.0.1'))).toEqual(new Set([200]))
    expect(new Set(statuses(10, owner, '10.0.0.1', { 'x-coder-bypass-ratelimit': 'true' }))).toEqual(new Set([200]))
    expect(statuses(4, owner, '10.0.0.1')).toEqual([200, 200, 200, 429])
  })

  test('is no other user', () => {
    const { send } = createScene()
    expect(send({}, '10.0.0.1', { 'x-coder-bypass-ratelimit': 'true' }).status).toBe(428)
  })

  test('is every request if the limits are disabled', () => {
    const { statuses } = createScene({ apiRateLimit: 3, disableRateLimits: true })
    expect(new Set(statuses(100))).toEqual(new Set([200]))
    const signIn = { endpoint: login, caller: null }
    expect(new Set(statuses(100, signIn))).toEqual(new Set([200]))
  })
})

describe('coderd', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ apiRateLimit: '5' })
  })
  afterAll(() => server.close())

  const me = (headers: Record<string, string>) => fetch(`${server.url}/api/v2/users/me`, { headers })

  test('responds with 429 and a retry time above the limit', async () => {
    const { token } = await server.createUser('eager')
    const responses = [await me({ 'coder-session-token': token })]
    // The test may span two minutes, but not three.
    while (responses.at(-1)?.status === 200 && responses.length <= 10)
      responses.push(await me({ 'coder-session-token': token }))
    const last = responses.at(-1)
    expect([last?.status, responses.length > 5]).toEqual([429, true])
    expect(last?.headers.get('x-ratelimit-limit')).toBe('5')
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await last?.json()).toMatchObject({ message: 'Too many requests.' })
  })

  test('counts requests with invalid keys, which prevents guessing', async () => {
    const responses = []
    for (let at = 0; at < 6; at++)
      responses.push(await me({ 'coder-session-token': `aaaaaaaaa${at}-${'b'.repeat(22)}` }))
    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429])
  })

  test('does not limit its owner on this computer, and limits uploads', async () => {
    for (let at = 0; at < 10; at++) expect((await me({ 'coder-session-token': server.token })).status).toBe(200)
    expect(uploadFile.limit).toBe('files')
  })
})
