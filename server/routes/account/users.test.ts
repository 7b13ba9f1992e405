// Users over REST: search, creation, changes and suspension. A user cannot gain permissions beyond their own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateUserPassword } from '../../../api/account/passwords.ts'
import {
  activateUser,
  createUser,
  deleteUser,
  getUser,
  getUserRoles,
  listUsers,
  suspendUser,
  updateUserProfile,
  updateUserRoles,
} from '../../../api/account/users.ts'
import { listSiteRoles } from '../../../api/organizations/roles.ts'
import { notificationTemplates } from '../../notifications/templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>
let server: TestServer
let users: Record<'ada' | 'bob' | 'cleo' | 'userAdmin', TestUser>

beforeAll(async () => {
  server = await startTestServer()
  users = {
    ada: await server.createUser('ada'),
    bob: await server.createUser('Bob'),
    cleo: await server.createUser('cleo'),
    userAdmin: await server.createUser('user-admin'),
  }
  await setRoles(users.userAdmin, ['user-admin'])
})
afterAll(() => server.close())

const paramsOf = ({ user }: TestUser) => ({ params: { user: user.id } })
const setRoles = (target: TestUser, roles: string[]) =>
  server.client.call(updateUserRoles, { ...paramsOf(target), body: { roles } })
const find = async (q: string, more: object = {}) => {
  const { users, count } = await server.client.call(listUsers, { query: { q, ...more } })
  return { names: users.map(({ username }) => username), count }
}

describe('the list', () => {
  test('is sorted by name, ignoring case, and includes the total count', async () => {
    const { names, count } = await find('search:@example.com')
    expect(names).toEqual(['ada', 'Bob', 'cleo', 'user-admin'])
    expect(count).toBe(4)
  })

  test('is paged by offset or by the last ID', async () => {
    expect(await find('search:@example.com', { limit: 2, offset: 1 })).toEqual({ names: ['Bob', 'cleo'], count: 4 })
    const after = await find('search:@example.com', { limit: 2, after_id: users.ada.user.id })
    expect(after).toEqual({ names: ['Bob', 'cleo'], count: 4 })
  })

  test.each([
    ['BOB', ['Bob']],
    ['search:bob', ['Bob']],
    ['status:active ada', ['ada']],
    ['status:suspended', []],
    ['role:user-admin', ['user-admin']],
    ['role:member ada', ['ada']],
    ['login_type:none ada', ['ada']],
    ['login_type:password', []],
    ['created_after:"2020-01-01T00:00:00Z" ada', ['ada']],
    ['created_before:2020-01-01', []],
    ['last_seen_before:2020-01-01 cleo', ['cleo']],
    ['github_com_user_id:1234', []],
    ['%', []],
    ["'; drop table users; --", []],
  ])('%j finds %j', async (q, names) => {
    expect((await find(q)).names).toEqual(names)
  })

  test.each(['nokey:x', 'status:gone', 'created_after:soon', 'github_com_user_id:me', '__proto__:x', 'a:b:c'])(
    '%j is rejected',
    async (q) => {
      await expect(find(q)).rejects.toMatchObject({ status: 400, validations: [{ detail: expect.any(String) }] })
    },
  )

  test('shows a member only themselves', async () => {
    const { users: listed, count } = await users.ada.client.call(listUsers)
    expect([listed.map(({ username }) => username), count]).toEqual([['ada'], 1])
    await expect(users.ada.client.call(getUser, { params: { user: 'bob' } })).rejects.toMatchObject({
      status: 400,
      message: '"user" must be an existing uuid or username.',
    })
  })
})

describe('a new user', () => {
  const create = (body: object) =>
    server.client.call(createUser, { body: { username: 'new-one', email: 'new-one@example.com', ...body } })

  test.each([
    [{ login_type: 'oidc' }, 'login_type'],
    [{ login_type: 'none', password: 'correct horse battery' }, 'password'],
    [{ password: 'short' }, 'password'],
    [{ login_type: 'none', organization_ids: ['8a9f5a1e-0000-4000-8000-000000000001'] }, 'organization_ids'],
  ])('%j is rejected with the field', async (body, field) => {
    await expect(create(body)).rejects.toMatchObject({ status: 400, validations: [{ field }] })
  })

  test('is dormant until first used by default, and its name is unique', async () => {
    const user = await create({ password: 'correct horse battery' })
    expect([user.status, user.login_type]).toEqual(['dormant', 'password'])
    await expect(create({ login_type: 'none' })).rejects.toMatchObject({ status: 409 })
  })
})

describe('a profile', () => {
  test('is changed by its user, but not to the name of another user', async () => {
    const body = { username: 'ada-2', name: 'Ada Lovelace' }
    const changed = await users.ada.client.call(updateUserProfile, { params: { user: 'me' }, body })
    expect(changed).toMatchObject(body)
    expect(await users.ada.client.call(getUser, { params: { user: 'me' } })).toMatchObject(body)
    await expect(
      users.ada.client.call(updateUserProfile, { params: { user: 'me' }, body: { username: 'BOB' } }),
    ).rejects.toMatchObject({ status: 409, validations: [{ field: 'username' }] })
  })
})

describe('roles', () => {
  test('are assigned by an owner, returned, and removed', async () => {
    const user = await setRoles(users.bob, ['auditor', 'template-admin', 'auditor', 'member'])
    expect(user.roles).toEqual([
      { name: 'auditor', display_name: 'Auditor' },
      { name: 'template-admin', display_name: 'Template Admin' },
    ])
    expect((await server.client.call(getUserRoles, paramsOf(users.bob))).roles).toEqual(['auditor', 'template-admin'])
    const none = { ...paramsOf(users.bob), body: { roles: null } }
    expect((await server.client.call(updateUserRoles, none)).roles).toEqual([])
  })

  test('are rejected when unknown, and cannot be changed for oneself', async () => {
    await expect(setRoles(users.bob, ['emperor'])).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'roles' }],
    })
    const own = { params: { user: 'me' }, body: { roles: [] } }
    await expect(server.client.call(updateUserRoles, own)).rejects.toMatchObject({ status: 400 })
  })

  test('with more permissions than one’s own cannot be assigned', async () => {
    for (const roles of [['owner'], ['template-admin'], ['user-admin']]) {
      const call = { ...paramsOf(users.cleo), body: { roles } }
      await expect(users.userAdmin.client.call(updateUserRoles, call)).rejects.toMatchObject({ status: 403 })
    }
    const call = { ...paramsOf(users.cleo), body: { roles: ['owner'] } }
    await expect(users.bob.client.call(updateUserRoles, call)).rejects.toMatchObject({ status: 404 })
  })

  test('are listed with whether the caller can assign them', async () => {
    const listAssignable = async ({ client }: Pick<TestUser, 'client'>) =>
      (await client.call(listSiteRoles)).filter((role) => role.assignable).map(({ name }) => name)
    expect(await listAssignable(server)).toEqual(['owner', 'template-admin', 'user-admin', 'auditor'])
    expect(await listAssignable(users.userAdmin)).toEqual([])
    expect(await listAssignable(users.bob)).toEqual([])
    const [owner] = await server.client.call(listSiteRoles)
    expect(owner?.site_permissions).toContainEqual({ negate: false, resource_type: 'template', action: '*' })
  })
})

describe('an owner', () => {
  test('cannot be suspended, deleted, renamed or given a password by a user admin', async () => {
    const { id } = await server.client.call(getUser, { params: { user: 'me' } })
    const params = { user: id }
    const { client } = users.userAdmin
    const attempts = await Promise.allSettled([
      client.call(suspendUser, { params }),
      client.call(deleteUser, { params }),
      client.call(updateUserPassword, { params, body: { password: 'taken over by me' } }),
      client.call(updateUserProfile, { params, body: { username: 'mine' } }),
      client.call(updateUserRoles, { params, body: { roles: [] } }),
    ])
    for (const call of attempts) {
      expect(call).toMatchObject({ status: 'rejected', reason: { status: expect.toBeOneOf([400, 403]) } })
    }
  })

  test('always remains: of two owners who concurrently remove each other’s role, one is rejected', async () => {
    await setRoles(users.cleo, ['owner'])
    const first = await server.client.call(getUser, { params: { user: 'me' } })
    const outcomes = await Promise.allSettled([
      setRoles(users.cleo, []),
      users.cleo.client.call(updateUserRoles, { params: { user: first.id }, body: { roles: [] } }),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { rows } = await server.context.pool.query<{ id: string }>(
      `select id from users where 'owner' = any(rbac_roles)`,
    )
    expect(rows).toHaveLength(1)
    await server.context.pool.query(
      `update users set rbac_roles = case when id = $1 then '{owner}'::text[] else '{}' end where id in ($1, $2)`,
      [first.id, users.cleo.user.id],
    )
  })
})

describe('account changes', () => {
  test('notify user admins and the affected user', async () => {
    const dora = await server.createUser('dora')
    await server.client.call(suspendUser, paramsOf(dora))
    await server.client.call(activateUser, paramsOf(dora))
    await server.client.call(deleteUser, paramsOf(dora))
    const { rows } = await server.context.pool.query<{ id: string; username: string }>(
      `select message.template_id as id, username from notification_messages message
       join users on users.id = message.user_id
       where method = 'inbox' and $1 = any(targets) order by message.created_at`,
      [dora.user.id],
    )
    const kindOf = (id: string) => Object.entries(notificationTemplates).find(([, kind]) => kind.id === id)?.[0]
    const { username: owner } = await server.client.call(getUser, { params: { user: 'me' } })
    const notificationsOf = (name: string) =>
      rows.filter(({ username }) => username === name).map(({ id }) => kindOf(id))
    const all = ['userAccountCreated', 'userAccountSuspended', 'userAccountActivated', 'userAccountDeleted']
    // The user who makes the change is notified too, because webhooks receive these notifications.
    for (const admin of [owner, 'user-admin']) expect([admin, notificationsOf(admin)]).toEqual([admin, all])
    expect(notificationsOf('dora')).toEqual(['yourAccountSuspended', 'yourAccountActivated'])
  })
})

describe('a user', () => {
  test('can be suspended and activated again, but not by themselves', async () => {
    const suspended = await users.userAdmin.client.call(suspendUser, paramsOf(users.bob))
    expect(suspended.status).toBe('suspended')
    expect((await find('status:suspended')).names).toEqual(['Bob'])
    await expect(users.bob.client.call(activateUser, paramsOf(users.bob))).rejects.toMatchObject({ status: 401 })
    await users.userAdmin.client.call(activateUser, paramsOf(users.bob))
    expect((await users.bob.client.call(getUser, { params: { user: 'me' } })).status).toBe('active')
    await expect(users.bob.client.call(activateUser, paramsOf(users.cleo))).rejects.toMatchObject({ status: 404 })
  })

  test('who is dormant becomes active on the first request', async () => {
    await server.context.pool.query(`update users set status = 'dormant' where id = $1`, [users.bob.user.id])
    server.context.sessions.evict()
    await users.bob.client.call(getUser, { params: { user: 'me' } })
    expect((await find('bob status:active')).count).toBe(1)
  })

  test('who is deleted frees their name', async () => {
    await server.client.call(deleteUser, paramsOf(users.bob))
    expect((await find('bob')).count).toBe(0)
    expect((await server.createUser('bob')).user.username).toBe('bob')
  })
})
