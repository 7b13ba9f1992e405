import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { login } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import { uploadFile } from '../../api/templates/files.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { type CountedRequest, createRateLimits } from './rate-limits.ts'

const minute = 60_000
const member = { id: 'ada', isOwner: false }

function scene(config = { apiRateLimit: 3, disableRateLimits: false }) {
  let time = 1_000 * minute
  const limits = createRateLimits(config, () => time)
  const ask = (asking: Partial<CountedRequest> = {}, ip = '10.0.0.1', headers = {}, url = '/api/v2/users/me?x=1') => {
    const answered: Record<string, string> = {}
    const request = { url, headers, socket: { remoteAddress: ip } } as IncomingMessage
    try {
      limits.count({ endpoint: getUser, request, caller: member, ...asking }, (name, value) => {
        answered[name] = value
      })
      return { ...answered, status: 200 }
    } catch (error) {
      return { ...answered, status: (error as { status: number }).status }
    }
  }
  const statuses = (count: number, ...asking: Parameters<typeof ask>) =>
    Array.from({ length: count }, () => ask(...asking).status)
  return { ask, statuses, pass: (ms: number) => (time += ms) }
}

describe('a minute', () => {
  test('has room for so many requests, and each answer says for how many more', () => {
    const { ask } = scene()
    expect(ask()).toEqual({
      status: 200,
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': String(1_001 * 60),
    })
    expect([ask(), ask()].map(({ status }) => status)).toEqual([200, 200])
    expect(ask()).toMatchObject({ status: 429, 'x-ratelimit-remaining': '0', 'retry-after': '60' })
  })

  test('slides: what came shortly before its begin still counts for a part', () => {
    const { statuses, pass } = scene()
    expect(statuses(3)).toEqual([200, 200, 200])
    pass(minute + 1)
    expect(statuses(2)).toEqual([200, 429])
    pass(2 * minute)
    expect(statuses(4)).toEqual([200, 200, 200, 429])
  })

  test('is counted for each user, address and method alone', () => {
    const { statuses } = scene()
    expect(statuses(4)).toEqual([200, 200, 200, 429])
    expect(statuses(1, { caller: { id: 'bob', isOwner: false } })).toEqual([200])
    expect(statuses(1, {}, '10.0.0.1', {}, '/api/v2/users/bob')).toEqual([200])
    expect(statuses(1, {}, '10.0.0.1', {}, '/api/v2/users/me?y=2')).toEqual([429])
  })

  test('is counted for the peer while nobody is known, of IPv6 for its network', () => {
    const { statuses } = scene()
    expect(statuses(4, { caller: null }, '10.0.0.1')).toEqual([200, 200, 200, 429])
    expect(statuses(1, { caller: null }, '10.0.0.2')).toEqual([200])
    expect(statuses(3, { caller: null }, '2001:db8:1:1::1')).toEqual([200, 200, 200])
    expect(statuses(1, { caller: null }, '2001:db8:1:1::2')).toEqual([429])
  })

  test('holds fewer attempts to sign in, whatever else is asked meanwhile', () => {
    const { statuses, ask } = scene({ apiRateLimit: 1, disableRateLimits: false })
    const signIn = { endpoint: login, caller: null }
    expect(statuses(60, signIn).every((status) => status === 200)).toBe(true)
    for (let at = 0; at < 30_000; at++) ask({ caller: null }, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
    expect(ask(signIn).status).toBe(429)
    // However its address is written.
    for (const url of ['/api/v2/users/logi%6e', '/api/v2/users/login/'])
      expect(ask(signIn, '10.0.0.1', {}, url).status).toBe(429)
  })
})

describe('not counted', () => {
  const owner = { caller: { id: 'owner', isOwner: true } }

  test('is an owner at this computer, or one who asks for it', () => {
    const { statuses } = scene()
    expect(new Set(statuses(10, owner, '127.0.0.1'))).toEqual(new Set([200]))
    expect(new Set(statuses(10, owner, '10.0.0.1', { 'x-coder-bypass-ratelimit': 'true' }))).toEqual(new Set([200]))
    expect(statuses(4, owner, '10.0.0.1')).toEqual([200, 200, 200, 429])
  })

  test('nobody else may ask to be', () => {
    const { ask } = scene()
    expect(ask({}, '10.0.0.1', { 'x-coder-bypass-ratelimit': 'true' }).status).toBe(428)
  })

  test('is anything when the limits are off', () => {
    const { statuses } = scene({ apiRateLimit: 3, disableRateLimits: true })
    expect(new Set(statuses(100))).toEqual(new Set([200]))
    const signIn = { endpoint: login, caller: null }
    expect(new Set(statuses(100, signIn))).toEqual(new Set([200]))
  })
})

describe('a coderd', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ apiRateLimit: '5' })
  })
  afterAll(() => server.close())

  const me = (headers: Record<string, string>) => fetch(`${server.url}/api/v2/users/me`, { headers })

  test('answers one request too many with 429 and when to come again', async () => {
    const { token } = await server.createUser('eager')
    const answers = [await me({ 'coder-session-token': token })]
    // A minute may end meanwhile; two never do.
    while (answers.at(-1)?.status === 200 && answers.length <= 10)
      answers.push(await me({ 'coder-session-token': token }))
    const last = answers.at(-1)
    expect([last?.status, answers.length > 5]).toEqual([429, true])
    expect(last?.headers.get('x-ratelimit-limit')).toBe('5')
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await last?.json()).toMatchObject({ message: 'Too many requests.' })
  })

  test('counts keys that do not hold, so that they cannot be guessed', async () => {
    const answers = []
    for (let at = 0; at < 6; at++) answers.push(await me({ 'coder-session-token': `aaaaaaaaa${at}-${'b'.repeat(22)}` }))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429])
  })

  test('does not count its owner at this computer, and counts the files of others', async () => {
    for (let at = 0; at < 10; at++) expect((await me({ 'coder-session-token': server.token })).status).toBe(200)
    expect(uploadFile.limit).toBe('files')
  })
})
