// Commands that access the database directly, with and without a running coderd.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { login } from '../../../api/account/sign-in.ts'
import { getUser } from '../../../api/account/users.ts'
import { createClient } from '../../../api/client.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const cliUser = createCliUser()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.close()
  cliUser.remove()
})

const database = () => ['--postgres-url', server.context.config.postgresUrl]

test('a new owner is created and can sign in', async () => {
  const credentials = ['--username', 'ada', '--email', 'ada@example.com', '--password', 'first-Password-1']
  const made = await cliUser.coder(['server', 'create-admin-user', ...database(), ...credentials])
  expect(made).toMatchObject({ status: 0, stdout: 'Owner ada was created.\n' })
  const again = await cliUser.coder(['server', 'create-admin-user', ...database(), ...credentials])
  expect(again).toMatchObject({ status: 1, stderr: 'error: The username or the email is taken.\n' })
})

test('a new password replaces the old one and ends the sessions', async () => {
  const anonymous = createClient({ baseUrl: server.url })
  const signIn = (password: string) => anonymous.call(login, { body: { email: 'ada@example.com', password } })
  const { session_token: token } = await signIn('first-Password-1')

  const reset = await cliUser.coder(['reset-password', 'ada', ...database(), '--password', 'second-Password-2'])
  expect(reset).toMatchObject({
    status: 0,
    stdout: 'The password of ada was changed, and all of their sessions were ended.\n',
  })

  const before = createClient({ baseUrl: server.url, token })
  await expect(before.call(getUser, { params: { user: 'me' } })).rejects.toMatchObject({ status: 401 })
  await expect(signIn('first-Password-1')).rejects.toMatchObject({ status: 401 })
  await expect(signIn('second-Password-2')).resolves.toHaveProperty('session_token')
})

test('a weak password and an unknown user are rejected', async () => {
  const weak = await cliUser.coder(['reset-password', 'ada', ...database(), '--password', 'aaaa'])
  expect(weak).toMatchObject({ status: 1 })
  expect(weak.stderr).toContain('password: ')
  const unknownUser = await cliUser.coder([
    'reset-password',
    'nobody',
    ...database(),
    '--password',
    'second-Password-2',
  ])
  expect(unknownUser).toMatchObject({ status: 1, stderr: 'error: User nobody not found.\n' })
})

test('the encryption key is replaced while coderd is stopped', async () => {
  const dataDir = `${cliUser.home}/rotated`
  const rotate = () => cliUser.coder(['server', 'dbcrypt', 'rotate'], { CODER_CONFIG_DIR: dataDir })
  expect(await rotate()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^0 secrets were encrypted with the new key [0-9a-f]{12}\.\n$/),
  })
  const key = readFileSync(`${dataDir}/encryption-keys`, 'utf8')
  await rotate()
  expect(readFileSync(`${dataDir}/encryption-keys`, 'utf8')).not.toBe(key)
  const deleted = await cliUser.coder(['server', 'dbcrypt', 'delete', '--yes'], { CODER_CONFIG_DIR: dataDir })
  expect(deleted).toMatchObject({ status: 0, stdout: '0 secrets were deleted.\n' })
})

test('the built-in database is started when coderd is not running', async () => {
  const dataDir = `${cliUser.home}/data`
  const shown = await cliUser.coder(['server', 'postgres-builtin-url', '--raw-url'], { CODER_CONFIG_DIR: dataDir })
  expect(shown).toMatchObject({ status: 0, stderr: '' })
  expect(shown.stdout).toMatch(/^postgresql:\/\//)
})
