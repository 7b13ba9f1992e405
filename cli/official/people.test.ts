// Users, their roles and their membership of the organization.

import { expect, test } from 'vitest'
import { login } from '../../api/account/sign-in.ts'
import { describeJourney } from './official-coder.ts'

const password = 'a-Long-passw0rd'

describeJourney('people', (journey) => {
  const { run, says, refuses, json, table } = journey
  const statusOf = async (username: string) => (await json('users', 'show', username)).status
  const agreeing = (...args: string[]) => run(args, { input: 'yes\n' })

  test('are made with a password or without any way in', async () => {
    const made = await run([
      ...['users', 'create', '--username', 'ada', '--email', 'ada@example.com'],
      ...['--full-name', 'Ada Lovelace', '--password', password],
    ])
    expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining(password) })
    expect(made.stderr).toContain(journey.server.url)
    await says('users', 'create', '--username', 'bot', '--email', 'bot@example.com', '--login-type', 'none')
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
    const { session_token } = await journey.server
      .clientWith(undefined)
      .call(login, { body: { email: 'ada@example.com', password } })
    expect(session_token).not.toBe('')
    expect(await statusOf('ada')).toBe('active')
  })

  test('are not made twice, nor with a weak password', async () => {
    const create = ['users', 'create', '--email', 'other@example.com', '--username']
    expect(await refuses(...create, 'ada', '--password', password)).toContain('already exists')
    expect(await refuses(...create, 'weak', '--password', 'short')).toMatch(/validation error[\s\S]*password : /)
    expect(await refuses('users', 'show', 'weak')).toContain('weak')
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

  test('are suspended and activated, once the question is answered', async () => {
    expect(await refuses('users', 'suspend', 'ada')).toContain('EOF')
    expect(await statusOf('ada')).toBe('active')
    expect((await agreeing('users', 'suspend', 'ada')).status).toBe(0)
    expect(await statusOf('ada')).toBe('suspended')
    expect((await agreeing('users', 'activate', 'ada')).status).toBe(0)
    expect(await statusOf('ada')).not.toBe('suspended')
  })

  test('get roles of the deployment and of the organization', async () => {
    await says('users', 'edit-roles', 'ada', '--roles', 'auditor,template-admin', '--yes')
    const { roles } = await json('users', 'show', 'ada')
    expect(roles.map(({ display_name }: { display_name: string }) => display_name).sort()).toEqual([
      'Auditor',
      'Template Admin',
    ])
    expect(await refuses('users', 'edit-roles', 'ada', '--roles', 'king', '--yes')).toMatch(/king.*owner.*user-admin/)

    await says('organizations', 'members', 'edit-roles', 'ada', 'organization-template-admin')
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

  test('leave the organization and come back', async () => {
    const membersNow = async () =>
      (await json('organizations', 'members', 'list')).map(({ username }: { username: string }) => username)
    expect(await refuses('organizations', 'members', 'add', 'bot')).toContain('already')
    await says('organizations', 'members', 'remove', 'bot')
    expect(await membersNow()).not.toContain('bot')
    await says('organizations', 'members', 'add', 'bot')
    expect(await membersNow()).toContain('bot')
  })

  test('are deleted', async () => {
    await says('users', 'delete', 'bot')
    expect(await refuses('users', 'show', 'bot')).toContain('bot')
    expect(await refuses('users', 'delete', 'bot')).toContain('bot')
    expect((await table('users', 'list')).map(({ USERNAME }) => USERNAME)).not.toContain('bot')
  })

  test('are all in one organization, of which there is no second', async () => {
    const [organization] = await json('organizations', 'show', 'selected')
    expect(organization).toMatchObject({ name: 'coder', is_default: true })
    for (const which of ['me', 'coder', organization.id])
      expect(await says('organizations', 'show', which)).toContain(`coder (${organization.id})`)
    expect((await says('organizations', 'show', 'selected', '--only-id')).trim()).toBe(organization.id)
    expect(await refuses('organizations', 'create', 'second', '--yes')).toContain('one organization')
    expect(await refuses('organizations', 'show', 'second')).toContain('not found')
  })
})
