// Automatic start and stop of workspaces.

import { beforeAll, expect, test } from 'vitest'
import { createTemplate } from '../../server/testing/workspace-fixtures.ts'
import { describeOfficialCli } from './official-coder.ts'

const hourMs = 3_600_000
/** Upper bound for the time between a command and the assertion. */
const minuteMs = 60_000

describeOfficialCli('a schedule', (cli) => {
  const { stdoutOf, stderrOf, json, table } = cli
  const shown = async () => (await json('schedule', 'show', 'otter'))[0]
  const hoursAhead = (time: string) => (Date.parse(time) - Date.now()) / hourMs
  /** Asserts that the time is this many hours ahead, within a minute. */
  const expectAhead = (time: string, hours: number) =>
    expect(Math.abs(hoursAhead(time) - hours)).toBeLessThan(minuteMs / hourMs)

  beforeAll(async () => {
    await createTemplate(cli.server.client, 'empty', { 'main.tf': 'resource "terraform_data" "it" {}' })
    await stdoutOf('create', 'otter', '--template', 'empty', '--yes')
  })

  test('is empty at first, and has no stop to extend', async () => {
    expect(await shown()).toEqual({
      workspace: expect.stringMatching(/\/otter$/),
      starts_at: '',
      starts_next: '',
      stops_after: '',
      stops_next: '',
    })
    expect((await json('list'))[0]).toMatchObject({ latest_build: { deadline: null, max_deadline: null } })
    expect(await stderrOf('schedule', 'extend', 'otter', '4h')).toContain('error')
  })

  test('has a start time in a time zone until it is set to manual', async () => {
    const [row] = await table('schedule', 'start', 'otter', '7:15am', 'Sat', 'Europe/Dublin')
    expect(row).toMatchObject({ 'STARTS AT': '7:15AM Sat (Europe/Dublin)' })
    const next = new Date((await shown()).starts_next)
    expect({ day: next.getUTCDay(), minutes: next.getUTCMinutes() }).toEqual({ day: 6, minutes: 15 })
    expect(await stderrOf('schedule', 'start', 'otter', '25:00')).toContain('hh:mm')
    expect(await shown()).toMatchObject({ starts_at: '7:15AM Sat (Europe/Dublin)' })
    await stdoutOf('schedule', 'start', 'otter', 'manual')
    expect(await shown()).toMatchObject({ starts_at: '', starts_next: '' })
  })

  test('has a time to live that applies from the next start', async () => {
    await stdoutOf('schedule', 'stop', 'otter', '3h30m')
    expect(await shown()).toMatchObject({ stops_after: '3h30m', stops_next: '' })
    await stdoutOf('restart', 'otter', '--yes')
    expectAhead((await shown()).stops_next, 3.5)
    expect(await stderrOf('schedule', 'stop', 'otter', '30s')).toContain('ttl_ms')
    expect(await stderrOf('schedule', 'stop', 'otter', '800h')).toContain('ttl_ms')
    expect(await shown()).toMatchObject({ stops_after: '3h30m' })
  })

  test('can be extended', async () => {
    await stdoutOf('schedule', 'extend', 'otter', '6h')
    expectAhead((await shown()).stops_next, 6)
    await stdoutOf('schedule', 'override-stop', 'otter', '1h')
    expectAhead((await shown()).stops_next, 1)
    const refused = await cli.run(['schedule', 'extend', 'otter', '1m'])
    expect(refused.stdout + refused.stderr).toContain('30 minutes')
    expectAhead((await shown()).stops_next, 1)
  })

  test('is listed for all workspaces or for matching ones', async () => {
    await stdoutOf(
      'create',
      'mole',
      '--template',
      'empty',
      '--yes',
      '--start-at',
      '9:30 Mon-Fri UTC',
      '--stop-after',
      '2h',
    )
    const names = async (...args: string[]) =>
      (await table('schedule', 'show', ...args)).map(({ WORKSPACE }) => WORKSPACE?.split('/')[1])
    expect(await names()).toEqual(['mole', 'otter'])
    expect(await names('--search', 'name:mole')).toEqual(['mole'])
    expect(await names('--all')).toEqual(['mole', 'otter'])
  })

  test('has no stop without a time to live', async () => {
    await stdoutOf('schedule', 'stop', 'otter', 'manual')
    expect(await shown()).toMatchObject({ stops_after: '', stops_next: '' })
    expect((await json('list', '--search', 'name:otter'))[0]).not.toHaveProperty('ttl_ms', expect.any(Number))
  })

  test('comes from the template when users may not set their own', async () => {
    await stdoutOf(
      'templates',
      'edit',
      'empty',
      '--yes',
      '--default-ttl',
      '5h',
      '--allow-user-autostop=false',
      '--allow-user-autostart=false',
    )
    expect(await stderrOf('schedule', 'stop', 'otter', '1h')).toContain('not allowed')
    expect(await stderrOf('schedule', 'start', 'otter', '9:00')).toContain('not allowed')
    await stdoutOf('restart', 'otter', '--yes')
    expectAhead((await shown()).stops_next, 5)
  })
})
