// The first user is made, signs in by password, by token and by the environment, and signs out.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getUser } from '../../api/account/users.ts'
import { startUnclaimedServer } from '../../server/testing/start-test-server.ts'
import { describeOfficialCli } from './official-coder.ts'

describeOfficialCli(
  'a deployment that nobody has set up',
  (journey) => {
    /** Types it without anything in the environment: what the login wrote is what counts. */
    const type = (...args: string[]) =>
      journey.run(args, { env: { CODER_URL: undefined, CODER_SESSION_TOKEN: undefined } })
    const sessionFile = () => join(journey.home, 'coderv2', 'session')
    const session = () => readFileSync(sessionFile(), 'utf8')

    test('is claimed by the first who logs in', async () => {
      const claim = await type(
        ...['login', journey.server.url, '--first-user-username', 'owner', '--first-user-email', 'owner@example.com'],
        ...['--first-user-password', 'a-Long-passw0rd', '--first-user-full-name', 'The Owner'],
        '--first-user-trial=false',
      )
      expect(claim).toMatchObject({ status: 0, stdout: expect.stringContaining('owner') })
      const me = await journey.server.clientWith(session()).call(getUser, { params: { user: 'me' } })
      expect(me).toMatchObject({
        username: 'owner',
        email: 'owner@example.com',
        name: 'The Owner',
        login_type: 'password',
      })
      expect(me.roles.map(({ name }) => name)).toEqual(['owner'])
    })

    test('knows them by what the login wrote, by a flag and by the environment', async () => {
      const whoami = ['whoami', '--output', 'json']
      const owner = [{ url: journey.server.url, username: 'owner', roles: { '*': ['Owner'] } }]
      expect(JSON.parse((await type(...whoami)).stdout)).toMatchObject(owner)
      const env = {
        CODER_URL: journey.server.url,
        CODER_SESSION_TOKEN: session(),
        HOME: '/nonexistent',
        XDG_CONFIG_HOME: '/nonexistent',
      }
      expect(JSON.parse((await journey.run(whoami, { env })).stdout)).toMatchObject(owner)
      const refused = await type(...whoami, '--token', 'nobody-1234567890abcdefghijkl')
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('session has expired') })
    })

    test('takes a token in place of a password, and makes a session of its own for it', async () => {
      const before = session()
      const token = (await type('tokens', 'create', '--name', 'second-machine')).stdout.trim()
      expect((await type('login', journey.server.url, '--token', token)).status).toBe(0)
      expect([before, token]).not.toContain(session())
      expect((await type('login', journey.server.url, '--token', token, '--use-token-as-session')).status).toBe(0)
      expect(session()).toBe(token)
      expect((await type('login', journey.server.url, '--token', 'nothing')).stderr).toContain('session has expired')
    })

    test('forgets the session on logout', async () => {
      const ended = session()
      expect((await type('logout', '--yes')).status).toBe(0)
      expect(() => session()).toThrow('ENOENT')
      expect((await type('whoami')).stderr).toContain('not logged in')
      const me = journey.server.clientWith(ended).call(getUser, { params: { user: 'me' } })
      await expect(me).rejects.toMatchObject({ status: 401 })
    })
  },
  () => startUnclaimedServer({ disableRateLimits: 'true' }),
)
