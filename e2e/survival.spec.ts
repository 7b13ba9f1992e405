// What a terminal session and a deployment must outlive, on real processes: the built command line, its coderd, its
// PostgreSQL and its agents are killed, stopped and started as a bad day would do it.

import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import type { WorkspaceAgent } from '../api/agents/agents.ts'
import { listTerminals, updateTerminalRetention } from '../api/agents/terminals.ts'
import type { Client } from '../api/client.ts'
import { getBuild, getBuildLogs } from '../api/workspaces/builds.ts'
import { getWorkspace, listWorkspaces, type Workspace } from '../api/workspaces/workspaces.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createThisComputer,
  createWorkspace,
  until,
  waitForAgent,
  waitForBuild,
} from '../server/testing/scenes.ts'
import { textsUnder } from '../server/testing/texts-under.ts'
import { type Deployment, type DeploymentOptions, prepareDeployment, startDeployment } from './support/deployment.ts'
import { isAlive, kill9, killAtOnce } from './support/processes.ts'
import { forgetBoot } from './support/recorded-boot.ts'
import { mountSmallDisk, whyNoSmallDisk } from './support/small-disk.ts'
import { openTerminal, type TerminalClient } from './support/terminal-client.ts'

interface Scene {
  readonly deployment: Deployment
  readonly client: Client
  readonly token: string
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
}

const opened: Deployment[] = []
test.afterEach(async () => {
  for (const deployment of opened.splice(0)) await deployment.close()
})

async function deploy(options: DeploymentOptions = {}): Promise<Deployment> {
  const deployment = await startDeployment(options)
  opened.push(deployment)
  return deployment
}

/** A deployment with a workspace of this computer, its agent connected. */
async function openScene(options: DeploymentOptions = {}): Promise<Scene> {
  const deployment = await deploy(options)
  const { client, token } = await deployment.signIn()
  return { deployment, client, token, ...(await createThisComputer(client, 'here')) }
}

const attach = async ({ deployment, token, agent }: Scene, sessionId?: string) =>
  openTerminal({ url: deployment.url, token, agentId: agent.id, ...(sessionId ? { sessionId } : {}) })

/** A session with something on its screen and something in its shell's memory. */
async function plantSession(scene: Scene): Promise<TerminalClient> {
  const terminal = await attach(scene)
  terminal.type('mark=$((40+2)); echo planted-$mark\r')
  await terminal.shows('planted-42')
  return terminal
}

const relayPid = ({ deployment }: Scene) =>
  deployment.processes().find(({ command }) => command.includes('server/relay.js'))?.pid

/** The session is the one that was planted: the same process, its screen, its memory. */
async function expectFoundAgain(scene: Scene, planted: TerminalClient): Promise<void> {
  const again = await until('the session to be attached again', () =>
    attach(scene, planted.sessionId).catch(() => null),
  )
  expect(again.attached).toMatchObject({ created: false, pid: planted.attached.pid })
  await again.shows('planted-42')
  again.type('echo again-$mark\r')
  await again.shows('again-42')
  await again.leave()
}

test.describe('a terminal session is found again, alive and with its screen, after', () => {
  test('its client has gone without a word', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    await planted.leave()
    await expectFoundAgain(scene, planted)
  })

  test('kill -9 of coderd, when the next one is started by hand', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    await scene.deployment.killServer()
    await planted.closed
    // Nobody says any more who may be joined with whom.
    await until('the end of its relay', () => !relayPid(scene))
    await scene.deployment.start()
    await expectFoundAgain(scene, planted)
  })

  test('kill -9 of coderd, when what keeps it running starts the next one', async () => {
    const scene = await openScene({ command: 'desktop --headless' })
    const planted = await plantSession(scene)
    const { pid } = scene.deployment.run()
    await kill9(pid)
    await until('another coderd', () => isRunningOtherThan(scene.deployment, pid))
    await expectFoundAgain(scene, planted)
  })

  test('kill -9 of the relay', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    await kill9(relayPid(scene) as number)
    await planted.closed
    await expectFoundAgain(scene, planted)
  })

  test('kill -9 of PostgreSQL, without having noticed', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    const postgres = scene.deployment.postgresPid()
    await kill9(postgres)
    planted.type('echo meanwhile-$mark\r')
    await planted.shows('meanwhile-42')
    const { workspaces } = await until('the database', () => scene.client.call(listWorkspaces).catch(() => null))
    expect(workspaces.map(({ name }) => name)).toEqual(['here'])
    expect(scene.deployment.postgresPid()).not.toBe(postgres)
    await expectFoundAgain(scene, planted)
  })

  test('coderd was stopped for 20 seconds, without having noticed', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    const { pid } = scene.deployment.run()
    process.kill(pid, 'SIGSTOP')
    planted.type('echo meanwhile-$mark\r')
    await planted.shows('meanwhile-42')
    await sleep(20_000) // the very thing that is tried
    process.kill(pid, 'SIGCONT')
    await expectFoundAgain(scene, planted)
  })

  test("kill -9 of the agent's services and of coderd, in either order and at once", async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    const services = () => scene.deployment.processes().find(({ command }) => command.includes('services'))?.pid
    const orders = [
      ['services', 'coderd'],
      ['coderd', 'services'],
    ]
    for (const order of orders) {
      for (const victim of order) {
        const pid = victim === 'services' ? await until('the services', services) : scene.deployment.run().pid
        await kill9(pid)
      }
      await scene.deployment.start()
      await expectFoundAgain(scene, planted)
    }
    await killAtOnce([await until('the services', services), scene.deployment.run().pid])
    await scene.deployment.start()
    await expectFoundAgain(scene, planted)
    await until('other services', services)
  })

  test('coderd has moved to another port', async () => {
    const scene = await openScene({ hasOwnPort: true })
    const planted = await plantSession(scene)
    const { port } = new URL(scene.deployment.url)
    await scene.deployment.stop()
    const other = createServer().listen(Number(port), '127.0.0.1')
    await once(other, 'listening')
    await scene.deployment.start()
    expect(new URL(scene.deployment.url).port).not.toBe(port)
    await expectFoundAgain(scene, planted)
    other.close()
  })
})

function isRunningOtherThan(deployment: Deployment, pid: number): boolean {
  try {
    return deployment.run().pid !== pid
  } catch {
    return false // between the two
  }
}

test.describe('what died is said, and comes back, after', () => {
  /** Everything of the deployment at once, then coderd again. */
  async function loseEverything(scene: Scene): Promise<void> {
    // What is shown is written down some milliseconds later.
    await until('the screen to be kept', () => keptOf(scene).some((text) => text.includes('planted-42')))
    await killAtOnce(scene.deployment.processes().map(({ pid }) => pid))
    await scene.deployment.start()
  }

  const reasonIn = async ({ client, workspace }: Scene) => {
    const { latest_build, health } = await client.call(getWorkspace, { params: { workspace: workspace.id } })
    const [agent] = agentsOf(latest_build)
    return !health.healthy && agent?.health.reason
  }

  /** Whatever is kept of the terminals of the workspace. */
  const keptOf = ({ deployment, workspace }: Scene) =>
    textsUnder(join(deployment.dataDir, 'workspaces', workspace.id, 'terminals'))

  /** The workspace has been started, and the tab shows what it showed, above a new prompt. */
  async function expectBack(scene: Scene, planted: TerminalClient): Promise<void> {
    const agent = await waitForAgent(scene.client, scene.workspace.id)
    const { terminals } = await scene.client.call(listTerminals, { params: { workspaceagent: agent.id } })
    expect(terminals).toMatchObject([{ id: planted.sessionId, state: 'restored' }])
    const terminal = await attach({ ...scene, agent }, planted.sessionId)
    expect(terminal.attached).toMatchObject({ created: true, restored_from: expect.stringMatching(/^\d{4}-/) })
    await terminal.shows('planted-42')
    terminal.type('echo back-$((1+1))\r')
    await terminal.shows(/planted-42[\s\S]*back-2/)
  }

  test('everything was killed at once', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    await loseEverything(scene)
    await until('coderd to say that the process ended', async () =>
      /process .*has ended/.test(`${await reasonIn(scene)}`),
    )
    await build(scene.client, scene.workspace.id, 'start')
    await expectBack(scene, planted)
  })

  test('the machine was restarted', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    await loseEverything(scene)
    await forgetBoot(scene.deployment.dataDir)
    await until('coderd to say that the computer was restarted', async () =>
      /restarted/.test(`${await reasonIn(scene)}`),
    )
    // As it starts with the computer, it brings back what ran.
    await scene.deployment.stop()
    await scene.deployment.start()
    await until('the workspace to be started again', async () => {
      const { latest_build } = await scene.client.call(getWorkspace, { params: { workspace: scene.workspace.id } })
      return latest_build.reason === 'autostart' && latest_build.status === 'running'
    })
    await expectBack(scene, planted)
  })
})

test('what is kept of terminals goes when nothing is to be kept, and with the workspace', async () => {
  const scene = await openScene()
  const { client, deployment, workspace } = scene
  const own = join(deployment.dataDir, 'workspaces', workspace.id)
  const kept = ({ sessionId }: TerminalClient) => join(own, 'terminals', scene.agent.name, sessionId)
  const retain = (kept_lines: number) =>
    client.call(updateTerminalRetention, { params: { workspace: workspace.id }, body: { kept_lines, kept_days: 7 } })
  const first = await plantSession(scene)
  await until('the screen to be kept', () => existsSync(kept(first)))
  await retain(0)
  await until('what was kept to be gone', () => !existsSync(kept(first)))
  // It goes on, and so does what it shows.
  await expectFoundAgain(scene, first)
  expect(existsSync(kept(first))).toBe(false)
  await retain(1_000)
  const second = await plantSession(scene)
  await until('the next screen to be kept', () => existsSync(kept(second)))
  await build(client, workspace.id, 'delete')
  expect(existsSync(own)).toBe(false)
})

test.describe('a build', () => {
  const slowTemplate = {
    'main.tf': `
      terraform {
        required_providers {
          coder = { source = "coder/coder" }
        }
      }
      variable "file" {
        type    = string
        default = "begun"
      }
      data "coder_workspace" "me" {}
      resource "terraform_data" "slow" {
        count = data.coder_workspace.me.start_count
        provisioner "local-exec" {
          command = "echo begun; exec sleep 3600"
        }
      }
    `,
  }

  test('that was cut off by kill -9 of coderd ends in a true state, and delete cleans up', async () => {
    const deployment = await deploy()
    const { client } = await deployment.signIn()
    const template = await createTemplate(client, 'slow', slowTemplate)
    const { id, latest_build } = await createWorkspace(client, template.id, 'cut')
    const params = { workspacebuild: latest_build.id }
    await until('the command to run', async () =>
      (await client.call(getBuildLogs, { params })).some(({ output }) => output.includes('begun')),
    )
    await deployment.killServer()
    await deployment.start()
    // The limit that the deployment promises.
    const { job } = await until('the build to end', async () => endOf(await client.call(getBuild, { params })), 10_000)
    expect(job.status).toBe('failed')
    expect(job.error).not.toBe('')
    expect(await build(client, id, 'delete')).toMatchObject({ status: 'deleted' })
    await until('the command to be gone', () => !deployment.processes().some(({ command }) => command === 'sleep 3600'))
    await expect(client.call(getWorkspace, { params: { workspace: id } })).rejects.toMatchObject({ status: 410 })
  })

  const endOf = <B extends { job: { status: string } }>(build: B) =>
    ['pending', 'running', 'canceling'].includes(build.job.status) ? null : build

  test('that a shutdown cuts off ends in a true state too', async () => {
    const deployment = await deploy()
    const { client } = await deployment.signIn()
    const template = await createTemplate(client, 'slow', slowTemplate)
    const { id, latest_build } = await createWorkspace(client, template.id, 'cut')
    await until('the build to run', async () => {
      const { job } = await client.call(getBuild, { params: { workspacebuild: latest_build.id } })
      return job.status === 'running'
    })
    await deployment.stop()
    expect(deployment.processes()).toEqual([])
    await deployment.start()
    expect(['failed', 'canceled']).toContain((await waitForBuild(client, latest_build.id)).job.status)
    expect(await build(client, id, 'delete')).toMatchObject({ status: 'deleted' })
  })
})

test.describe('two starts at once on one data folder', () => {
  test('make one deployment, and both who started it are told where it is', async () => {
    const deployment = await prepareDeployment({ command: 'desktop --headless' })
    opened.push(deployment)
    await Promise.all([deployment.start(), deployment.start()])
    await until('two links', () => deployment.output().match(/#code=/g)?.length === 2)
    expect(coderdsOf(deployment)).toHaveLength(1)
  })

  test('of bare servers: one runs and the other says so and ends', async () => {
    const deployment = await prepareDeployment()
    opened.push(deployment)
    const ends = await Promise.allSettled([deployment.start(), deployment.start()])
    expect(coderdsOf(deployment)).toHaveLength(1)
    expect(deployment.run().pid).toBe(coderdsOf(deployment)[0]?.pid)
    const refused = ends.find(({ status }) => status === 'rejected')
    if (refused) expect(String((refused as PromiseRejectedResult).reason)).toContain('already runs')
  })

  const coderdsOf = (deployment: Deployment) =>
    deployment.processes().filter(({ command }) => / server\b/.test(command) && command.includes('coder.js'))
})

test.describe('a data folder', () => {
  test('with spaces and letters of other alphabets carries the whole road', async () => {
    const scratch = await prepareDeployment()
    opened.push(scratch)
    const scene = await openScene({ dataDir: join(scratch.home, "Ünsere Daten – 数据 'n' $HOME") })
    const planted = await plantSession(scene)
    await scene.deployment.killServer()
    await scene.deployment.start()
    await expectFoundAgain(scene, planted)
    await build(scene.client, scene.workspace.id, 'stop')
  })

  test('in which the making of the cluster was cut off is put right', async () => {
    const deployment = await prepareDeployment()
    opened.push(deployment)
    const firstStart = deployment.start().catch(() => null)
    await until('the cluster to be made', () =>
      deployment.processes().some(({ command }) => command.includes('initdb')),
    )
    await killAtOnce(deployment.processes().map(({ pid }) => pid))
    await firstStart
    await deployment.start()
    const { client } = await deployment.signIn()
    expect((await client.call(listWorkspaces)).count).toBe(0)
  })

  test("with somebody else's cluster is refused and not touched", async () => {
    const deployment = await prepareDeployment()
    opened.push(deployment)
    const cluster = join(deployment.dataDir, 'postgres')
    mkdirSync(join(cluster, 'base'), { recursive: true })
    writeFileSync(join(cluster, 'PG_VERSION'), '18\n')
    writeFileSync(join(cluster, 'postgresql.conf'), "# somebody's own\n")
    await expect(deployment.start()).rejects.toThrow(/not made by|another|foreign|belongs/i)
    expect(readdirSync(cluster).sort()).toEqual(['PG_VERSION', 'base', 'postgresql.conf'])
    expect(readFileSync(join(cluster, 'postgresql.conf'), 'utf8')).toBe("# somebody's own\n")
  })

  test('on a full disk is an error that says so', async () => {
    const missing = whyNoSmallDisk()
    test.skip(missing !== undefined, missing)
    const disk = await mountSmallDisk('8m')
    try {
      const deployment = await prepareDeployment({ dataDir: join(disk.folder, 'data') })
      opened.push(deployment)
      await expect(deployment.start()).rejects.toThrow(/disk .*full|no space/i)
      await deployment.close()
    } finally {
      await disk.unmount()
    }
  })
})

test.describe('a port', () => {
  test('that was asked for and is taken is an error that names it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const deployment = await prepareDeployment({ env: { CODER_HTTP_ADDRESS: `127.0.0.1:${port}` } })
    opened.push(deployment)
    await expect(deployment.start()).rejects.toThrow(new RegExp(`port ${port} .*CODER_HTTP_ADDRESS`))
    expect(deployment.processes()).toEqual([])
    other.close()
  })
})

test.describe('stopping', () => {
  test('leaves the processes of workspaces and nothing else; stopping the workspace leaves none', async () => {
    const scene = await openScene()
    const planted = await plantSession(scene)
    const { deployment } = scene
    await deployment.stop()
    const left = deployment.processes()
    expect(left.some(({ pid }) => pid === planted.attached.pid)).toBe(true)
    expect(left.filter(({ command }) => /coder\.js|postgres|engine-worker/.test(command))).toEqual([])
    expect(existsSync(join(deployment.dataDir, 'run.json'))).toBe(false)
    await deployment.start()
    await waitForAgent(scene.client, scene.workspace.id)
    await build(scene.client, scene.workspace.id, 'stop')
    expect(isAlive(planted.attached.pid)).toBe(false)
    await deployment.stop()
    expect(deployment.processes()).toEqual([])
  })
})
