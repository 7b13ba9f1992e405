// Terminal sessions that continue while coderd, its relay, PostgreSQL or the agent's services are killed or suspended.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import type { Deployment } from '../support/deployment.ts'
import { killAll, killProcess } from '../support/processes.ts'
import { closeDeployments, expectContinued, openScene, relayPid, startSession } from '../support/scene.ts'

test.afterEach(closeDeployments)

test.describe('a terminal session continues with its process and screen', () => {
  test('after its client disconnects', async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    await session.detach()
    await expectContinued(scene, session)
  })

  test('after kill -9 of coderd and a manual restart', async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    await scene.deployment.killServer()
    await session.closed
    // The relay cannot authorize connections without coderd and exits.
    await until('the relay to exit', () => !relayPid(scene))
    await scene.deployment.start()
    await expectContinued(scene, session)
  })

  test('after kill -9 of coderd and a restart by its supervisor', async () => {
    const scene = await openScene({ command: 'desktop --headless' })
    const session = await startSession(scene)
    const { pid } = scene.deployment.run()
    await killProcess(pid)
    await until('another coderd', () => isRunningOtherThan(scene.deployment, pid))
    await expectContinued(scene, session)
  })

  test('after kill -9 of the relay', async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    await killProcess(relayPid(scene) as number)
    await session.closed
    await expectContinued(scene, session)
  })

  test('without an interruption after kill -9 of PostgreSQL', async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    const postgres = scene.deployment.postgresPid()
    await killProcess(postgres)
    session.type('echo meanwhile-$mark\r')
    await session.waitForText('meanwhile-42')
    const { workspaces } = await until('the database', () => scene.client.call(listWorkspaces).catch(() => null))
    expect(workspaces.map(({ name }) => name)).toEqual(['here'])
    expect(scene.deployment.postgresPid()).not.toBe(postgres)
    await expectContinued(scene, session)
  })

  test('without an interruption while coderd is suspended for 20 seconds', async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    const { pid } = scene.deployment.run()
    process.kill(pid, 'SIGSTOP')
    session.type('echo meanwhile-$mark\r')
    await session.waitForText('meanwhile-42')
    await sleep(20_000)
    process.kill(pid, 'SIGCONT')
    await expectContinued(scene, session)
  })

  test("after kill -9 of the agent's services and of coderd, in either order and simultaneously", async () => {
    const scene = await openScene()
    const session = await startSession(scene)
    const services = () => scene.deployment.processes().find(({ command }) => command.includes('services'))?.pid
    const orders = [
      ['services', 'coderd'],
      ['coderd', 'services'],
    ]
    for (const order of orders) {
      for (const target of order) {
        const pid = target === 'services' ? await until('the services', services) : scene.deployment.run().pid
        await killProcess(pid)
      }
      await scene.deployment.start()
      await expectContinued(scene, session)
    }
    await killAll([await until('the services', services), scene.deployment.run().pid])
    await scene.deployment.start()
    await expectContinued(scene, session)
    await until('new services', services)
  })

  test('after coderd has moved to another port', async () => {
    const scene = await openScene({ hasOwnPort: true })
    const session = await startSession(scene)
    const { port } = new URL(scene.deployment.url)
    await scene.deployment.stop()
    const other = createServer().listen(Number(port), '127.0.0.1')
    await once(other, 'listening')
    await scene.deployment.start()
    expect(new URL(scene.deployment.url).port).not.toBe(port)
    await expectContinued(scene, session)
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
