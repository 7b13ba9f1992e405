// Who can create the first user.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFirstUser } from '../../api/account/sign-in.ts'
import { createClient } from '../../api/client.ts'
import { requires } from '../../lib/testing/requirements.ts'
import { startServerWithoutUsers, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServerWithoutUsers()
})
afterEach(() => server.close())

const body = { username: 'ann', email: 'ann@example.com', password: 'correct horse battery' }

/** Creates the first user by a request that a proxy passed on. */
const createThroughProxy = (headers: Record<string, string> = {}, setupCode?: string) =>
  createClient({ baseUrl: server.url, headers: { 'x-forwarded-for': '203.0.113.7', ...headers } }).call(
    createFirstUser,
    { body: { ...body, setup_code: setupCode } },
  )

const refusal = { status: 403, validations: [{ field: 'setup_code' }] }

test("a program of coderd's user creates the first user", requires('linux'), async () => {
  await server.clientWith(undefined).call(createFirstUser, { body })
})

test('a program of another user cannot create the first user', requires('linux', 'root', 'setpriv'), async () => {
  const send = `fetch(process.argv[1] + '/api/v2/users/first', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: process.argv[2],
  }).then(async (response) => console.log(response.status, await response.text()))`
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', send]
  const { stdout } = await promisify(execFile)('setpriv', [...asNobody, server.url, JSON.stringify(body)])
  expect(stdout).toMatch(/^403 .*setup code/)
  expect(await server.context.db.selectFrom('users').select('id').execute()).toEqual([])
})

test(
  'a program of another user that closes its connection cannot create the first user',
  requires('linux', 'root', 'setpriv'),
  async () => {
    // The kernel reports closed sockets as sockets of root.
    const send = `const { connect } = require('node:net')
    const { hostname, port, host } = new URL(process.argv[1])
    const body = process.argv[2]
    const head = 'POST /api/v2/users/first HTTP/1.1\\r\\nhost: ' + host + '\\r\\ncontent-type: application/json\\r\\ncontent-length: '
    for (let count = 0; count < 100; count++) {
      const socket = connect(Number(port), hostname, () => {
        socket.write(head + body.length + '\\r\\n\\r\\n' + body, () => setTimeout(() => socket.destroy(), count % 5))
      })
      socket.on('error', () => undefined)
    }`
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', send]
    await promisify(execFile)('setpriv', [...asNobody, server.url, JSON.stringify(body)])
    // Requests are processed in the order of their arrival.
    await expect(createThroughProxy()).rejects.toMatchObject(refusal)
    expect(await server.context.db.selectFrom('users').select('id').execute()).toEqual([])
  },
)

test('a request that a proxy passed on cannot create the first user', async () => {
  await expect(createThroughProxy()).rejects.toMatchObject(refusal)
})

test('the setup code creates the first user from elsewhere', async () => {
  await expect(createThroughProxy({}, 'AAAA-BBBB-CCCC')).rejects.toMatchObject(refusal)
  expect(await createThroughProxy({}, server.context.setupCode.toLowerCase())).toHaveProperty('user_id')
})

test('the local secret creates the first user', async () => {
  expect(await createThroughProxy({ 'coder-local-secret': server.secret })).toHaveProperty('user_id')
})
