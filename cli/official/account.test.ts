// The user's account: tokens, Git SSH key, notifications, external accounts.

import { expect, test } from 'vitest'
import { getNotificationsSettings, listInboxNotifications } from '../../api/account/notifications.ts'
import { describeOfficialCli } from './official-coder.ts'

describeOfficialCli('an account', (cli) => {
  const { run, stdoutOf, stderrOf, json, table } = cli
  const as = (token: string) => ({ env: { CODER_SESSION_TOKEN: token } })

  test('has tokens with scopes', async () => {
    const all = (await stdoutOf('tokens', 'create', '--name', 'script', '--lifetime', '2h')).trim()
    const reading = (
      await stdoutOf(
        'tokens',
        'create',
        '--name',
        'reader',
        '--scope',
        'workspace:read',
        '--scope',
        'user:read',
        '--allow',
        'workspace:*',
        '--allow',
        'user:*',
      )
    ).trim()
    expect((await run(['users', 'list'], as(all))).status).toBe(0)
    expect(JSON.parse((await run(['list', '--output', 'json'], as(reading))).stdout)).toEqual([])
    expect(await run(['tokens', 'create', '--name', 'more'], as(reading))).toMatchObject({ status: 1 })
    expect(await table('tokens', 'list', '--column', 'id,name,scopes,allow list')).toEqual(
      expect.arrayContaining([
        { ID: all.split('-')[0], NAME: 'script', SCOPES: 'coder:all', 'ALLOW LIST': '*:*' },
        {
          ID: reading.split('-')[0],
          NAME: 'reader',
          SCOPES: 'user:read, workspace:read',
          'ALLOW LIST': 'user:*, workspace:*',
        },
      ]),
    )
    expect(await json('tokens', 'view', 'script')).toMatchObject([{ token_name: 'script', lifetime_seconds: 7200 }])
    expect(await stderrOf('tokens', 'create', '--name', 'script')).toContain('script')
    expect(await stderrOf('tokens', 'create', '--name', 'odd', '--scope', 'workspace:eat')).toContain('workspace:eat')
    await stdoutOf('tokens', 'remove', 'script')
    expect((await run(['whoami'], as(all))).status).toBe(1)
    expect(await stderrOf('tokens', 'remove', 'script')).toContain('not found')
  })

  test('shows when a token was used', async () => {
    const token = (await stdoutOf('tokens', 'create', '--name', 'used')).trim()
    const lastUsed = async () => (await json('tokens', 'view', 'used'))[0].last_used
    expect(await lastUsed()).toBe('0001-01-01T00:00:00Z')
    await run(['whoami'], as(token))
    expect(Date.parse(await lastUsed())).toBeGreaterThan(0)
    expect((await json('users', 'show', 'me')).last_seen_at).toMatch(/^20/)
  })

  test('gets tokens from an owner, who can list all tokens', async () => {
    await cli.server.createUser('ada')
    const token = (await stdoutOf('tokens', 'create', '--name', 'given', '--user', 'ada')).trim()
    expect(JSON.parse((await run(['whoami', '--output', 'json'], as(token))).stdout)).toMatchObject([
      { username: 'ada' },
    ])
    const owners = (await table('tokens', 'list', '--all', '--column', 'name,owner')).map(
      ({ NAME, OWNER }) => `${NAME} ${OWNER}`,
    )
    expect(owners).toContain('given ada')
    expect(await run(['tokens', 'list', '--all', '--output', 'json'], as(token))).toMatchObject({
      stdout: expect.not.stringContaining('reader'),
    })
    expect((await run(['tokens', 'create', '--user', 'root', '--name', 'stolen'], as(token))).status).toBe(1)
  })

  test('has a Git SSH key that can be regenerated', async () => {
    const fetchKey = async (...args: string[]) => /ssh-ed25519 \S+/.exec(await stdoutOf('publickey', ...args))?.[0]
    const first = await fetchKey()
    expect(first).toBeDefined()
    expect(await fetchKey()).toBe(first)
    expect(await fetchKey('--reset', '--yes')).not.toBe(first)
  })

  test('receives test and custom notifications, which an owner can pause', async () => {
    const received = async () => (await cli.server.client.call(listInboxNotifications, { query: {} })).notifications
    await stdoutOf('notifications', 'custom', 'Lunch', 'is ready')
    await stdoutOf('notifications', 'test')
    await expect
      .poll(received, { timeout: 20_000 })
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ title: 'Lunch', content: 'is ready' }),
          expect.objectContaining({ template_id: 'c425f63e-716a-4bf4-ae24-78348f706c3f' }),
        ]),
      )
    const isPaused = async () => (await cli.server.client.call(getNotificationsSettings)).notifier_paused
    await stdoutOf('notifications', 'pause')
    expect(await isPaused()).toBe(true)
    await stdoutOf('notifications', 'resume')
    expect(await isPaused()).toBe(false)
    const { token } = await cli.server.createUser('bob')
    expect(await run(['notifications', 'pause'], as(token))).toMatchObject({ status: 1 })
  })

  test('gets external access tokens only inside a workspace', async () => {
    expect(await stderrOf('external-auth', 'access-token', 'github')).toContain('CODER_AGENT_URL')
  })
})
