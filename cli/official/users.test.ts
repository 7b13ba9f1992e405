// Users, their roles and their membership in the organization.

import { expect, test } from 'vitest'
import { login } from '../../api/account/sign-in.ts'
import { describeOfficialCli } from './official-coder.ts'

const password = 'a-Long-passw0rd'

describeOfficialCli('users', (cli) => {
  const { run, stdoutOf, stderrOf, json, table } = cli
  const statusOf = async (username: string) => (await json('users', 'show', username)).status
  const runWithYes = (...args: string[]) => run(args, { input: 'yes\n' })

  test('are created with a password or without a login', async () => {
    const made = await run([
      ...['users', 'create', '--username', 'ada', '--email', 'ada@example.com'],
      ...['--full-name', 'Ada Lovelace', '--password', password],
    ])
    expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining(password) })
    expect(made.stderr).toContain(cli.server.url)
    await stdoutOf('users', 'create', '--username', 'bot', '--email', 'bot@example.com', '--login-type', 'none')
    expect(await json('users', 'list')).toMatchObject([
      {
        username: 'ada',
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        status: 'dormant',
        login_type: 'password',
        roles: [],
      },
      { username: 'bot', status: 'dormant', login_type: 'none' },
      { status: 'active', roles: [{ name: 'owner', display_name: 'Owner' }] },
    ])
    const { session_token } = await cli.server
      .clientWith(undefined)
      .call(login, { body: { email: 'ada@example.com', password } })
    expect(session_token).not.toBe('')
    expect(await statusOf('ada')).toBe('active')
  })

  test('need a unique name and a strong password', async () => {
    const create = ['users', 'create', '--email', 'other@example.com', '--username']
    expect(await stderrOf(...create, 'ada', '--password', password)).toContain('already exists')
    expect(await stderrOf(...create, 'weak', '--password', 'short')).toMatch(/validation error[\s\S]*password : /)
    expect(await stderrOf('users', 'show', 'weak')).toContain('weak')
  })

  test('are shown with their roles and organizations', async () => {
    expect(await json('users', 'show', 'ada')).toMatchObject({ username: 'ada', organization_names: ['coder'] })
    expect(await table('users', 'list', '--column', 'username,name,email,status')).toContainEqual({
      USERNAME: 'ada',
      NAME: 'Ada Lovelace',
      EMAIL: 'ada@example.com',
      STATUS: 'active',
    })
  })

  test('are suspended and activated after a confirmation', async () => {
    expect(await stderrOf('users', 'suspend', 'ada')).toContain('EOF')
    expect(await statusOf('ada')).toBe('active')
    expect((await runWithYes('users', 'suspend', 'ada')).status).toBe(0)
    expect(await statusOf('ada')).toBe('suspended')
    expect((await runWithYes('users', 'activate', 'ada')).status).toBe(0)
    expect(await statusOf('ada')).not.toBe('suspended')
  })

  test('have roles in the deployment and in the organization', async () => {
    await stdoutOf('users', 'edit-roles', 'ada', '--roles', 'auditor,template-admin', '--yes')
    const { roles } = await json('users', 'show', 'ada')
    expect(roles.map(({ display_name }: { display_name: string }) => display_name).sort()).toEqual([
      'Auditor',
      'Template Admin',
    ])
    expect(await stderrOf('users', 'edit-roles', 'ada', '--roles', 'king', '--yes')).toMatch(/king.*owner.*user-admin/)

    await stdoutOf('organizations', 'members', 'edit-roles', 'ada', 'organization-template-admin')
    const members = await json('organizations', 'members', 'list')
    expect(members).toHaveLength(3)
    expect(members).toContainEqual(
      expect.objectContaining({
        username: 'ada',
        roles: [expect.objectContaining({ name: 'organization-template-admin' })],
      }),
    )
    expect(await table('organizations', 'members', 'list')).toContainEqual({
      USERNAME: 'ada',
      'ORGANIZATION ROLES': '[Organization Template Admin]',
    })
    const ofOrganization = await table('organizations', 'roles', 'show')
    expect(ofOrganization.map(({ NAME }) => NAME)).toEqual(
      expect.arrayContaining(['organization-admin', 'organization-user-admin', 'organization-workspace-creation-ban']),
    )
  })

  test('are removed from the organization and added again', async () => {
    const membersNow = async () =>
      (await json('organizations', 'members', 'list')).map(({ username }: { username: string }) => username)
    expect(await stderrOf('organizations', 'members', 'add', 'bot')).toContain('already')
    await stdoutOf('organizations', 'members', 'remove', 'bot')
    expect(await membersNow()).not.toContain('bot')
    await stdoutOf('organizations', 'members', 'add', 'bot')
    expect(await membersNow()).toContain('bot')
  })

  test('are deleted', async () => {
    await stdoutOf('users', 'delete', 'bot')
    expect(await stderrOf('users', 'show', 'bot')).toContain('bot')
    expect(await stderrOf('users', 'delete', 'bot')).toContain('bot')
    expect((await table('users', 'list')).map(({ USERNAME }) => USERNAME)).not.toContain('bot')
  })

  test('belong to the only organization', async () => {
    const [organization] = await json('organizations', 'show', 'selected')
    expect(organization).toMatchObject({ name: 'coder', is_default: true })
    for (const which of ['me', 'coder', organization.id])
      expect(await stdoutOf('organizations', 'show', which)).toContain(`coder (${organization.id})`)
    expect((await stdoutOf('organizations', 'show', 'selected', '--only-id')).trim()).toBe(organization.id)
    expect(await stderrOf('organizations', 'create', 'second', '--yes')).toContain('one organization')
    expect(await stderrOf('organizations', 'show', 'second')).toContain('not found')
  })
})
