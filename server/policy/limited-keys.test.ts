// What keys with scopes, and user admins, cannot change although their permissions cover the object.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createToken } from '../../api/account/api-keys.ts'
import { updateUserPassword } from '../../api/account/passwords.ts'
import { updateUserRoles } from '../../api/account/users.ts'
import { getTerminalLayouts, updateTerminalLayouts, updateTerminalPreferences } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const setPassword = (client: Client, user: string, password = 'correct horse battery') =>
  client.call(updateUserPassword, { params: { user }, body: { password } })
const setProfile = (client: Client, user: string) =>
  client.call(updateTerminalPreferences, {
    params: { user },
    body: { profiles: [profile] },
  })

const profile = { id: 'shell', name: 'Shell', shell: '/bin/sh', env: {}, font: '', font_size: null, theme: '' }

async function createScopedClient(client: Client): Promise<Client> {
  const body = { token_name: `t${Date.now()}`, lifetime: 3_600_000_000_000, scopes: ['user:*'] as never }
  const { key } = await client.call(createToken, { params: { user: 'me' }, body })
  return server.clientWith(key)
}

test('a token with scopes sets no password and no terminal profile', async () => {
  const { user } = await server.createUser('target')
  const scoped = await createScopedClient(server.client)
  await expect(setPassword(scoped, user.username)).rejects.toMatchObject({ status: 403 })
  await expect(setProfile(scoped, 'me')).rejects.toMatchObject({ status: 403 })
  await setPassword(server.client, user.username)
})

test('a user admin changes no terminal settings of an owner', async () => {
  const admin = await server.createUser('useradmin')
  await server.client.call(updateUserRoles, { params: { user: 'useradmin' }, body: { roles: ['user-admin'] } })
  const { user } = await server.createUser('member')
  const [owner] = await server.context.db.selectFrom('users').select('id').orderBy('created_at').limit(1).execute()
  const id = String(owner?.id)
  await expect(setProfile(admin.client, id)).rejects.toMatchObject({ status: 403 })
  const layouts = await server.client.call(getTerminalLayouts, { params: { user: 'me' } })
  await expect(admin.client.call(updateTerminalLayouts, { params: { user: id }, body: layouts })).rejects.toMatchObject(
    { status: 403 },
  )
  await setPassword(admin.client, user.username)
})
