// The audit log: entries of changes and refused requests, and its search.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, deleteKey } from '../../api/account/api-keys.ts'
import { updateUserPassword } from '../../api/account/passwords.ts'
import { login, logout } from '../../api/account/sign-in.ts'
import { createUser, suspendUser } from '../../api/account/users.ts'
import { type AuditLog, createTestAuditLog, listAuditLogs } from '../../api/deployment/audit.ts'
import { updateTemplate } from '../../api/templates/templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { build, createTemplate, createWorkspace, expectSuccess, waitForBuild } from '../testing/workspace-fixtures.ts'
import { differenceOf } from './audited-fields.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const find = (q: string, query: { limit?: number; offset?: number } = {}) =>
  server.client.call(listAuditLogs, { query: { q, ...query } })

async function newest(q: string): Promise<AuditLog> {
  const [entry] = (await find(q, { limit: 1 })).audit_logs
  if (!entry) throw new Error(`no entry for ${q}`)
  return entry
}

describe('audit log entries', () => {
  test('a change records the user, the address and the difference without secrets', async () => {
    const { user } = await server.createUser('ada')
    await server.client.call(updateUserPassword, {
      params: { user: 'ada' },
      body: { password: 'correct horse battery' },
    })
    const entry = await newest('resource_type:user resource_target:ada action:write')
    expect(entry).toMatchObject({
      ip: '127.0.0.1',
      resource_id: user.id,
      status_code: 204,
      description: '{user} changed user {target}',
      resource_link: '/users?filter=ada',
      is_deleted: false,
      organization_id: '00000000-0000-0000-0000-000000000000',
      diff: {
        hashed_password: { old: '', new: '', secret: true },
        login_type: { old: 'none', new: 'password', secret: false },
      },
    })
    expect(entry.user?.roles.map(({ name }) => name)).toEqual(['owner'])
    expect(JSON.stringify(entry)).not.toContain('pbkdf2')
  })

  test('a refused request is recorded with its status and without a difference', async () => {
    const me = await newest('resource_type:user')
    const refused = server.client.call(suspendUser, { params: { user: me.user?.username ?? '' } })
    await expect(refused).rejects.toMatchObject({ status: 400 })
    const entry = await newest(`resource_type:user resource_target:${me.user?.username}`)
    expect(entry).toMatchObject({
      status_code: 400,
      diff: {},
      description: '{user} failed to change user {target}',
    })
  })

  test('sign-ins are recorded, also those of unknown users', async () => {
    const email = 'grace@example.com'
    const password = 'a long pass phrase 1'
    await server.client.call(createUser, { body: { username: 'grace', email, password, user_status: 'active' } })
    const anonymous = server.clientWith(undefined)
    await expect(anonymous.call(login, { body: { email, password: 'wrong' } })).rejects.toMatchObject({ status: 401 })
    const { session_token } = await anonymous.call(login, { body: { email, password } })
    await server.clientWith(session_token).call(logout)
    const { audit_logs: entries } = await find('username:grace')
    // Coder's dashboard appends the target to the description.
    const unset = { diff: {}, resource_target: '' }
    expect(entries).toMatchObject([
      { action: 'logout', status_code: 200, description: '{user} signed out', ...unset },
      { action: 'login', status_code: 201, description: '{user} signed in', ...unset },
      { action: 'login', status_code: 401, description: '{user} failed to sign in', ...unset },
    ])
    await expect(anonymous.call(login, { body: { email: 'x@example.com', password } })).rejects.toMatchObject({
      status: 401,
    })
    expect(await newest('action:login')).toMatchObject({ user: null, status_code: 401 })
  })

  test('the creation and deletion of a token are recorded without its secret', async () => {
    const { key } = await server.client.call(createToken, { params: { user: 'me' }, body: { token_name: 'ci' } })
    const [id = '', secret = ''] = key.split('-')
    await server.client.call(deleteKey, { params: { user: 'me', keyid: id } })
    const { audit_logs: entries } = await find('api_key resource_target:ci')
    expect(entries.map(({ action }) => action)).toEqual(['delete', 'create'])
    expect(entries[1]?.diff).toMatchObject({
      token_name: { old: '', new: 'ci', secret: false },
      hashed_secret: { old: '', new: '', secret: true },
    })
    expect(JSON.stringify(entries)).not.toContain(secret)
  })

  test('changes of templates, workspaces and completed builds are recorded', async () => {
    const template = await createTemplate(server.client, 'plain', { 'main.tf': 'resource "terraform_data" "a" {}' })
    await server.client.call(updateTemplate, { params: { template: template.id }, body: { display_name: 'Plain' } })
    expect(await newest(`resource_id:${template.id} action:write`)).toMatchObject({
      diff: { display_name: { old: '', new: 'Plain', secret: false } },
      resource_link: '/templates/plain',
      organization: { name: 'coder' },
    })
    const workspace = await createWorkspace(server.client, template.id, 'dev')
    await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
    expect(await newest('workspace')).toMatchObject({
      action: 'create',
      resource_target: 'dev',
      resource_link: `/@${workspace.owner_name}/dev`,
      diff: { name: { old: '', new: 'dev' } },
    })
    await build(server.client, workspace.id, 'delete')
    const { audit_logs: builds } = await find('workspace_build build_reason:initiator')
    expect(builds).toMatchObject([
      { action: 'delete', status_code: 200, is_deleted: true },
      {
        action: 'start',
        resource_link: `/@${workspace.owner_name}/dev/builds/1`,
        additional_fields: { workspace_name: 'dev', build_number: '1', build_reason: 'initiator' },
      },
    ])
  })

  test('an entry has the request ID of the response', async () => {
    const response = await fetch(`${server.url}/api/v2/users`, {
      method: 'POST',
      headers: {
        'coder-session-token': server.token,
        'content-type': 'application/json',
        'user-agent': 'a test/1.0',
      },
      body: JSON.stringify({ username: 'lin', email: 'lin@example.com', login_type: 'none' }),
    })
    const id = response.headers.get('x-coder-request-id') ?? ''
    expect(await newest(`request_id:${id}`)).toMatchObject({
      request_id: id,
      user_agent: 'a test/1.0',
      action: 'create',
    })
  })
})

describe('searching', () => {
  test('a page returns the total count', async () => {
    const all = await find('')
    const page = await find('', { limit: 2, offset: 1 })
    expect(page.count).toBe(all.count)
    expect(page.audit_logs).toEqual(all.audit_logs.slice(1, 3))
  })

  test('a range of days includes the last day', async () => {
    const body = { resource_type: 'group', action: 'open', time: '2020-02-29T23:59:59.999Z' } as const
    await server.client.call(createTestAuditLog, { body })
    const count = async (q: string) => (await find(`group ${q}`)).count
    expect(await count('date_from:2020-02-29 date_to:2020-02-29')).toBe(1)
    expect(await count('date_to:2020-02-28')).toBe(0)
    expect(await count('date_from:2020-03-01')).toBe(0)
    expect(await count('date_from:"2020-02-29T23:59:59.999Z"')).toBe(1)
    expect(await count('organization:coder')).toBe(0)
    expect(await count('username:me')).toBe(1)
    expect(await count('email:nobody@example.com')).toBe(0)
  })

  test.each([
    ['resource_type:nothing', 'resource_type'],
    ['action:jump', 'action'],
    ['resource_id:1', 'resource_id'],
    ['request_id:x', 'request_id'],
    ['date_from:yesterday', 'date_from'],
    ['date_to:2020-13-45', 'date_to'],
    ['constructor:x', 'constructor'],
    ['a:b:c', 'more than one colon'],
  ])('%s is refused with the reason', async (q, expected) => {
    const refused = (await find(q).catch((error: unknown) => error)) as { status: number; validations: unknown }
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.validations)).toContain(expected)
  })

  test('a member may not read the log', async () => {
    const { client } = await server.createUser('eve')
    await expect(client.call(listAuditLogs, { query: {} })).rejects.toMatchObject({ status: 403 })
  })

  test('an auditor reads all entries, and an organization auditor those of the organization', async () => {
    const { user, client } = await server.createUser('audrey')
    const { db } = server.context
    const setRoles = async (site: string[], organization: string[]) => {
      await db.updateTable('users').set({ rbac_roles: site }).where('id', '=', user.id).execute()
      await db.updateTable('organization_members').set({ roles: organization }).where('user_id', '=', user.id).execute()
      // The notification of this direct change may arrive later.
      server.context.sessions.evict()
    }
    await setRoles([], ['organization-auditor'])
    const there = await client.call(listAuditLogs, { query: {} })
    expect(there.count).toBeGreaterThan(0)
    expect(there.audit_logs.every(({ organization }) => organization?.name === 'coder')).toBe(true)
    await setRoles(['auditor'], [])
    expect((await client.call(listAuditLogs, { query: {} })).count).toBe((await find('')).count)
  })
})

describe('the difference', () => {
  test('compares created and deleted objects with zero values', () => {
    expect(differenceOf('group', null, { name: 'a', size: 0, client_secret: 'x' })).toEqual({
      name: { old: '', new: 'a', secret: false },
      client_secret: { old: '', new: '', secret: true },
    })
    expect(differenceOf('group', { name: 'a', size: 3 }, null)).toEqual({
      name: { old: 'a', new: '', secret: false },
      size: { old: 3, new: 0, secret: false },
    })
  })
})
