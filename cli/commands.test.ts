// Commands for users, organizations, templates, workspaces and tasks, with a real coderd.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listWorkspaces } from '../api/workspaces/workspaces.ts'
import { appBlock, templateForTasks, templateWithAgent } from '../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../server/testing/start-test-server.ts'
import { createTemplate, waitForBuild } from '../server/testing/workspace-fixtures.ts'
import { createCliUser } from './testing/run-coder.ts'

const cliUser = createCliUser()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.close()
  cliUser.remove()
})

const coder = (args: readonly string[], input?: string) =>
  cliUser.coder(args, { CODER_CONFIG_DIR: server.dataDir }, input)

/** Asserts that the command succeeds. */
async function stdoutOf(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await coder(args)
  expect({ args, status, stderr }).toMatchObject({ status: 0 })
  return stdout.trimEnd()
}

const json = async (...args: string[]) => JSON.parse(await stdoutOf(...args, '--output', 'json'))

describe('users', () => {
  test('are created, listed, shown, suspended, activated and deleted', async () => {
    const created = await stdoutOf('users', 'create', '-u', 'grace', '-e', 'grace@example.com')
    expect(created).toMatch(
      /^User grace was created\.\nThey sign in at \S+ with grace@example\.com and the password \S{20},/,
    )
    expect(await stdoutOf('users', 'list', '--column', 'username,status', '--search', 'grace')).toBe(
      'USERNAME  STATUS\ngrace     dormant',
    )
    expect(await stdoutOf('users', 'list', '-c', 'created at')).toMatch(/\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(await json('users', 'show', 'grace')).toMatchObject({
      email: 'grace@example.com',
      organization_names: ['coder'],
    })
    expect(await stdoutOf('users', 'suspend', 'grace', '--column', 'username,status', '--yes')).toBe(
      'USERNAME  STATUS\ngrace     dormant\nUser grace is now suspended.',
    )
    expect(await stdoutOf('users', 'suspend', 'grace', '--yes')).toBe('User grace is already suspended.')
    expect(await stdoutOf('users', 'activate', 'grace', '--yes')).toMatch(/\nUser grace is now active\.$/)
    expect(await stdoutOf('users', 'edit-roles', 'grace', '--roles', 'auditor')).toBe('Roles of grace: auditor.')
    expect((await coder(['users', 'edit-roles', 'grace', '--roles', 'king', '--yes'])).stderr).toContain('Roles: owner')
    expect(await stdoutOf('org', 'members', 'edit-roles', 'grace', 'organization-admin')).toBe(
      'Roles of grace in coder: organization-admin.',
    )
    expect(await stdoutOf('org', 'members', 'list')).toMatch(/\ngrace +\[Organization Admin\]/)
    expect(await stdoutOf('groups', 'list', '-c', 'name,members')).toContain('grace@example.com')
    expect(await stdoutOf('users', 'delete', 'grace')).toBe('User grace was deleted.')
    expect((await coder(['users', 'show', 'grace'])).status).toBe(1)
  })

  test('whoami shows the user, and `users show` one who never signed in', async () => {
    expect(await stdoutOf('whoami', '-o', 'table', '-c', 'username,roles')).toMatch(/^USERNAME +ROLES\n\S+ +\*:Owner$/)
    const { user } = await server.createUser('alan')
    expect(await stdoutOf('users', 'show', user.username)).toMatch(/\nLast seen +never\n/)
  })

  test('tokens are created, used, listed and deleted', async () => {
    const token = await stdoutOf('tokens', 'create', '--name', 'script', '--lifetime', '2h')
    const asToken = ['--url', server.url, '--token', token]
    expect(JSON.parse((await coder(['whoami', '-o', 'json', ...asToken])).stdout)).toMatchObject([
      { url: server.url, roles: { '*': ['Owner'] } },
    ])
    expect(await stdoutOf('tokens', 'list', '-c', 'name')).toBe('NAME\nscript')
    await stdoutOf('tokens', 'create', '--name', 'another')
    const ids = (await stdoutOf('tokens', 'list', '-c', 'id')).split('\n').slice(1)
    expect(ids).toEqual(ids.toSorted())
    expect(await json('tokens', 'view', 'script')).toMatchObject([{ token_name: 'script', lifetime_seconds: 7200 }])
    expect(await stdoutOf('tokens', 'remove', token)).toBe('Token script was deleted.')
    expect((await coder(['whoami', ...asToken])).stderr).toContain('hint: sign in with `coder login`.')
    expect((await coder(['tokens', 'remove', 'script'])).stderr).toContain('Token script not found.')
  })

  test('the Git SSH key is shown and regenerated', async () => {
    const key = await stdoutOf('publickey')
    expect(key).toMatch(/^ssh-ed25519 \S+/)
    expect(await stdoutOf('publickey')).toBe(key)
    expect(await stdoutOf('publickey', '--reset', '--yes')).not.toBe(key)
  })

  test('notifications are paused, resumed and tested', async () => {
    for (const _ of [1, 2]) await stdoutOf('notifications', 'pause')
    await stdoutOf('notifications', 'resume')
    expect(await stdoutOf('notifications', 'test')).toContain('Sent a test notification')
    await stdoutOf('notifications', 'custom', 'Lunch', 'is ready')
  })

  test('the organization is found by name and by default', async () => {
    expect(await stdoutOf('organizations', 'show')).toMatch(/^coder \([0-9a-f-]{36}\), the default organization$/)
    expect(await stdoutOf('org', 'show', 'coder', '--only-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect((await coder(['org', 'show', 'nowhere'])).stderr).toContain('Organizations: coder')
  })
})

describe('an organization', () => {
  const role = (name: string, action: string) =>
    JSON.stringify({
      name,
      display_name: 'A builder',
      organization_permissions: [{ negate: false, resource_type: 'workspace', action }],
    })
  const roles = (...args: string[]) => ['organizations', 'roles', ...args]

  test('has custom roles that are created and updated in the format of `show`', async () => {
    const create = await coder(roles('create', '--stdin', '--yes'), role('builder', 'read'))
    expect(create.stdout).toMatch(/^NAME .*\nbuilder +A builder /)
    expect((await coder(roles('create', '--stdin', '--yes'), role('builder', 'read'))).stderr).toContain('already')
    const [shown] = await json(...roles('show', 'builder'))
    shown.display_name = 'Another'
    const update = await coder(roles('update', '--stdin', '--yes', '-o', 'json'), JSON.stringify([shown]))
    expect(JSON.parse(update.stdout)).toMatchObject({
      display_name: 'Another',
      organization_permissions: [{ resource_type: 'workspace', action: 'read' }],
    })
    const dryRun = await coder(roles('update', '--stdin', '--dry-run', '--yes'), role('builder', 'update'))
    expect(dryRun).toMatchObject({ status: 0 })
    expect(await json(...roles('show', 'builder'))).toMatchObject([
      { display_name: 'Another', organization_permissions: [{ action: 'read' }] },
    ])
    expect((await coder(roles('update', 'builder', '--yes'))).stderr).toContain('pass the role with --stdin.')
    expect((await coder(roles('update', '--stdin', '--yes'), role('nobody', 'read'))).stderr).toContain(
      'Custom role nobody not found.',
    )
  })

  test('shows its settings, and reads new ones from stdin', async () => {
    const settings = (...args: string[]) => ['organizations', 'settings', ...args]
    expect(JSON.parse(await stdoutOf(...settings('show', 'role-sync')))).toEqual({ field: '', mapping: {} })
    const set = await coder(settings('set', 'workspace-sharing'), '{"sharing_disabled":false}')
    expect(JSON.parse(set.stdout)).toEqual({ sharing_disabled: false })
    expect((await coder(settings('set', 'groupsync'), '{"field":"x"}')).status).toBe(1)
    expect((await coder(settings('set', 'workspace-sharing'), 'yes')).stderr).toContain('is not valid JSON')
  })
})

describe('a template', () => {
  test('is pushed with a variable, versioned, pulled, edited and deleted', async () => {
    const folder = join(cliUser.home, 'recipe')
    mkdirSync(folder)
    const main = 'variable "size" {\n  type = number\n}\noutput "size" {\n  value = var.size\n}\n'
    writeFileSync(join(folder, 'main.tf'), main)
    const push = ['templates', 'push', 'recipe', '-d', folder, '--yes']
    expect((await coder(push)).stderr).toContain('pass values of variables with --variable')
    await stdoutOf(...push, '--variable', 'size=3', '--name', 'first')
    writeFileSync(join(folder, 'values.yaml'), 'size: 4\n')
    expect(
      await stdoutOf(...push, '--variables-file', join(folder, 'values.yaml'), '--name', 'second', '--activate=false'),
    ).toBe('Version second of recipe is ready. The active version is unchanged.')
    expect(await stdoutOf('templates', 'versions', 'list', 'recipe', '-c', 'name,active')).toMatch(
      /^NAME +ACTIVE\nfirst +Active\nsecond$/,
    )
    await stdoutOf('templates', 'versions', 'promote', '-t', 'recipe', '--template-version', 'second')

    expect(await stdoutOf('templates', 'versions', 'archive', 'recipe', 'first', '--yes')).toBe(
      'Version first was archived.',
    )
    expect(await stdoutOf('templates', 'versions', 'list', 'recipe', '-c', 'name')).toBe('NAME\nsecond')
    const all = await stdoutOf('templates', 'versions', 'list', 'recipe', '-c', 'name', '--include-archived')
    expect(all).toBe('NAME    ARCHIVED\nfirst   Archived\nsecond')
    await stdoutOf('templates', 'versions', 'unarchive', 'recipe', 'first', '--yes')
    expect(await stdoutOf('templates', 'archive', 'recipe', '--all', '--yes')).toBe('recipe: 1 version archived.')

    const pulled = join(cliUser.home, 'pulled')
    expect(await stdoutOf('templates', 'pull', 'recipe', pulled)).toBe('')
    expect(readFileSync(join(pulled, 'main.tf'), 'utf8')).toBe(main)
    expect((await coder(['templates', 'pull', 'recipe', '--version', 'third', pulled])).stderr).toContain('third')

    const edit = ['templates', 'edit', 'recipe', '--yes']
    await stdoutOf(
      ...edit,
      '--display-name',
      'A recipe',
      '--default-ttl',
      '8h',
      '--autostop-requirement-weekdays',
      'saturday',
    )
    const [{ Template: template }] = await json('templates', 'list')
    expect(template).toMatchObject({
      display_name: 'A recipe',
      default_ttl_ms: 28_800_000,
      autostop_requirement: { days_of_week: ['saturday'] },
    })
    expect((await coder([...edit, '--display-name', 'A recipe'])).stderr).toBe(
      'error: Template recipe already has these settings.\n',
    )
    expect((await coder(edit)).stderr).toContain('No settings were passed.')
    expect((await coder([...edit, '--autostart-requirement-weekdays', 'someday'])).stderr).toContain(
      '"someday" is not one of monday',
    )
    expect(await stdoutOf('templates', 'delete', 'recipe', '--yes')).toBe('Template recipe was deleted.')
  })

  test('has its import job in the list of jobs', async () => {
    expect(await stdoutOf('provisioner', 'list', '-c', 'status,tags', '--max-age', '1h')).toMatch(
      /^STATUS +TAGS\n(idle|busy) +map\[owner: scope:organization\]/,
    )
    const times = (await stdoutOf('provisioner', 'jobs', 'list', '-c', 'created at')).split('\n').slice(1)
    expect(times).toEqual(times.toSorted())
    expect((await stdoutOf('provisioner', 'jobs', 'list', '-c', 'created at', '--limit=-1')).split('\n')).toEqual([
      expect.any(String),
      ...times,
    ])
    const [job] = await json('provisioner', 'jobs', 'list', '--limit', '1')
    expect(job).toMatchObject({ type: 'template_version_import', organization_name: 'Coder' })
    const { stderr } = await coder(['provisioner', 'jobs', 'cancel', job.id])
    expect(stderr).toContain('error: ')
  })

  test('starts from a starter template', async () => {
    await stdoutOf('templates', 'init', join(cliUser.home, 'mine'), '--id', 'this-computer')
    expect(existsSync(join(cliUser.home, 'mine', 'main.tf'))).toBe(true)
  })
})

describe('a workspace', () => {
  beforeAll(async () => {
    await createTemplate(server.client, 'sized', {
      'main.tf': `data "coder_parameter" "size" {
         name    = "size"
         type    = "number"
         mutable = true
       }
       data "coder_parameter" "color" {
         count   = data.coder_parameter.size.value == "7" ? 1 : 0
         name    = "color"
         default = "red"
         mutable = true
       }
       data "coder_parameter" "kind" {
         name    = "kind"
         default = "plain"
       }
       resource "terraform_data" "it" {
         input = data.coder_parameter.size.value
       }`,
    })
  })

  test('gets parameter values from flags and files, and keeps them', async () => {
    const create = ['create', 'otter', '-t', 'sized', '--yes']
    expect((await coder(create)).stderr).toContain('pass --parameter size=…')
    expect((await coder([...create, '--parameter', 'size=3', '--parameter', 'color=blue'])).stderr).toContain(
      'The template has no parameter color.',
    )
    const file = join(cliUser.home, 'values.yaml')
    writeFileSync(file, 'size: 7\ncolor: blue\n')
    expect(
      await stdoutOf(
        ...create,
        '--rich-parameter-file',
        file,
        '--start-at',
        '9:30AM Mon-Fri UTC',
        '--stop-after',
        '8h',
      ),
    ).toBe('otter is running.')
    const columns = ['--column', 'starts at,stops after']
    expect(await stdoutOf('list', ...columns)).toMatch(/\n9:30AM Mon-Fri \(UTC\) +8h$/)
    const unsure = await coder(['stop', 'otter'], 'perhaps\n')
    expect(unsure).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing was changed.') })
    expect((await coder(['stop', 'otter'], 'yes\n')).stdout).toBe('otter is stopped.\n')
    await stdoutOf('start', 'otter')
    expect(await stdoutOf('restart', 'otter', '--yes', '--parameter', 'size=2')).toContain('otter is running.')
    expect(await stdoutOf('state', 'pull', 'otter')).toContain('"value": "2"')
  })

  test('keeps running when a restart would change an immutable parameter', async () => {
    expect((await coder(['restart', 'otter', '--yes', '--parameter', 'kind=fancy'])).stderr).toContain('is "plain".')
    expect(await stdoutOf('list', '--column', 'status')).toBe('STATUS\nStarted')
  })

  test('shows its resources and logs', async () => {
    expect(await stdoutOf('show', 'otter')).toContain('terraform_data.it')
    expect(await stdoutOf('logs', 'otter')).toMatch(
      /^--- Build #5 of otter \(ID: \S+, version: \S+\) ---\n[\s\S]*\[provisioner\|Starting workspace\]/,
    )
    expect(await stdoutOf('logs', 'otter', '--build-number=-1')).toContain('Build 4 of workspace otter')
    expect((await coder(['logs', 'otter', '-n', '99'])).stderr).toContain('has no build 99')
  })

  test('is scheduled, marked as a favorite, updated automatically and shared', async () => {
    await stdoutOf('schedule', 'start', 'otter', '7:15', 'Sat', 'Europe/Dublin')
    await stdoutOf('schedule', 'stop', 'otter', 'manual')
    expect(await coder(['schedule', 'show', 'nope'])).toMatchObject({ status: 0, stdout: '' })
    expect((await stdoutOf('schedule', 'show', 'otte')).split('\n')[1]).toMatch(/otter +7:15AM Sat \(Europe\/Dublin\)/)
    expect(await stdoutOf('schedule', 'stop', 'otter', '180')).toMatch(/^WORKSPACE +STARTS AT .*\n.*otter .* 3h( |$)/)
    const [shown] = await json('schedule', 'show', 'otter')
    expect(shown).toMatchObject({ starts_at: '7:15AM Sat (Europe/Dublin)', stops_after: '3h' })
    expect(Object.keys(shown)).toEqual(['workspace', 'starts_at', 'starts_next', 'stops_after', 'stops_next'])
    expect(shown.starts_next).toMatch(/^\d{4}-\d\d-\d\dT\d\d:15:00Z$/)
    await stdoutOf('favorite', 'otter')
    expect((await stdoutOf('list', '-c', 'workspace')).split('\n')[1]).toMatch(/^★ \S+\/otter$/)
    await stdoutOf('autoupdate', 'otter', 'always')
    expect(await json('list')).toMatchObject([{ favorite: true, automatic_updates: 'always', ttl_ms: 10_800_000 }])
    await stdoutOf('unfavorite', 'otter')

    const { user } = await server.createUser('linus')
    await stdoutOf('sharing', 'share', 'otter', '--user', 'linus:admin')
    expect(await json('sharing', 'status', 'otter')).toEqual([{ user: user.username, group: '-', role: 'admin' }])
    await stdoutOf('sharing', 'remove', 'otter', '--user', 'linus')
    expect(await json('sharing', 'status', 'otter')).toEqual([])
  })

  test('is included in a support bundle', async () => {
    const file = join(cliUser.home, 'bundle.zip')
    await stdoutOf('support', 'bundle', 'otter', '--template', 'sized', '--yes', '--output-file', file)
    const files = unzipSync(readFileSync(file))
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'cli_logs.txt',
        'deployment/config.json',
        'deployment/entitlements.json',
        'deployment/health.json',
        'deployment/workspaces.json',
        'network/interfaces.json',
        'workspace/build_logs.txt',
        'workspace/template_file.zip',
      ]),
    )
    const read = (name: string) => files[name] ?? new Uint8Array()
    expect(JSON.parse(strFromU8(read('deployment/workspaces.json')))).toMatchObject({ count: 1 })
    expect(Object.keys(unzipSync(read('workspace/template_file.zip')))).toContain('main.tf')
    expect(strFromU8(read('cli_logs.txt'))).toMatch(/ workspace\/build_logs\.txt after \d+ms\n/)
    const errors = Object.entries(files).filter(([, content]) => strFromU8(content).startsWith('{\n  "error"'))
    expect(errors).toEqual([])
    expect((await coder(['support', 'bundle', '--yes', '--output-file', file])).stderr).toContain('already exists')
  })

  test('has a state that can be pulled and pushed', async () => {
    const file = join(cliUser.home, 'state.json')
    await stdoutOf('state', 'pull', 'otter', file)
    await stdoutOf('state', 'push', 'otter', file, '--no-build')
    expect(await stdoutOf('state', 'push', 'otter', file)).toBe('otter was built from the pushed state.')
    expect(await stdoutOf('delete', 'otter', '--yes')).toBe('otter was deleted.')
  })
})

describe('a task', () => {
  beforeAll(async () => {
    await createTemplate(server.client, 'thinker', { 'main.tf': templateForTasks(1) })
  })

  test('is created from an argument or stdin, listed, shown, paused, resumed and deleted', async () => {
    expect(await stdoutOf('task', 'create', 'Write a poem', '--name', 'poem')).toBe(
      'Task poem was created and is starting.',
    )
    const { stdout: id } = await coder(['task', 'create', '--name', 'song', '--quiet'], 'Write a song\n')
    expect(await json('task', 'status', 'song')).toMatchObject({ id: id.trim(), initial_prompt: 'Write a song' })
    expect(await stdoutOf('task', 'list', '-c', 'name')).toBe('NAME\npoem\nsong')
    expect(await stdoutOf('task', 'status', 'poem', '-c', 'state changed,healthy')).toMatch(/ ago +false$/)
    expect((await coder(['task', 'create', 'x', '--template', 'sized'])).stderr).toContain('error: ')
    expect((await coder(['task', 'send', 'poem', 'and now?'])).status).toBe(1)

    const { workspaces } = await server.client.call(listWorkspaces, { query: { q: 'has-ai-task:true' } })
    for (const { latest_build } of workspaces) await waitForBuild(server.client, latest_build.id)
    expect(await stdoutOf('task', 'pause', 'poem')).toBe('Task poem is paused.')
    expect(await stdoutOf('task', 'list', '--status', 'paused', '-c', 'name')).toBe('NAME\npoem')
    expect(await stdoutOf('task', 'resume', 'poem')).toBe('Task poem was resumed.')
    expect(await stdoutOf('task', 'delete', 'poem', 'song', '--yes')).toContain('Task song is being deleted.')
  })
})

test('an app opens in an existing region, and an external app with a session token only in an editor', async () => {
  const apps = [
    appBlock('web', 'http://localhost:1'),
    appBlock('docs', 'https://docs.example/?token=$SESSION_TOKEN', { isExternal: true }),
    appBlock('upper', ' HTTPS://docs.example/?token=$SESSION_TOKEN', { isExternal: true }),
    appBlock('editor', 'vscode://coder.coder-remote/open?token=$SESSION_TOKEN', { isExternal: true }),
    appBlock('program', 'ms-msdt:/id?token=$SESSION_TOKEN', { isExternal: true }),
    appBlock('file', 'file:///etc/passwd', { isExternal: true }),
  ]
  await createTemplate(server.client, 'with-apps', { 'main.tf': templateWithAgent({ blocks: apps.join('') }) })
  await stdoutOf('create', 'heron', '-t', 'with-apps', '--yes')
  // Without xdg-open, URLs are printed.
  const env = { CODER_CONFIG_DIR: server.dataDir, PATH: '' }
  const open = (...args: string[]) => cliUser.coder(['open', 'app', 'heron', ...args], env)
  expect((await open('web')).stdout).toMatch(new RegExp(`^${server.url}/@\\S+/heron\\.main/apps/web/\n$`))
  expect((await open('web', '--region', 'moon')).stderr).toContain('Regions: primary')
  expect(await open()).toEqual({
    status: 0,
    stdout: '',
    stderr: 'Apps of heron: docs, editor, file, program, upper, web\n',
  })
  expect(await open('nope')).toMatchObject({ status: 1, stderr: expect.stringContaining('Apps: docs, editor') })
  expect((await open('editor')).stdout).toMatch(/^vscode:\/\/coder\.coder-remote\/open\?token=\w+-\w+\n$/)
  expect((await open('docs')).stdout).toBe('https://docs.example/?token=$SESSION_TOKEN\n')
  expect((await open('upper')).stdout).toBe('https://docs.example/?token=$SESSION_TOKEN\n')
  for (const [slug, scheme] of Object.entries({ program: 'ms-msdt:', file: 'file:' }))
    expect(await open(slug)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(`scheme ${scheme}`),
    })
})
