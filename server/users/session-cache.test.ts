// Whoever is shut out or signs out is gone at once: the next request, and every stream that was open, in this coderd and
// in another one on the same database.

import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createSessionKey, createToken, deleteKey } from '../../api/account/api-keys.ts'
import { updateUserPassword } from '../../api/account/passwords.ts'
import { logout } from '../../api/account/sign-in.ts'
import { deleteUser, getUser, suspendUser } from '../../api/account/users.ts'
import { createOwnLaunchCode, exchangeLaunchCode } from '../../api/local.ts'
import { getWorkspace, listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { openChannels } from '../database/channels.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { build, createLocalWorkspace, createTemplate, createWorkspace } from '../testing/workspace-fixtures.ts'
import { openSessionCache, type SessionCache } from './session-cache.ts'

let server: TestServer
let names = 0
let person: Awaited<ReturnType<TestServer['createUser']>>

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  person = await server.createUser(`person-${++names}`)
})

const params = () => ({ params: { user: person.user.id } })
const me = () => person.client.call(getUser, { params: { user: 'me' } })

/** Opens the stream of events as the person, and resolves when it stands. */
async function openStream(token = person.token): Promise<{ ended: Promise<number> }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/local/events`, {
    headers: { 'coder-session-token': token },
  })
  const ended = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'message')
  return { ended }
}

const ways: readonly [string, () => Promise<unknown>][] = [
  ['is suspended', () => server.client.call(suspendUser, params())],
  ['is deleted', () => server.client.call(deleteUser, params())],
  ['signs out', () => person.client.call(logout)],
  [
    'gets a new password',
    () => server.client.call(updateUserPassword, { ...params(), body: { password: 'xkcd-936-horse' } }),
  ],
  [
    'loses the key',
    () => server.client.call(deleteKey, { params: { user: person.user.id, keyid: person.token.slice(0, 10) } }),
  ],
  [
    'is suspended behind the back of the program',
    () => server.context.pool.query(`update users set status = 'suspended' where id = $1`, [person.user.id]),
  ],
]

describe.each(ways)('somebody who %s', (way, shutOut) => {
  test('has no open stream any more', async () => {
    const { ended } = await openStream()
    await shutOut()
    expect(await ended).toBe(1008)
  })

  test('is refused at the next request, though remembered from the last', async () => {
    await me()
    const { ended } = await openStream()
    await shutOut()
    // Told by the database alone, it takes as long as the notification.
    if (way.includes('behind')) await ended
    await expect(me()).rejects.toMatchObject({ status: 401 })
  })
})

describe('a key that expires', () => {
  const soonMs = 2_000
  const expire = (when: Date) =>
    server.context.pool.query('update api_keys set expires_at = $2 where id = $1', [person.token.slice(0, 10), when])

  /** A key whose time is nearly over. Its first use, which prolongs it, is behind it. @returns when it is over */
  const shortLived = async (): Promise<number> => {
    await me()
    const expiresAt = Date.now() + soonMs
    await expire(new Date(expiresAt))
    return expiresAt
  }

  test('ends its streams', async () => {
    const expiresAt = await shortLived()
    const { ended } = await openStream()
    expect(await ended).toBe(1008)
    // Not before its time: the stream was good until then.
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt - 50)
    await expect(me()).rejects.toMatchObject({ status: 401 })
  })

  test('ends its streams also when its end was put forward while they were open', async () => {
    const { ended } = await openStream()
    await expire(new Date(Date.now() + soonMs))
    expect(await ended).toBe(1008)
  })

  test('ends an answer that goes on, too', async () => {
    const { id: templateId } = await createTemplate(server.client, `bare-${names}`, { 'main.tf': '' })
    const workspace = await createWorkspace(person.client, templateId, 'watched')
    await shortLived()
    const watch = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
      headers: { 'coder-session-token': person.token },
    })
    expect(watch.status).toBe(200)
    const read = async () => {
      for await (const _part of watch.body ?? []);
    }
    await expect(read()).rejects.toThrow()
  })

  test('leaves them open when its session has slid on meanwhile', async () => {
    await shortLived()
    const [slid, other] = [await openStream(), await server.createUser(`other-${names}`)]
    await other.client.call(getUser, { params: { user: 'me' } })
    await server.context.pool.query('update api_keys set expires_at = $2 where id = $1', [
      other.token.slice(0, 10),
      new Date(Date.now() + 2 * soonMs),
    ])
    const later = await openStream(other.token)
    let slidEnded = false
    void slid.ended.then(() => {
      slidEnded = true
    })
    await expire(new Date(Date.now() + 60_000))
    // By then that of the first would have been over for a second.
    await later.ended
    expect(slidEnded).toBe(false)
    await server.client.call(suspendUser, params())
    expect(await slid.ended).toBe(1008)
  })
})

test('signing out ends the streams of that session only', async () => {
  const { key } = await person.client.call(createSessionKey, { params: { user: 'me' } })
  const [one, other] = [await openStream(), await openStream(key)]
  let otherEnded = false
  void other.ended.then(() => {
    otherEnded = true
  })
  await person.client.call(logout)
  await one.ended
  expect(otherEnded).toBe(false)
  await server.client.call(suspendUser, params())
  await other.ended
})

test('a link into the dashboard that waits to be opened ends with the password', async () => {
  const { code } = await person.client.call(createOwnLaunchCode)
  await server.client.call(updateUserPassword, { ...params(), body: { password: 'xkcd-936-horse' } })
  await expect(server.clientWith(undefined).call(exchangeLaunchCode, { body: { code } })).rejects.toMatchObject({
    status: 401,
  })
})

test('a watch over server-sent events ends too', async () => {
  const { id: templateId } = await createTemplate(server.client, `bare-${names}`, { 'main.tf': '' })
  const workspace = await createWorkspace(person.client, templateId, 'watched')
  const watch = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    headers: { 'coder-session-token': person.token },
  })
  expect(watch.status).toBe(200)
  const read = (async () => {
    for await (const _part of watch.body ?? []);
  })()
  // Cut off, not brought to an end: a client must not take it for the last word.
  const cutOff = expect(read).rejects.toThrow()
  await server.client.call(suspendUser, params())
  await cutOff
})

test('a terminal is closed, also while its shell says nothing', async () => {
  await ensureStarterTemplates(server.context)
  const { workspace, agent } = await createLocalWorkspace(server.client, 'here')
  const { key } = await server.client.call(createSessionKey, { params: { user: 'me' } })
  const path = `/api/v2/workspaceagents/${agent.id}/pty?reconnect=${crypto.randomUUID()}&protocol=2`
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers: { 'coder-session-token': key } })
  const ended = once(socket, 'close')
  await once(socket, 'message')
  await server.client.call(deleteKey, { params: { user: 'me', keyid: key.slice(0, 10) } })
  expect((await ended)[0]).toBe(1008)
  await build(server.client, workspace.id, 'delete')
}, 60_000)

test('a token for one workspace lists that one, and reaches no other', async () => {
  const { id: templateId } = await createTemplate(server.client, `bare-${names}`, { 'main.tf': '' })
  const [one, other] = [
    await createWorkspace(person.client, templateId, 'one'),
    await createWorkspace(person.client, templateId, 'other'),
  ]
  const allow_list = [`workspace:${one.id}`]
  for (const { client } of [person, server]) {
    const { key } = await client.call(createToken, { params: { user: 'me' }, body: { allow_list } })
    const limited = server.clientWith(key)
    const { workspaces, count } = await limited.call(listWorkspaces, { query: { limit: 25 } })
    expect([workspaces.map(({ id }) => id), count]).toEqual([[one.id], 1])
    expect((await limited.call(getWorkspace, { params: { workspace: one.id } })).name).toBe('one')
    await expect(limited.call(getWorkspace, { params: { workspace: other.id } })).rejects.toMatchObject({ status: 404 })
  }
})

const signedInUserOf = () => ({
  userId: person.user.id,
  username: person.user.username,
  email: person.user.email,
  roles: [],
  organizationRoles: {},
  customRoles: {},
  groupIds: [],
  limits: { scopes: ['all'], allowList: [] },
})

describe('another coderd on the same database', () => {
  let access: SessionCache
  let close: () => Promise<void>
  beforeAll(async () => {
    const { config, db } = server.context
    const channels = await openChannels({ url: config.postgresUrl })
    access = await openSessionCache(db, channels)
    close = () => channels.close()
  })
  afterAll(() => close())

  test('ends the streams it holds', async () => {
    const ended = new Promise<void>((resolve) => {
      access.trackStream({ ...signedInUserOf(), keyId: person.token.slice(0, 10) }, resolve)
    })
    await server.client.call(suspendUser, params())
    await ended
  })

  test('holds no stream of somebody who was shut out since the question who asks', async () => {
    await server.client.call(suspendUser, params())
    await new Promise<void>((resolve) => {
      access.trackStream({ ...signedInUserOf(), keyId: person.token.slice(0, 10) }, resolve)
    })
  })
})
