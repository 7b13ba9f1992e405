import { statfsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { createCliUser } from '../../testing/run-coder.ts'

const cliUser = createCliUser()
afterAll(() => cliUser.remove())

test('CPU usage is in cores of the computer', async () => {
  const usage = JSON.parse((await cliUser.coder(['stat', 'cpu', '--host', '--output', 'json'])).stdout)
  expect(usage).toMatchObject({ total: cpus().length, unit: 'cores' })
  expect(usage.used).toBeGreaterThanOrEqual(0)
  expect(usage.used).toBeLessThanOrEqual(cpus().length)
})

test('disk usage is that of the disk with the folder', async () => {
  const { blocks, bsize } = statfsSync('/tmp')
  const usage = JSON.parse((await cliUser.coder(['stat', 'disk', '--path', '/tmp', '--output', 'json'])).stdout)
  expect(usage).toMatchObject({ total: blocks * bsize, unit: 'B' })
  expect((await cliUser.coder(['stat', 'disk', '--path', '/nowhere'])).stderr).toContain(
    'Could not read the disk usage of /nowhere.',
  )
})

test('memory usage has the selected unit as text, and bytes as JSON', async () => {
  const usage = JSON.parse((await cliUser.coder(['stat', 'mem', '--host', '-o', 'json', '--prefix', 'Mi'])).stdout)
  expect(usage).toMatchObject({ total: totalmem(), unit: 'B' })
  expect((await cliUser.coder(['stat', 'mem', '--prefix', 'Mi'])).stdout).toMatch(/ MiB \(\d+%\)\n$/)
})

test('the table has the selected columns', async () => {
  const { stdout } = await cliUser.coder(['stat', '--column', 'host_cpu,host memory'])
  expect(stdout.split('\n')[0]).toMatch(/^HOST CPU +HOST MEMORY$/)
  expect(stdout).toMatch(/cores .* GiB/)
})
