// Setting up a deployment; signing in with a password, a token and the environment; signing out.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getUser } from '../../api/account/users.ts'
import { startServerWithoutUsers } from '../../server/testing/start-test-server.ts'
import { describeOfficialCli } from './official-coder.ts'

describeOfficialCli(
  'a deployment without users',
  (cli) => {
    /** Runs without URL and token in the environment: only the stored login counts. */
    const runWithLogin = (...args: string[]) =>
      cli.run(args, { env: { CODER_URL: undefined, CODER_SESSION_TOKEN: undefined } })
    const sessionFile = () => join(cli.home, 'coderv2', 'session')
    const session = () => readFileSync(sessionFile(), 'utf8')

    test('gets its owner with the first login', async () => {
      const claim = await runWithLogin(
        ...['login', cli.server.url, '--first-user-username', 'owner', '--first-user-email', 'owner@example.com'],
        ...['--first-user-password', 'a-Long-passw0rd', '--first-user-full-name', 'The Owner'],
        '--first-user-trial=false',
      )
      expect(claim).toMatchObject({ status: 0, stdout: expect.stringContaining('owner') })
      const me = await cli.server.clientWith(session()).call(getUser, { params: { user: 'me' } })
      expect(me).toMatchObject({
        username: 'owner',
        email: 'owner@example.com',
        name: 'The Owner',
        login_type: 'password',
      })
      expect(me.roles.map(({ name }) => name)).toEqual(['owner'])
    })

    test('accepts the stored login, a flag and the environment', async () => {
      const whoami = ['whoami', '--output', 'json']
      const owner = [{ url: cli.server.url, username: 'owner', roles: { '*': ['Owner'] } }]
      expect(JSON.parse((await runWithLogin(...whoami)).stdout)).toMatchObject(owner)
      const env = {
        CODER_URL: cli.server.url,
        CODER_SESSION_TOKEN: session(),
        HOME: '/nonexistent',
        XDG_CONFIG_HOME: '/nonexistent',
      }
      expect(JSON.parse((await cli.run(whoami, { env })).stdout)).toMatchObject(owner)
      const refused = await runWithLogin(...whoami, '--token', 'nobody-1234567890abcdefghijkl')
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('session has expired') })
    })

    test('creates a session for a login with a token', async () => {
      const before = session()
      const token = (await runWithLogin('tokens', 'create', '--name', 'second-machine')).stdout.trim()
      expect((await runWithLogin('login', cli.server.url, '--token', token)).status).toBe(0)
      expect([before, token]).not.toContain(session())
      expect((await runWithLogin('login', cli.server.url, '--token', token, '--use-token-as-session')).status).toBe(0)
      expect(session()).toBe(token)
      expect((await runWithLogin('login', cli.server.url, '--token', 'nothing')).stderr).toContain(
        'session has expired',
      )
    })

    test('ends the session on logout', async () => {
      const ended = session()
      expect((await runWithLogin('logout', '--yes')).status).toBe(0)
      expect(() => session()).toThrow('ENOENT')
      expect((await runWithLogin('whoami')).stderr).toContain('not logged in')
      const me = cli.server.clientWith(ended).call(getUser, { params: { user: 'me' } })
      await expect(me).rejects.toMatchObject({ status: 401 })
    })
  },
  () => startServerWithoutUsers({ disableRateLimits: 'true' }),
)
