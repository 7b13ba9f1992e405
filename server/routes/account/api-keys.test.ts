// API keys and tokens over REST, and the permissions of scoped tokens.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CreateTokenRequest,
  createSessionKey,
  createToken,
  deleteKey,
  getKey,
  getToken,
  getTokenConfig,
  listScopes,
  listTokens,
} from '../../../api/account/api-keys.ts'
import { getUserAppearance } from '../../../api/account/user-settings.ts'
import { getUser, listUsers } from '../../../api/account/users.ts'
import { createOwnLaunchCode } from '../../../api/local.ts'
import { listTasks } from '../../../api/tasks/tasks.ts'
import { listTemplateExamples, listTemplates } from '../../../api/templates/templates.ts'
import { listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { official } from '../../testing/official-contract.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

let server: TestServer
let ada: Awaited<ReturnType<TestServer['createUser']>>
beforeAll(async () => {
  server = await startTestServer()
  ada = await server.createUser('ada')
})
afterAll(() => server.close())

const me = { params: { user: 'me' } }
const createKeySecret = async (body: CreateTokenRequest, client = ada.client) =>
  (await client.call(createToken, { ...me, body })).key
const clientWith = async (scopes: string[], allow_list?: string[]) =>
  server.clientWith(await createKeySecret({ scopes, ...(allow_list ? { allow_list } : {}) }, server.client))
const hiddenOrForbidden = { status: expect.toBeOneOf([403, 404]) }

describe('a token', () => {
  test('is found by name and by ID, and its secret is not returned', async () => {
    const key = await createKeySecret({ token_name: 'deploy', lifetime: 3_600e9 })
    const byName = await ada.client.call(getToken, { params: { user: 'me', keyname: 'deploy' } })
    expect(byName).toMatchObject({ token_name: 'deploy', lifetime_seconds: 3600, login_type: 'token', scope: 'all' })
    expect(await ada.client.call(getKey, { params: { user: 'me', keyid: byName.id } })).toEqual(byName)
    expect(JSON.stringify(byName)).not.toContain(key.split('-')[1])
    await expect(createKeySecret({ token_name: 'deploy' })).rejects.toMatchObject({ status: 409 })
  })

  // Recorded from Coder 2.30.
  test.each([
    [{}, { scope: 'all', scopes: ['coder:all'], allow_list: ['*:*'] }],
    [{ scope: 'all' }, { scope: 'all', scopes: ['coder:all'] }],
    [{ scope: 'application_connect' }, { scope: 'application_connect', scopes: ['coder:application_connect'] }],
    [{ scopes: ['workspace:read'] }, { scope: '', scopes: ['workspace:read'] }],
    [{ allow_list: ['workspace:*'] }, { allow_list: ['workspace:*'] }],
  ])('created from %j has the properties %j', async (body, expected) => {
    const keyid = (await createKeySecret(body)).split('-')[0] ?? ''
    expect(await ada.client.call(getKey, { params: { user: 'me', keyid } })).toMatchObject(expected)
  })

  test('has a generated name and a lifetime of one week by default', async () => {
    await createKeySecret({})
    const tokens = await ada.client.call(listTokens, { ...me, query: {} })
    const last = tokens.at(-1)
    expect(last?.token_name).toMatch(/^token-/)
    expect(last?.lifetime_seconds).toBe(7 * 24 * 3600)
  })

  test.each([
    [{ lifetime: 1 }, 'lifetime'],
    [{ lifetime: 4e18 }, 'lifetime'],
    [{ scopes: ['workspace:fly'] }, 'scopes'],
    [{ scopes: ['constructor'] }, 'scopes'],
    [{ allow_list: ['planet:*'] }, 'allow_list'],
    [{ allow_list: ['workspace:dev'] }, 'allow_list'],
    [{ allow_list: ['workspace'] }, 'allow_list'],
  ])('created from %j is rejected with the field', async (body, field) => {
    await expect(createKeySecret(body)).rejects.toMatchObject({ status: 400, validations: [{ field }] })
  })

  test('can have the maximum lifetime', async () => {
    const { max_token_lifetime: lifetime } = await ada.client.call(getTokenConfig, me)
    await createKeySecret({ lifetime })
  })

  test('of an owner is limited to one week by default', async () => {
    const week = 7 * 24 * 3_600e9
    expect(await server.client.call(getTokenConfig, me)).toEqual({ max_token_lifetime: week })
    await createKeySecret({ lifetime: week }, server.client)
    await expect(createKeySecret({ lifetime: week + 1e9 }, server.client)).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'lifetime' }],
    })
  })

  test('is rejected after it expires, listed on request until it is deleted', async () => {
    const key = await createKeySecret({ token_name: 'short' })
    const params = { user: 'me', keyid: key.slice(0, 10) }
    await server.clientWith(key).call(getUser, me)
    await server.context.db
      .updateTable('api_keys')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', params.keyid)
      .execute()
    server.context.sessions.evict()
    await expect(server.clientWith(key).call(getUser, me)).rejects.toMatchObject({ status: 401 })
    const names = async (query: object) =>
      (await ada.client.call(listTokens, { ...me, query })).map(({ token_name }) => token_name)
    expect(await names({})).not.toContain('short')
    expect(await names({ include_expired: true })).toContain('short')
    await ada.client.call(deleteKey, { params })
    expect(await names({ include_expired: true })).not.toContain('short')
  })

  test('of another user is listed only for users with permission', async () => {
    await createKeySecret({ token_name: 'of-the-owner' }, server.client)
    const owners = async (client: typeof ada.client) =>
      new Set((await client.call(listTokens, { ...me, query: { include_all: true } })).map(({ username }) => username))
    expect((await owners(server.client)).has('ada')).toBe(true)
    expect(await owners(ada.client)).toEqual(new Set(['ada']))
  })

  test('can have every scope of Coder, and the list shows its external scopes', async () => {
    const { external } = await ada.client.call(listScopes)
    const { enum: officialScopes } = official.types['codersdk.APIKeyScope'] as { enum: string[] }
    expect(external).toHaveLength(48)
    expect(external).toEqual(officialScopes.filter((scope) => external.includes(scope)).sort())
    expect(external).toEqual(expect.arrayContaining(['coder:all', 'template:use', 'user:read_personal', 'workspace:*']))
    expect(external).not.toContain('audit_log:read')
    await createKeySecret({ token_name: 'of-every-scope', scopes: officialScopes })
    await expect(createKeySecret({ token_name: 'of-another', scopes: ['workspace:paint'] })).rejects.toMatchObject({
      status: 400,
    })
  })
})

describe('a scoped token', () => {
  test('has only the permissions of its scope, and can read its own user', async () => {
    const client = await clientWith(['workspace:read'])
    await client.call(listWorkspaces, { query: {} })
    expect((await client.call(getUser, me)).roles.map(({ name }) => name)).toContain('owner')
    await expect(client.call(listTemplateExamples)).rejects.toMatchObject(hiddenOrForbidden)
    await expect(client.call(getUserAppearance, me)).rejects.toMatchObject(hiddenOrForbidden)
    await expect(client.call(createToken, { ...me, body: {} })).rejects.toMatchObject(hiddenOrForbidden)
  })

  test('cannot create a key, token or launch code with more permissions', async () => {
    const client = await clientWith(['coder:apikeys.manage_self'])
    await expect(client.call(createToken, { ...me, body: { scopes: ['all'] } })).rejects.toMatchObject({ status: 403 })
    await expect(client.call(createToken, { ...me, body: { scopes: ['user:*'] } })).rejects.toMatchObject({
      status: 403,
    })
    await expect(client.call(createOwnLaunchCode)).rejects.toMatchObject(hiddenOrForbidden)
    for (const { key } of [
      await client.call(createSessionKey, me),
      await client.call(createToken, { ...me, body: {} }),
    ]) {
      expect(await server.clientWith(key).call(listTemplates, { query: {} })).toEqual([])
    }
  })

  test('limited to one user lists no other objects', async () => {
    const client = await clientWith(['user:read'], [`user:${ada.user.id}`])
    expect((await client.call(getUser, { params: { user: ada.user.id } })).username).toBe('ada')
    const { users } = await client.call(listUsers, { query: {} })
    expect(users).toHaveLength(1)
    expect(await client.call(listWorkspaces, { query: {} })).toEqual({ workspaces: [], count: 0 })
    expect(await client.call(listTasks, { query: {} })).toEqual({ tasks: [], count: 0 })
  })
})
