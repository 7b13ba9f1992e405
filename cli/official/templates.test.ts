// Pushing, editing, versioning, pulling and deleting templates.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { describeOfficialCli } from './official-coder.ts'

const sized = (size: number) => `
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = ${size}
  mutable = true
}
data "coder_workspace_preset" "big" {
  name       = "Big"
  parameters = { size = 9 }
}
variable "region" {
  default = "eu"
}
resource "terraform_data" "it" {
  input = "\${var.region}: \${data.coder_parameter.size.value}"
}
`

describeOfficialCli('a template', (cli) => {
  const { run, stdoutOf, stderrOf, json, table } = cli
  const folder = () => join(cli.home, 'sized')
  const push = (...args: string[]) => stdoutOf('templates', 'push', 'sized', '--directory', folder(), '--yes', ...args)
  const write = (text: string) => writeFileSync(join(folder(), 'main.tf'), text)
  const find = async (name: string) =>
    (await json('templates', 'list'))
      .map((row: { Template: object }) => row.Template)
      .find((template: { name: string }) => template.name === name)
  const versions = async (...args: string[]) =>
    (await table('templates', 'versions', 'list', 'sized', '--column', 'name,status,active,archived', ...args)).map(
      ({ NAME, STATUS, ACTIVE, ARCHIVED }) => [NAME, STATUS, ACTIVE, ARCHIVED].filter(Boolean).join(' '),
    )

  beforeAll(() => {
    mkdirSync(folder())
    write(sized(2))
  })

  test('starts from an example', async () => {
    await stdoutOf('templates', 'init', '--id', 'docker', join(cli.home, 'example'))
    expect(readdirSync(join(cli.home, 'example'))).toContain('main.tf')
  })

  test('is pushed from a folder', async () => {
    const pushed = await push('--name', 'first', '--message', 'The beginning')
    expect(pushed).toContain('terraform_data.it')
    expect(pushed).toContain('Plan: 1 to add, 0 to change, 0 to destroy.')
    expect(await find('sized')).toMatchObject({
      organization_name: 'coder',
      provisioner: 'terraform',
      deprecated: false,
    })
    const [{ TemplateVersion: version }] = await json('templates', 'versions', 'list', 'sized')
    expect(version).toMatchObject({
      name: 'first',
      message: 'The beginning',
      archived: false,
      job: { status: 'succeeded' },
    })
    expect(await table('templates', 'list', '--column', 'name,used by')).toContainEqual({
      NAME: 'sized',
      'USED BY': '0 active developers',
    })
  })

  test('gets an inactive version, and one from an archive with a variable value', async () => {
    write(sized(3))
    await push('--name', 'second', '--activate=false')
    expect(await versions()).toEqual(['first Succeeded Active', 'second Succeeded'])
    const archive = execFileSync('tar', ['-C', folder(), '-c', '.'])
    const piped = [
      'templates',
      'push',
      'sized',
      '--directory',
      '-',
      '--yes',
      '--name',
      'third',
      '--variable',
      'region=us',
    ]
    expect((await run(piped, { input: archive })).status).toBe(0)
    expect(await versions()).toEqual(['first Succeeded', 'second Succeeded', 'third Succeeded Active'])
    expect(
      await run(['templates', 'push', 'sized', '--directory', folder(), '--yes', '--name', 'third']),
    ).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/third.*[\s\S]*name : /),
    })
  })

  test('is rejected with the position of its error', async () => {
    const broken = join(cli.home, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'main.tf'), 'resource "terraform_data" "it" {\n  input = local.nothing\n}\n')
    const refused = await run(['templates', 'push', 'broken', '--directory', broken, '--yes'])
    expect(refused).toMatchObject({ status: 1, stdout: expect.stringMatching(/main\.tf:2[\s\S]*local\.nothing/) })
    expect(await find('broken')).toBeUndefined()
    expect(await table('provisioner', 'jobs', 'list', '--status', 'failed', '--column', 'type,status')).toEqual([
      { TYPE: 'template_version_import', STATUS: 'failed' },
    ])
  })

  test('has versions that can be promoted, archived and unarchived', async () => {
    const ofVersions = ['templates', 'versions']
    await stdoutOf(...ofVersions, 'promote', '--template', 'sized', '--template-version', 'second')
    expect(await versions()).toEqual(['first Succeeded', 'second Succeeded Active', 'third Succeeded'])
    await stdoutOf(...ofVersions, 'archive', 'sized', 'first', '--yes')
    expect(await versions()).toEqual(['second Succeeded Active', 'third Succeeded'])
    expect(await versions('--include-archived')).toContain('first Succeeded Archived')
    const create = ['create', 'old', '--template', 'sized', '--preset', 'none', '--use-parameter-defaults', '--yes']
    expect(await stderrOf(...create, '--template-version', 'first')).toMatch(/archived/i)
    await stdoutOf(...ofVersions, 'unarchive', 'sized', 'first', '--yes')
    expect(await versions()).toEqual(['first Succeeded', 'second Succeeded Active', 'third Succeeded'])
    expect(await stdoutOf('templates', 'archive', 'sized', '--all', '--yes')).toContain('2 versions')
    expect(await versions()).toEqual(['second Succeeded Active'])
    expect(await stderrOf(...ofVersions, 'promote', '--template', 'sized', '--template-version', 'none')).toContain(
      'not found',
    )
  })

  test('lists its presets', async () => {
    expect(await stdoutOf('templates', 'presets', 'list', 'sized')).toMatch(/"second"[\s\S]*Big +size=9 +false +0/)
    expect(await json('templates', 'presets', 'list', 'sized', '--template-version', 'third')).toMatchObject([
      { TemplatePreset: { Name: 'Big', Parameters: [{ Name: 'size', Value: '9' }], Default: false } },
    ])
  })

  test('has texts, schedule and permissions that can be edited', async () => {
    const edit = ['templates', 'edit', 'sized', '--yes']
    await stdoutOf(...edit, '--display-name', 'In sizes', '--description', 'Any size', '--icon', '/icon/code.svg')
    await stdoutOf(...edit, '--default-ttl', '8h', '--activity-bump', '2h', '--name', 'resized')
    await stdoutOf(
      'templates',
      'edit',
      'resized',
      '--yes',
      '--allow-user-autostart=false',
      '--autostart-requirement-weekdays',
      'monday,friday',
      '--failure-ttl',
      '1h',
      '--dormancy-threshold',
      '48h',
    )
    expect(await find('resized')).toMatchObject({
      display_name: 'In sizes',
      description: 'Any size',
      icon: '/icon/code.svg',
      default_ttl_ms: 8 * 3_600_000,
      activity_bump_ms: 2 * 3_600_000,
      allow_user_autostart: false,
      autostart_requirement: { days_of_week: ['monday', 'friday'] },
      failure_ttl_ms: 3_600_000,
      time_til_dormant_ms: 48 * 3_600_000,
    })
    await stdoutOf('templates', 'edit', 'resized', '--yes', '--deprecated', 'Use another')
    expect(await find('resized')).toMatchObject({ deprecated: true, deprecation_message: 'Use another' })
    expect(
      await stderrOf(
        'create',
        'late',
        '--template',
        'resized',
        '--preset',
        'none',
        '--use-parameter-defaults',
        '--yes',
      ),
    ).toMatch(/deprecated/i)
    await stdoutOf('templates', 'edit', 'resized', '--yes', '--deprecated', '', '--name', 'sized')
    expect(await find('sized')).toMatchObject({ deprecated: false })
  })

  test('is pulled unchanged, as files and as an archive', async () => {
    const pulled = join(cli.home, 'pulled')
    await stdoutOf('templates', 'pull', 'sized', pulled)
    expect(readFileSync(join(pulled, 'main.tf'), 'utf8')).toBe(sized(3))
    await stdoutOf('templates', 'pull', 'sized', '--version', 'first', '--yes', pulled)
    expect(readFileSync(join(pulled, 'main.tf'), 'utf8')).toBe(sized(2))
    expect(await stdoutOf('templates', 'pull', 'sized', '--tar')).toContain(sized(3))
    expect((await stdoutOf('templates', 'pull', 'sized', '--zip')).slice(0, 2)).toBe('PK')
  })

  test('is deleted only when no workspace uses it', async () => {
    await stdoutOf('create', 'otter', '--template', 'sized', '--preset', 'Big', '--yes')
    const refused = await stderrOf('templates', 'delete', 'sized', '--yes')
    expect(refused).toMatch(/workspace/)
    await stdoutOf('delete', 'otter', '--yes')
    await stdoutOf('templates', 'delete', 'sized', '--yes')
    expect(await find('sized')).toBeUndefined()
    expect(await stderrOf('templates', 'delete', 'sized', '--yes')).toContain('not found')
  })
})
