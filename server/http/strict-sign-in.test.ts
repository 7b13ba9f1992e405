// A deployment with restrictive settings: passwords only for owners, short tokens, sessions without extension, and no
// workspace renames.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSessionKey, createToken, getKey, getToken } from '../../api/account/api-keys.ts'
import {
  changePasswordWithOneTimePasscode,
  requestOneTimePasscode,
  updateUserPassword,
} from '../../api/account/passwords.ts'
import { getAuthMethods, login } from '../../api/account/sign-in.ts'
import { createUser, getUser, updateUserRoles } from '../../api/account/users.ts'
import { updateWorkspace } from '../../api/workspaces/workspaces.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createTemplate, createWorkspace } from '../testing/workspace-fixtures.ts'

const password = 'correct horse battery'
const me = { params: { user: 'me' } }
const disabled = { status: 403, message: 'Password authentication is disabled.' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    disablePasswordAuth: 'true',
    defaultTokenLifetime: '2h',
    disableSessionExpiryRefresh: 'true',
    allowWorkspaceRenames: 'false',
  })
})
afterAll(() => server.close())

test('only owners can sign in with a password', async () => {
  const anonymous = server.clientWith(undefined)
  expect((await anonymous.call(getAuthMethods)).password).toEqual({ enabled: false })
  const { user } = await server.createUser('ada')
  await server.client.call(updateUserPassword, { params: { user: user.id }, body: { password } })
  const { email } = user
  const signIn = (providedPassword = password) => anonymous.call(login, { body: { email, password: providedPassword } })
  await expect(signIn()).rejects.toMatchObject(disabled)
  await expect(signIn('wrong')).rejects.toMatchObject({ status: 401 })
  await expect(anonymous.call(requestOneTimePasscode, { body: { email } })).rejects.toMatchObject(disabled)
  await expect(
    anonymous.call(changePasswordWithOneTimePasscode, { body: { email, password, one_time_passcode: 'x' } }),
  ).rejects.toMatchObject(disabled)
  await server.client.call(updateUserRoles, { params: { user: user.id }, body: { roles: ['owner'] } })
  expect((await signIn()).session_token).not.toBe('')
  await expect(
    server.client.call(createUser, { body: { username: 'ben', email: 'ben@example.com', password } }),
  ).rejects.toMatchObject(disabled)
})

test('a token or session key without a lifetime has the default lifetime', async () => {
  const { client } = await server.createUser('cleo')
  await client.call(createToken, { ...me, body: { token_name: 'short' } })
  const token = await client.call(getToken, { params: { user: 'me', keyname: 'short' } })
  const { key } = await client.call(createSessionKey, me)
  const session = await client.call(getKey, { params: { user: 'me', keyid: key.split('-')[0] ?? '' } })
  expect([token.lifetime_seconds, session.lifetime_seconds]).toEqual([7200, 7200])
})

test('use does not extend a session', async () => {
  const { db } = server.context
  const { client, token } = await server.createUser('dora')
  const expires_at = new Date(Date.now() + 60_000)
  const last_used_at = new Date(Date.now() - 2 * 3_600_000)
  const id = token.split('-')[0] ?? ''
  await db.updateTable('api_keys').set({ expires_at, last_used_at }).where('id', '=', id).execute()
  await client.call(getUser, me)
  const key = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  expect(key.expires_at).toEqual(expires_at)
  expect(key.last_used_at?.getTime()).toBeGreaterThan(last_used_at.getTime())
})

test('a workspace cannot be renamed', async () => {
  const { id } = await createTemplate(server.client, 'empty', { 'main.tf': '' })
  const workspace = await createWorkspace(server.client, id, 'first')
  const rename = (name: string) =>
    server.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name } })
  await expect(rename('second')).rejects.toMatchObject({
    status: 400,
    message: 'Workspace renames are not allowed.',
  })
  expect(await rename('first')).toBeNull()
})
