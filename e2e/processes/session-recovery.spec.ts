// Terminal sessions that continue while coderd, its relay, PostgreSQL or the agent's services are killed or suspended.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import type { Deployment } from '../support/deployment.ts'
import {
  closeDeployments,
  deployWithWorkspace,
  expectContinued,
  relayPid,
  startSession,
} from '../support/deployment-fixture.ts'
import { killAll, killProcess } from '../support/processes.ts'

test.afterEach(closeDeployments)

test.describe('a terminal session continues with its process and screen', () => {
  test('after its client disconnects', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    await session.detach()
    await expectContinued(fixture, session)
  })

  test('after kill -9 of coderd and a manual restart', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    await fixture.deployment.killServer()
    await session.closed
    // The relay cannot authorize connections without coderd and exits.
    await until('the relay to exit', () => !relayPid(fixture))
    await fixture.deployment.start()
    await expectContinued(fixture, session)
  })

  test('after kill -9 of coderd and a restart by its supervisor', async () => {
    const fixture = await deployWithWorkspace({ command: 'desktop --headless' })
    const session = await startSession(fixture)
    const { pid } = fixture.deployment.run()
    await killProcess(pid)
    await until('another coderd', () => isRunningOtherThan(fixture.deployment, pid))
    await expectContinued(fixture, session)
  })

  test('after kill -9 of the relay', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    await killProcess(relayPid(fixture) as number)
    await session.closed
    await expectContinued(fixture, session)
  })

  test('without an interruption after kill -9 of PostgreSQL', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    const postgres = fixture.deployment.postgresPid()
    await killProcess(postgres)
    session.type('echo meanwhile-$mark\r')
    await session.waitForText('meanwhile-42')
    const { workspaces } = await until('the database', () => fixture.client.call(listWorkspaces).catch(() => null))
    expect(workspaces.map(({ name }) => name)).toEqual(['here'])
    expect(fixture.deployment.postgresPid()).not.toBe(postgres)
    await expectContinued(fixture, session)
  })

  test('without an interruption while coderd is suspended for 20 seconds', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    const { pid } = fixture.deployment.run()
    process.kill(pid, 'SIGSTOP')
    session.type('echo meanwhile-$mark\r')
    await session.waitForText('meanwhile-42')
    await sleep(20_000)
    process.kill(pid, 'SIGCONT')
    await expectContinued(fixture, session)
  })

  test("after kill -9 of the agent's services and of coderd, in either order and simultaneously", async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    const services = () => fixture.deployment.processes().find(({ command }) => command.includes('services'))?.pid
    const orders = [
      ['services', 'coderd'],
      ['coderd', 'services'],
    ]
    for (const order of orders) {
      for (const target of order) {
        const pid = target === 'services' ? await until('the services', services) : fixture.deployment.run().pid
        await killProcess(pid)
      }
      await fixture.deployment.start()
      await expectContinued(fixture, session)
    }
    await killAll([await until('the services', services), fixture.deployment.run().pid])
    await fixture.deployment.start()
    await expectContinued(fixture, session)
    await until('new services', services)
  })

  test('after coderd has moved to another port', async () => {
    const fixture = await deployWithWorkspace({ hasOwnPort: true })
    const session = await startSession(fixture)
    const { port } = new URL(fixture.deployment.url)
    await fixture.deployment.stop()
    const other = createServer().listen(Number(port), '127.0.0.1')
    await once(other, 'listening')
    await fixture.deployment.start()
    expect(new URL(fixture.deployment.url).port).not.toBe(port)
    await expectContinued(fixture, session)
    other.close()
  })
})

function isRunningOtherThan(deployment: Deployment, pid: number): boolean {
  try {
    return deployment.run().pid !== pid
  } catch {
    return false // No coderd runs between the two.
  }
}
