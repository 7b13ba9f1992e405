// Start and stop of a deployment: concurrent starts, data folders, ports, and remaining processes.

import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { build, until, waitForAgent } from '../../server/testing/workspace-fixtures.ts'
import type { Deployment } from '../support/deployment.ts'
import {
  closeDeployments,
  deployWithWorkspace,
  expectContinued,
  prepare,
  startSession,
} from '../support/deployment-fixture.ts'
import { isAlive, killAll } from '../support/processes.ts'
import { explainMissingSmallDisk, mountSmallDisk } from '../support/small-disk.ts'

test.afterEach(closeDeployments)

test.describe('two simultaneous starts on one data folder', () => {
  test('run one deployment and print a link for each start', async () => {
    const deployment = await prepare({ command: 'desktop --headless' })
    await Promise.all([deployment.start(), deployment.start()])
    await until('two links', () => deployment.output().match(/#code=/g)?.length === 2)
    expect(coderdsOf(deployment)).toHaveLength(1)
  })

  test('of servers without a supervisor run one server, and the other reports it and exits', async () => {
    const deployment = await prepare()
    const starts = await Promise.allSettled([deployment.start(), deployment.start()])
    expect(coderdsOf(deployment)).toHaveLength(1)
    expect(deployment.run().pid).toBe(coderdsOf(deployment)[0]?.pid)
    const refused = starts.find(({ status }) => status === 'rejected')
    if (refused) expect(String((refused as PromiseRejectedResult).reason)).toContain('is already running')
  })

  const coderdsOf = (deployment: Deployment) =>
    deployment.processes().filter(({ command }) => / server\b/.test(command) && command.includes('coder.js'))
})

test.describe('a data folder', () => {
  test('can have spaces, quotes and non-ASCII letters in its path', async () => {
    const scratch = await prepare()
    const fixture = await deployWithWorkspace({ dataDir: join(scratch.home, "Ünsere Daten – 数据 'n' $HOME") })
    const session = await startSession(fixture)
    await fixture.deployment.killServer()
    await fixture.deployment.start()
    await expectContinued(fixture, session)
    await build(fixture.client, fixture.workspace.id, 'stop')
  })

  test('with a partly created PostgreSQL cluster is repaired', async () => {
    const deployment = await prepare()
    const firstStart = deployment.start().catch(() => null)
    await until('initdb to run', () => deployment.processes().some(({ command }) => command.includes('initdb')))
    await killAll(deployment.processes().map(({ pid }) => pid))
    await firstStart
    await deployment.start()
    const { client } = await deployment.signIn()
    expect((await client.call(listWorkspaces)).count).toBe(0)
  })

  test('with a foreign PostgreSQL cluster is refused and left unchanged', async () => {
    const deployment = await prepare()
    const cluster = join(deployment.dataDir, 'postgres')
    mkdirSync(join(cluster, 'base'), { recursive: true })
    writeFileSync(join(cluster, 'PG_VERSION'), '18\n')
    writeFileSync(join(cluster, 'postgresql.conf'), '# foreign\n')
    await expect(deployment.start()).rejects.toThrow(/not made by|another|foreign|belongs/i)
    expect(readdirSync(cluster).sort()).toEqual(['PG_VERSION', 'base', 'postgresql.conf'])
    expect(readFileSync(join(cluster, 'postgresql.conf'), 'utf8')).toBe('# foreign\n')
  })

  test('on a full disk is reported as an error that names the disk', async () => {
    const missing = explainMissingSmallDisk()
    test.skip(missing !== undefined, missing)
    const disk = await mountSmallDisk('8m')
    try {
      const deployment = await prepare({ dataDir: join(disk.folder, 'data') })
      await expect(deployment.start()).rejects.toThrow(/disk .*full|no space/i)
      await deployment.close()
    } finally {
      await disk.unmount()
    }
  })
})

test.describe('a configured port', () => {
  test('that is in use causes an error that names the port and its setting', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const deployment = await prepare({ env: { CODER_HTTP_ADDRESS: `127.0.0.1:${port}` } })
    await expect(deployment.start()).rejects.toThrow(new RegExp(`port ${port} .*CODER_HTTP_ADDRESS`))
    expect(deployment.processes()).toEqual([])
    other.close()
  })
})

test.describe('a stop of the deployment', () => {
  test('leaves only the processes of workspaces, and a workspace stop ends those', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    const { deployment } = fixture
    await deployment.stop()
    const left = deployment.processes()
    expect(left.some(({ pid }) => pid === session.attached.pid)).toBe(true)
    expect(left.filter(({ command }) => /coder\.js|postgres|engine-worker/.test(command))).toEqual([])
    expect(existsSync(join(deployment.dataDir, 'run.json'))).toBe(false)
    await deployment.start()
    await waitForAgent(fixture.client, fixture.workspace.id)
    await build(fixture.client, fixture.workspace.id, 'stop')
    expect(isAlive(session.attached.pid)).toBe(false)
    await deployment.stop()
    expect(deployment.processes()).toEqual([])
  })
})
