// Users through the API: finding, making, changing, shutting out; and that nobody takes over more than they have.

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

type Person = Awaited<ReturnType<TestServer['createUser']>>
let server: TestServer
let people: Record<'ada' | 'bob' | 'cleo' | 'userAdmin', Person>

beforeAll(async () => {
  server = await startTestServer()
  people = {
    ada: await server.createUser('ada'),
    bob: await server.createUser('Bob'),
    cleo: await server.createUser('cleo'),
    userAdmin: await server.createUser('user-admin'),
  }
  await giveRoles(people.userAdmin, ['user-admin'])
})
afterAll(() => server.close())

const about = ({ user }: Person) => ({ params: { user: user.id } })
const giveRoles = (person: Person, roles: string[]) =>
  server.client.call(updateUserRoles, { ...about(person), body: { roles } })
const find = async (q: string, more: object = {}) => {
  const { users, count } = await server.client.call(listUsers, { query: { q, ...more } })
  return { names: users.map(({ username }) => username), count }
}

describe('the list', () => {
  test('is in the order of names whatever their case, and counts all', async () => {
    const { names, count } = await find('search:@example.com')
    expect(names).toEqual(['ada', 'Bob', 'cleo', 'user-admin'])
    expect(count).toBe(4)
  })

  test('comes in pages, by offset and by the last one seen', async () => {
    expect(await find('search:@example.com', { limit: 2, offset: 1 })).toEqual({ names: ['Bob', 'cleo'], count: 4 })
    const after = await find('search:@example.com', { limit: 2, after_id: people.ada.user.id })
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
    '%j is refused',
    async (q) => {
      await expect(find(q)).rejects.toMatchObject({ status: 400, validations: [{ detail: expect.any(String) }] })
    },
  )

  test('shows a member nobody else', async () => {
    const { users, count } = await people.ada.client.call(listUsers)
    expect([users.map(({ username }) => username), count]).toEqual([['ada'], 1])
    await expect(people.ada.client.call(getUser, { params: { user: 'bob' } })).rejects.toMatchObject({
      status: 400,
      message: '"user" must be an existing uuid or username.',
    })
  })
})

describe('a new user', () => {
  const make = (body: object) =>
    server.client.call(createUser, { body: { username: 'new-one', email: 'new-one@example.com', ...body } })

  test.each([
    [{ login_type: 'oidc' }, 'login_type'],
    [{ login_type: 'none', password: 'correct horse battery' }, 'password'],
    [{ password: 'short' }, 'password'],
    [{ login_type: 'none', organization_ids: ['8a9f5a1e-0000-4000-8000-000000000001'] }, 'organization_ids'],
  ])('%j is refused, naming the field', async (body, field) => {
    await expect(make(body)).rejects.toMatchObject({ status: 400, validations: [{ field }] })
  })

  test('is dormant until first used, unless it is said otherwise, and has a name of its own', async () => {
    const user = await make({ password: 'correct horse battery' })
    expect([user.status, user.login_type]).toEqual(['dormant', 'password'])
    await expect(make({ login_type: 'none' })).rejects.toMatchObject({ status: 409 })
  })
})

describe('a profile', () => {
  test('is changed by its user, who cannot take the name of another', async () => {
    const body = { username: 'ada-2', name: 'Ada Lovelace' }
    const changed = await people.ada.client.call(updateUserProfile, { params: { user: 'me' }, body })
    expect(changed).toMatchObject(body)
    expect(await people.ada.client.call(getUser, { params: { user: 'me' } })).toMatchObject(body)
    await expect(
      people.ada.client.call(updateUserProfile, { params: { user: 'me' }, body: { username: 'BOB' } }),
    ).rejects.toMatchObject({ status: 409, validations: [{ field: 'username' }] })
  })
})

describe('roles', () => {
  test('are given by an owner, shown, and taken away', async () => {
    const user = await giveRoles(people.bob, ['auditor', 'template-admin', 'auditor', 'member'])
    expect(user.roles).toEqual([
      { name: 'auditor', display_name: 'Auditor' },
      { name: 'template-admin', display_name: 'Template Admin' },
    ])
    expect((await server.client.call(getUserRoles, about(people.bob))).roles).toEqual(['auditor', 'template-admin'])
    const none = { ...about(people.bob), body: { roles: null } }
    expect((await server.client.call(updateUserRoles, none)).roles).toEqual([])
  })

  test('that there are not, or are one’s own, are refused', async () => {
    await expect(giveRoles(people.bob, ['emperor'])).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'roles' }],
    })
    const own = { params: { user: 'me' }, body: { roles: [] } }
    await expect(server.client.call(updateUserRoles, own)).rejects.toMatchObject({ status: 400 })
  })

  test('are not given by those who have less: a user admin makes nobody an owner', async () => {
    for (const roles of [['owner'], ['template-admin'], ['user-admin']]) {
      const call = { ...about(people.cleo), body: { roles } }
      await expect(people.userAdmin.client.call(updateUserRoles, call)).rejects.toMatchObject({ status: 403 })
    }
    const call = { ...about(people.cleo), body: { roles: ['owner'] } }
    await expect(people.bob.client.call(updateUserRoles, call)).rejects.toMatchObject({ status: 404 })
  })

  test('are listed with whether the caller may give them', async () => {
    const assignable = async (person: Pick<Person, 'client'>) =>
      (await person.client.call(listSiteRoles)).filter((role) => role.assignable).map(({ name }) => name)
    expect(await assignable(server)).toEqual(['owner', 'template-admin', 'user-admin', 'auditor'])
    expect(await assignable(people.userAdmin)).toEqual([])
    expect(await assignable(people.bob)).toEqual([])
    const [owner] = await server.client.call(listSiteRoles)
    expect(owner?.site_permissions).toContainEqual({ negate: false, resource_type: 'template', action: '*' })
  })
})

describe('an owner', () => {
  test('is not shut out, deleted, renamed or given a password by a user admin', async () => {
    const { id } = await server.client.call(getUser, { params: { user: 'me' } })
    const params = { user: id }
    const { client } = people.userAdmin
    const refused = await Promise.allSettled([
      client.call(suspendUser, { params }),
      client.call(deleteUser, { params }),
      client.call(updateUserPassword, { params, body: { password: 'taken over by me' } }),
      client.call(updateUserProfile, { params, body: { username: 'mine' } }),
      client.call(updateUserRoles, { params, body: { roles: [] } }),
    ])
    for (const call of refused) {
      expect(call).toMatchObject({ status: 'rejected', reason: { status: expect.toBeOneOf([400, 403]) } })
    }
  })

  test('always remains: of two who take the role from each other at once one is refused', async () => {
    await giveRoles(people.cleo, ['owner'])
    const first = await server.client.call(getUser, { params: { user: 'me' } })
    const ended = await Promise.allSettled([
      giveRoles(people.cleo, []),
      people.cleo.client.call(updateUserRoles, { params: { user: first.id }, body: { roles: [] } }),
    ])
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { rows } = await server.context.pool.query<{ id: string }>(
      `select id from users where 'owner' = any(rbac_roles)`,
    )
    expect(rows).toHaveLength(1)
    await server.context.pool.query(
      `update users set rbac_roles = case when id = $1 then '{owner}'::text[] else '{}' end where id in ($1, $2)`,
      [first.id, people.cleo.user.id],
    )
  })
})

describe('what happens to an account', () => {
  test('is told to those who look after accounts, to whom it belongs, and not to whoever did it', async () => {
    const dora = await server.createUser('dora')
    await server.client.call(suspendUser, about(dora))
    await server.client.call(activateUser, about(dora))
    await server.client.call(deleteUser, about(dora))
    const { rows } = await server.context.pool.query<{ id: string; username: string }>(
      `select message.template_id as id, username from notification_messages message
       join users on users.id = message.user_id
       where method = 'inbox' and $1 = any(targets) order by message.created_at`,
      [dora.user.id],
    )
    const kindOf = (id: string) => Object.entries(notificationTemplates).find(([, kind]) => kind.id === id)?.[0]
    const { username: owner } = await server.client.call(getUser, { params: { user: 'me' } })
    const toldTo = (name: string) => rows.filter(({ username }) => username === name).map(({ id }) => kindOf(id))
    const all = ['userAccountCreated', 'userAccountSuspended', 'userAccountActivated', 'userAccountDeleted']
    // Also whoever does it: a webhook hears of it by that.
    for (const keeper of [owner, 'user-admin']) expect([keeper, toldTo(keeper)]).toEqual([keeper, all])
    expect(toldTo('dora')).toEqual(['yourAccountSuspended', 'yourAccountActivated'])
  })
})

describe('somebody', () => {
  test('who is suspended is told so, comes back when activated, and cannot do it alone', async () => {
    const suspended = await people.userAdmin.client.call(suspendUser, about(people.bob))
    expect(suspended.status).toBe('suspended')
    expect((await find('status:suspended')).names).toEqual(['Bob'])
    await expect(people.bob.client.call(activateUser, about(people.bob))).rejects.toMatchObject({ status: 401 })
    await people.userAdmin.client.call(activateUser, about(people.bob))
    expect((await people.bob.client.call(getUser, { params: { user: 'me' } })).status).toBe('active')
    await expect(people.bob.client.call(activateUser, about(people.cleo))).rejects.toMatchObject({ status: 404 })
  })

  test('who is dormant is active again with the first request', async () => {
    await server.context.pool.query(`update users set status = 'dormant' where id = $1`, [people.bob.user.id])
    server.context.sessions.evict()
    await people.bob.client.call(getUser, { params: { user: 'me' } })
    expect((await find('bob status:active')).count).toBe(1)
  })

  test('who is deleted leaves the name free', async () => {
    await server.client.call(deleteUser, about(people.bob))
    expect((await find('bob')).count).toBe(0)
    expect((await server.createUser('bob')).user.username).toBe('bob')
  })
})
