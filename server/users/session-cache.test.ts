// Revocation of access: the next request is refused and all open streams end, in this coderd and in another one on the
// same database.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createSessionKey, createToken, deleteKey } from '../../api/account/api-keys.ts'
import { updateUserPassword } from '../../api/account/passwords.ts'
import { logout } from '../../api/account/sign-in.ts'
import { deleteUser, getUser, suspendUser } from '../../api/account/users.ts'
import { createOwnLaunchCode, exchangeLaunchCode } from '../../api/local.ts'
import { getWorkspace, listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { openChannels } from '../database/channels.ts'
import { maxStreamsPerUser } from '../http/stream-limit.ts'
import type { Principal } from '../policy/policy.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { build, createLocalWorkspace, createTemplate, createWorkspace } from '../testing/workspace-fixtures.ts'
import { openSessionCache, type SessionCache } from './session-cache.ts'

let server: TestServer
let memberCount = 0
let member: Awaited<ReturnType<TestServer['createUser']>>

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  member = await server.createUser(`member-${++memberCount}`)
})

const params = () => ({ params: { user: member.user.id } })
const me = () => member.client.call(getUser, { params: { user: 'me' } })

/** Opens the user's event stream. Resolves when it is established. */
async function openStream(token = member.token): Promise<{ closed: Promise<number> }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/local/events`, {
    headers: { 'coder-session-token': token },
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'message')
  return { closed }
}

const revocations: readonly [string, () => Promise<unknown>][] = [
  ['is suspended', () => server.client.call(suspendUser, params())],
  ['is deleted', () => server.client.call(deleteUser, params())],
  ['signs out', () => member.client.call(logout)],
  [
    'gets a new password',
    () => server.client.call(updateUserPassword, { ...params(), body: { password: 'xkcd-936-horse' } }),
  ],
  [
    'loses the key',
    () => server.client.call(deleteKey, { params: { user: member.user.id, keyid: member.token.slice(0, 10) } }),
  ],
  [
    'is suspended directly in the database',
    () => server.context.pool.query(`update users set status = 'suspended' where id = $1`, [member.user.id]),
  ],
]

describe.each(revocations)('a user who %s', (revocation, revoke) => {
  test('loses open streams', async () => {
    const { closed } = await openStream()
    await revoke()
    expect(await closed).toBe(1008)
  })

  test('is refused at the next request although the session was cached', async () => {
    await me()
    const { closed } = await openStream()
    await revoke()
    // A direct change takes effect when its notification arrives.
    if (revocation.includes('directly')) await closed
    await expect(me()).rejects.toMatchObject({ status: 401 })
  })
})

describe('a key that expires', () => {
  const soonMs = 2_000
  const expire = (when: Date) =>
    server.context.pool.query('update api_keys set expires_at = $2 where id = $1', [member.token.slice(0, 10), when])

  /** Uses the key, which extends it, and then shortens its expiry. @returns the expiry */
  const shortLived = async (): Promise<number> => {
    await me()
    const expiresAt = Date.now() + soonMs
    await expire(new Date(expiresAt))
    return expiresAt
  }

  test('ends its streams', async () => {
    const expiresAt = await shortLived()
    const { closed } = await openStream()
    expect(await closed).toBe(1008)
    // The stream stays open until the expiry.
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt - 50)
    await expect(me()).rejects.toMatchObject({ status: 401 })
  })

  test('ends its streams if the expiry is moved to an earlier time', async () => {
    const { closed } = await openStream()
    await expire(new Date(Date.now() + soonMs))
    expect(await closed).toBe(1008)
  })

  test('ends a streamed response', async () => {
    const { id: templateId } = await createTemplate(server.client, `bare-${memberCount}`, { 'main.tf': '' })
    const workspace = await createWorkspace(member.client, templateId, 'watched')
    await shortLived()
    const watch = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
      headers: { 'coder-session-token': member.token },
    })
    expect(watch.status).toBe(200)
    const read = async () => {
      for await (const _part of watch.body ?? []);
    }
    await expect(read()).rejects.toThrow()
  })

  test('leaves its streams open if the session was extended', async () => {
    await shortLived()
    const [extended, other] = [await openStream(), await server.createUser(`other-${memberCount}`)]
    await other.client.call(getUser, { params: { user: 'me' } })
    await server.context.pool.query('update api_keys set expires_at = $2 where id = $1', [
      other.token.slice(0, 10),
      new Date(Date.now() + 2 * soonMs),
    ])
    const later = await openStream(other.token)
    let extendedEnded = false
    void extended.closed.then(() => {
      extendedEnded = true
    })
    await expire(new Date(Date.now() + 60_000))
    // The original expiry of the first key passed one second earlier.
    await later.closed
    expect(extendedEnded).toBe(false)
    await server.client.call(suspendUser, params())
    expect(await extended.closed).toBe(1008)
  })
})

test('signing out ends the streams of that session only', async () => {
  const { key } = await member.client.call(createSessionKey, { params: { user: 'me' } })
  const [ended, other] = [await openStream(), await openStream(key)]
  let otherEnded = false
  void other.closed.then(() => {
    otherEnded = true
  })
  await member.client.call(logout)
  await ended.closed
  expect(otherEnded).toBe(false)
  await server.client.call(suspendUser, params())
  await other.closed
})

test('an unused launch link is invalidated by a password change', async () => {
  const { code } = await member.client.call(createOwnLaunchCode)
  await server.client.call(updateUserPassword, { ...params(), body: { password: 'xkcd-936-horse' } })
  await expect(server.clientWith(undefined).call(exchangeLaunchCode, { body: { code } })).rejects.toMatchObject({
    status: 401,
  })
})

test('a watch over server-sent events is aborted when the user is suspended', async () => {
  const { id: templateId } = await createTemplate(server.client, `bare-${memberCount}`, { 'main.tf': '' })
  const workspace = await createWorkspace(member.client, templateId, 'watched')
  const watch = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    headers: { 'coder-session-token': member.token },
  })
  expect(watch.status).toBe(200)
  const read = (async () => {
    for await (const _part of watch.body ?? []);
  })()
  // Aborted instead of completed: the client must not treat the last event as final.
  const aborted = expect(read).rejects.toThrow()
  await server.client.call(suspendUser, params())
  await aborted
})

test('deleting a key closes its terminals even if the shell prints nothing', async () => {
  await ensureStarterTemplates(server.context)
  const { workspace, agent } = await createLocalWorkspace(server.client, 'here')
  const { key } = await server.client.call(createSessionKey, { params: { user: 'me' } })
  const path = `/api/v2/workspaceagents/${agent.id}/pty?reconnect=${crypto.randomUUID()}&protocol=2`
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers: { 'coder-session-token': key } })
  const closed = once(socket, 'close')
  await once(socket, 'message')
  await server.client.call(deleteKey, { params: { user: 'me', keyid: key.slice(0, 10) } })
  expect((await closed)[0]).toBe(1008)
  await build(server.client, workspace.id, 'delete')
}, 60_000)

test('a token restricted to one workspace lists and reads no other', async () => {
  const { id: templateId } = await createTemplate(server.client, `bare-${memberCount}`, { 'main.tf': '' })
  const [allowed, other] = [
    await createWorkspace(member.client, templateId, 'one'),
    await createWorkspace(member.client, templateId, 'other'),
  ]
  const allow_list = [`workspace:${allowed.id}`]
  for (const { client } of [member, server]) {
    const { key } = await client.call(createToken, { params: { user: 'me' }, body: { allow_list } })
    const limited = server.clientWith(key)
    const { workspaces, count } = await limited.call(listWorkspaces, { query: { limit: 25 } })
    expect([workspaces.map(({ id }) => id), count]).toEqual([[allowed.id], 1])
    expect((await limited.call(getWorkspace, { params: { workspace: allowed.id } })).name).toBe('one')
    await expect(limited.call(getWorkspace, { params: { workspace: other.id } })).rejects.toMatchObject({ status: 404 })
  }
})

const signedInMember = () => ({
  userId: member.user.id,
  username: member.user.username,
  email: member.user.email,
  roles: [],
  organizationRoles: {},
  customRoles: {},
  groupIds: [],
  limits: { scopes: ['all'], allowList: [] },
})

test('a user has a limited number of open streams, in which other users have no share', async () => {
  const { sessions } = server.context
  const { user, token } = member
  const principal = { userId: user.id, keyId: token.slice(0, 10) } as Principal
  const first = await openStream()
  const releases = Array.from({ length: maxStreamsPerUser - 1 }, () => sessions.trackStream(principal, () => undefined))
  expect(sessions.countStreams(user.id)).toBe(maxStreamsPerUser)

  const refused = new WebSocket(`${server.url.replace('http', 'ws')}/api/local/events`, {
    headers: { 'coder-session-token': token },
  })
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(429)
  response.resume()
  refused.on('error', () => undefined).terminate()
  await openStream(server.token)

  for (const release of releases) release()
  await openStream()
  expect(sessions.countStreams(user.id)).toBe(2)
  await server.client.call(suspendUser, params())
  expect(await first.closed).toBe(1008)
})

describe('another coderd on the same database', () => {
  let cache: SessionCache
  let close: () => Promise<void>
  beforeAll(async () => {
    const { config, db } = server.context
    const channels = await openChannels({ url: config.postgresUrl })
    cache = await openSessionCache(db, channels)
    close = () => channels.close()
  })
  afterAll(() => close())

  test('ends its own streams', async () => {
    const closed = new Promise<void>((resolve) => {
      cache.trackStream({ ...signedInMember(), keyId: member.token.slice(0, 10) }, resolve)
    })
    await server.client.call(suspendUser, params())
    await closed
  })

  test('ends a new stream of a user who lost access after authentication', async () => {
    await server.client.call(suspendUser, params())
    await new Promise<void>((resolve) => {
      cache.trackStream({ ...signedInMember(), keyId: member.token.slice(0, 10) }, resolve)
    })
  })
})
