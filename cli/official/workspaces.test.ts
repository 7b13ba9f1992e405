// Creating workspaces with parameters from all sources, building, renaming, sharing and deleting them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createTemplate } from '../../server/testing/workspace-fixtures.ts'
import { describeOfficialCli } from './official-coder.ts'

const templateFiles = (defaultSize: number) => ({
  'main.tf': `
    data "coder_parameter" "size" {
      name    = "size"
      type    = "number"
      default = ${defaultSize}
      mutable = true
    }
    data "coder_parameter" "color" {
      name    = "color"
      default = "red"
    }
    data "coder_parameter" "once" {
      name      = "once"
      default   = "no"
      mutable   = true
      ephemeral = true
    }
    data "coder_workspace_preset" "big" {
      name       = "Big"
      parameters = { size = 9, color = "blue" }
    }
    resource "terraform_data" "it" {
      input = "\${data.coder_parameter.size.value} \${data.coder_parameter.color.value} \${data.coder_parameter.once.value}"
    }
    resource "coder_metadata" "it" {
      resource_id = terraform_data.it.id
      daily_cost  = 3
    }`,
})

describeOfficialCli('a workspace', (cli) => {
  const { run, stdoutOf, stderrOf, json, table } = cli
  const create = (name: string, ...args: string[]) => ['create', name, '--template', 'sized', '--yes', ...args]
  const plain = ['--preset', 'none', '--use-parameter-defaults']
  const find = async (name: string) =>
    (await json('list', '--search', `owner:me name:${name}`)).find(
      (workspace: { name: string }) => workspace.name === name,
    )
  const statusOf = async (name: string) => (await find(name)).latest_build.status
  /** The effective values of the parameters size, color and once. */
  const effectiveValues = async (name: string) => {
    const { resources } = JSON.parse(await stdoutOf('state', 'pull', name))
    return resources.find(({ type }: { type: string }) => type === 'terraform_data').instances[0].attributes.input.value
  }

  beforeAll(async () => {
    await createTemplate(cli.server.client, 'sized', templateFiles(2))
  })

  describe('is created', () => {
    test('with a preset, which takes precedence over a value', async () => {
      const made = await stdoutOf(...create('otter', '--preset', 'Big', '--parameter', 'size=1'))
      expect(made).toMatch(/Preview[\s\S]*terraform_data\.it[\s\S]*Plan: 2 to add, 0 to change, 0 to destroy\./)
      expect(await effectiveValues('otter')).toBe('9 blue no')
      expect(await statusOf('otter')).toBe('running')
    })

    test('with values and defaults', async () => {
      await stdoutOf(...create('beaver', ...plain, '--parameter', 'size=3'))
      expect(await effectiveValues('beaver')).toBe('3 red no')
    })

    test('with values from a file, a schedule and automatic updates', async () => {
      const file = join(cli.home, 'values.yaml')
      writeFileSync(file, 'size: "4"\ncolor: pink\n')
      await stdoutOf(
        ...create('mole', '--preset', 'none', '--rich-parameter-file', file),
        ...['--start-at', '9:30AM Mon-Fri Europe/Dublin', '--stop-after', '8h', '--automatic-updates', 'always'],
      )
      expect(await effectiveValues('mole')).toBe('4 pink no')
      expect(await find('mole')).toMatchObject({
        autostart_schedule: 'CRON_TZ=Europe/Dublin 30 9 * * Mon-Fri',
        ttl_ms: 8 * 3_600_000,
        automatic_updates: 'always',
      })
    })

    test('with the values of another workspace', async () => {
      await stdoutOf('create', 'vole', '--copy-parameters-from', 'mole', '--preset', 'none', '--yes')
      expect(await effectiveValues('vole')).toBe('4 pink no')
    })

    test.each([
      ['a name that is taken', create('otter', ...plain), 'otter'],
      ['an unknown template', ['create', 'late', '--template', 'none', '--yes'], 'none'],
      ['an unknown version', create('late', '--template-version', 'none', ...plain), 'not found'],
      ['an unknown preset', create('late', '--preset', 'Huge'), 'Huge'],
      ['an unknown parameter', create('late', ...plain, '--parameter', 'shape=round'), 'shape'],
      ['a value of the wrong type', create('late', ...plain, '--parameter', 'size=large'), 'parameter'],
    ])('but not with %s', async (_, args, message) => {
      expect(await stderrOf(...args)).toContain(message)
      expect(await find('late')).toBeUndefined()
    })
  })

  test('is listed with all columns, and found by queries', async () => {
    const columns = 'workspace,template,status,healthy,current version,outdated,starts at,stops after,daily cost'
    const rows = await table('list', '--column', columns)
    expect(rows.map(({ WORKSPACE }) => WORKSPACE?.split('/')[1])).toEqual(['beaver', 'mole', 'otter', 'vole'])
    expect(rows[1]).toMatchObject({
      TEMPLATE: 'sized',
      STATUS: 'Started',
      HEALTHY: 'true',
      OUTDATED: 'false',
      'STARTS AT': '9:30AM Mon-Fri (Europe/Dublin)',
      'STOPS AFTER': '8h',
      'DAILY COST': '3',
    })
    expect(await json('list', '--search', 'param:color=blue')).toMatchObject([{ name: 'otter' }])
    expect(await json('list', '--search', 'status:stopped')).toEqual([])
    expect(await stderrOf('list', '--search', 'taste:sweet')).toContain('taste')
    expect(await stdoutOf('show', 'otter')).toContain('terraform_data.it')
    expect(await stderrOf('show', 'badger')).toContain('not found')
    const { user, token } = await cli.server.createUser('stranger')
    const seen = await run(['list', '--all', '--output', 'json'], { env: { CODER_SESSION_TOKEN: token } })
    expect({ user: user.username, seen: JSON.parse(seen.stdout) }).toEqual({ user: 'stranger', seen: [] })
  })

  test('is stopped, started with new values, and restarted with an ephemeral parameter', async () => {
    await stdoutOf('stop', 'beaver', '--yes')
    expect(await statusOf('beaver')).toBe('stopped')
    await stdoutOf(
      'start',
      'beaver',
      '--yes',
      '--parameter',
      'size=5',
      '--always-prompt',
      '--ephemeral-parameter',
      'once=yes',
    )
    expect(await statusOf('beaver')).toBe('running')
    expect(await effectiveValues('beaver')).toBe('5 red yes')
    await stdoutOf('restart', 'beaver', '--yes')
    expect(await effectiveValues('beaver')).toBe('5 red no')
    expect((await find('beaver')).latest_build).toMatchObject({ build_number: 5, reason: 'cli', transition: 'start' })
    expect(await stderrOf('restart', 'beaver', '--yes', '--parameter', 'color=green')).toContain('color')
    expect(await stderrOf('restart', 'beaver', '--yes', '--ephemeral-parameter', 'never=1')).toContain('never')
    expect(await statusOf('beaver')).toBe('running')
  })

  test('has build logs', async () => {
    const log = await stdoutOf('logs', 'beaver')
    expect(log).toMatch(/^--- Logs for workspace build #5 /)
    expect(log).toContain('[info] [provisioner|Cleaning Up]')
    expect(await stdoutOf('logs', 'beaver', '--build-number', '-3')).toMatch(/^--- Logs for workspace build #2 /)
    expect(await stderrOf('logs', 'beaver', '--build-number', '99')).toContain('not found')
    const [job] = await json('provisioner', 'jobs', 'list', '--limit', '1', '--status', 'succeeded')
    expect(job).toMatchObject({ type: 'workspace_build', metadata: { template_name: 'sized' } })
  })

  test('is updated to the active version', async () => {
    const folder = join(cli.home, 'sized')
    await stdoutOf('templates', 'pull', 'sized', folder)
    writeFileSync(join(folder, 'main.tf'), templateFiles(6)['main.tf'])
    await stdoutOf('templates', 'push', 'sized', '--directory', folder, '--name', 'larger', '--yes')
    expect(await find('mole')).toMatchObject({ outdated: true })
    expect(await table('list', '--search', 'outdated:true', '--column', 'workspace')).toHaveLength(4)
    await stdoutOf('update', 'mole')
    expect(await find('mole')).toMatchObject({
      outdated: false,
      latest_build: { template_version_name: 'larger', status: 'running' },
    })
    expect(await effectiveValues('mole')).toBe('4 pink no')
    expect(await stdoutOf('update', 'mole')).toContain('up-to-date')
    await stdoutOf('autoupdate', 'vole', 'always')
    expect(await find('vole')).toMatchObject({ automatic_updates: 'always', outdated: true })
    await stdoutOf('restart', 'vole', '--yes')
    expect(await find('vole')).toMatchObject({ outdated: false })
    await stdoutOf('autoupdate', 'vole', 'never')
    expect(await find('vole')).toMatchObject({ automatic_updates: 'never' })
  })

  test('is marked and unmarked as a favorite', async () => {
    await stdoutOf('favorite', 'vole')
    expect(await table('list', '--column', 'workspace')).toContainEqual({
      WORKSPACE: expect.stringMatching(/^★ .*vole$/),
    })
    await stdoutOf('unfavorite', 'vole')
    expect(await find('vole')).toMatchObject({ favorite: false })
  })

  test('is renamed after typing its name', async () => {
    expect((await run(['rename', 'vole', 'shrew'], { input: 'mouse\n' })).status).toBe(1)
    expect((await run(['rename', 'vole', 'shrew'], { input: 'vole\n' })).status).toBe(0)
    expect(await find('shrew')).toMatchObject({ name: 'shrew' })
    expect(await find('vole')).toBeUndefined()
  })

  test('has a state that can be pulled and pushed', async () => {
    const file = join(cli.home, 'state.json')
    await stdoutOf('state', 'pull', 'shrew', file)
    const before = (await find('shrew')).latest_build.build_number
    await stdoutOf('state', 'push', 'shrew', file)
    expect((await find('shrew')).latest_build).toMatchObject({ build_number: before + 1, status: 'running' })
    await stdoutOf('state', 'push', '--no-build', 'shrew', file)
    expect((await find('shrew')).latest_build.build_number).toBe(before + 1)
    expect(JSON.parse(await stdoutOf('state', 'pull', 'shrew', '--build', '1'))).toMatchObject({ version: 4 })
    expect(await stderrOf('state', 'pull', 'badger')).toContain('not found')
  })

  test('is shared with users and groups, and unshared', async () => {
    const { token } = await cli.server.createUser('ada')
    const asAda = { env: { CODER_SESSION_TOKEN: token } }
    const owner = (await find('otter')).owner_name
    expect((await run(['show', `${owner}/otter`], asAda)).status).toBe(1)
    expect(await table('sharing', 'share', 'otter', '--user', 'ada:use')).toEqual([
      { USER: 'ada', GROUP: '-', ROLE: 'use' },
    ])
    expect((await run(['show', `${owner}/otter`], asAda)).status).toBe(0)
    expect((await run(['rename', `${owner}/otter`, 'stolen'], { ...asAda, input: `${owner}/otter\n` })).status).toBe(1)
    await stdoutOf('sharing', 'share', 'otter', '--user', 'ada:admin', '--group', 'Everyone:use')
    const shared = await table('sharing', 'status', 'otter')
    expect(shared).toEqual(
      expect.arrayContaining([
        { USER: 'ada', GROUP: '-', ROLE: 'admin' },
        { USER: 'ada', GROUP: 'Everyone', ROLE: 'use' },
      ]),
    )
    expect(await stderrOf('sharing', 'share', 'otter', '--user', 'nobody')).toContain('nobody')
    expect(await stderrOf('sharing', 'share', 'otter', '--user', 'ada:king')).toContain('king')
    await stdoutOf('sharing', 'remove', 'otter', '--user', 'ada', '--group', 'Everyone')
    expect((await run(['show', `${owner}/otter`], asAda)).status).toBe(1)
  })

  test('is deleted with or without destroying its resources', async () => {
    expect(await stdoutOf('delete', 'otter', '--yes')).toContain('Plan: 0 to add, 0 to change, 2 to destroy.')
    expect(await find('otter')).toBeUndefined()
    expect(await stderrOf('delete', 'otter', '--yes')).toContain('not found')
    expect(await stdoutOf('delete', 'shrew', '--orphan', '--yes')).not.toContain('to destroy')
    for (const name of ['mole', 'beaver']) await stdoutOf('delete', name, '--yes')
    expect(await json('list')).toEqual([])
  })
})
