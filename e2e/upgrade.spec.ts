// Agents of several versions. The holder of a workspace's terminals lives on through upgrades and downgrades of the
// deployment, so it meets services and coderds of another version than its own; and a holder reads what one of another
// version has kept. The other version is a real one.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { getListeningPorts, watchMetadata } from '../api/agents/agent-measurements.ts'
import type { WorkspaceAgent } from '../api/agents/agents.ts'
import { type KeptCommand, listTerminals, searchCommands } from '../api/agents/terminals.ts'
import type { Client } from '../api/client.ts'
import { createBuild } from '../api/workspaces/builds.ts'
import { getWorkspace, type Workspace } from '../api/workspaces/workspaces.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  succeeded,
  until,
  waitForAgent,
  waitForBuild,
} from '../server/testing/scenes.ts'
import { textsUnder } from '../server/testing/texts-under.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { earlierAgents, installEarlierAgent } from './support/earlier-agents.ts'
import { isAlive, kill9, killAtOnce } from './support/processes.ts'
import { openTerminal, type TerminalAddress, type TerminalClient } from './support/terminal-client.ts'

// Of this computer. Which agent it starts is a parameter; scripts and the measured value say whose services ran them.
const template = `
  terraform {
    required_providers {
      coder = { source = "coder/coder" }
      host  = { source = "coder-local/host" }
    }
  }
  data "coder_workspace" "me" {}
  data "coder_parameter" "coder" {
    name    = "coder"
    default = "coder"
    mutable = true
  }
  locals {
    services = "tr '\\\\0' ' ' < /proc/$PPID/cmdline"
  }
  resource "coder_agent" "main" {
    os   = "linux"
    arch = "amd64"
    metadata {
      key          = "services"
      display_name = "Services"
      script       = local.services
      interval     = 1
      timeout      = 5
    }
  }
  resource "coder_script" "start" {
    agent_id     = coder_agent.main.id
    display_name = "Start"
    script       = "echo start $(\${local.services}) >> ~/scripts"
    run_on_start = true
  }
  resource "coder_script" "stop" {
    agent_id     = coder_agent.main.id
    display_name = "Stop"
    script       = "echo stop $(\${local.services}) >> ~/scripts"
    run_on_stop  = true
  }
  resource "host_process" "agent" {
    count   = data.coder_workspace.me.start_count
    command = [data.coder_parameter.coder.value, "agent"]
    environment = {
      CODER_AGENT_URL   = data.coder_workspace.me.access_url
      CODER_AGENT_TOKEN = coder_agent.main.token
    }
  }
`

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

async function deploy(): Promise<Deployment> {
  const deployment = await startDeployment()
  opened.push(deployment)
  return deployment
}

/** A workspace whose agent has run its start script. @param coder that its agent is started with */
async function openScene(deployment: Deployment, coder: string): Promise<Scene> {
  const { client, token } = await deployment.signIn()
  const { id } = await createTemplate(client, 'here', { 'main.tf': template })
  const workspace = await createWorkspace(client, id, 'here', { coder })
  await waitForAgent(client, workspace.id)
  const agent = await until('the start script to have run', async () => {
    const now = await agentOf(client, workspace)
    return now?.lifecycle_state === 'ready' && now
  })
  return { deployment, client, token, workspace, agent }
}

const workspaceOf = (client: Client, { id }: Workspace) => client.call(getWorkspace, { params: { workspace: id } })

const agentOf = async (client: Client, workspace: Workspace) =>
  agentsOf((await workspaceOf(client, workspace)).latest_build)[0]

const attach = ({ deployment, token, agent }: Scene, more: Partial<TerminalAddress> = {}) =>
  until('the session to be attached', () =>
    openTerminal({ url: deployment.url, token, agentId: agent.id, ...more }).catch(() => null),
  )

/** A session with something on its screen and something in its shell's memory. */
async function plantSession(scene: Scene): Promise<TerminalClient> {
  const terminal = await attach(scene)
  terminal.type('mark=$((40+2)); echo planted-$mark\r')
  await terminal.shows('planted-42')
  return terminal
}

/** The same process, its screen, its memory. @returns a client of it */
async function expectFoundAgain(scene: Scene, { sessionId, attached }: TerminalClient): Promise<TerminalClient> {
  const again = await attach(scene, { sessionId })
  expect(again.attached).toMatchObject({ created: false, pid: attached.pid, restored_from: null })
  await again.shows('planted-42')
  again.type('echo again-$mark\r')
  await again.shows('again-42')
  return again
}

/** Agents run from a folder of their version's own. */
const folderIn = (command: string, program: 'main' | 'services'): string | undefined =>
  new RegExp(`/agent/([^/]+)/(?:bin/\\.\\./)?agent/${program}\\.js`).exec(command)?.[1]

/** Which version's holder or services run. */
function running({ deployment }: Scene, program: 'main' | 'services'): { pid: number; name: string } | undefined {
  const found = deployment.processes().map(({ pid, command }) => ({ pid, name: folderIn(command, program) }))
  return found.find((one): one is { pid: number; name: string } => one.name !== undefined)
}

const servicesOf = (scene: Scene, name: string) =>
  until(`the services of ${name}`, () => {
    const found = running(scene, 'services')
    return found?.name === name && found
  })

const relayPid = ({ deployment }: Scene) =>
  deployment.processes().find(({ command }) => command.includes('server/relay.js'))?.pid as number

/** What coderd installed itself. */
const newestOf = ({ dataDir }: Deployment) => readFileSync(join(dataDir, 'agent', 'current'), 'utf8').trim()

/** Waits until the services of that version have measured something and coderd tells it. */
async function expectMeasured({ client, token, agent }: Scene, name: string): Promise<void> {
  const address = client.url(watchMetadata, { params: { workspaceagent: agent.id } })
  const ending = new AbortController()
  const { body } = await fetch(address, { headers: { 'coder-session-token': token }, signal: ending.signal })
  for await (const event of body as ReadableStream<Uint8Array>) {
    if (folderIn(Buffer.from(event).toString(), 'services') === name) break
  }
  ending.abort()
}

const listOf = async ({ client, agent }: Scene) =>
  (await client.call(listTerminals, { params: { workspaceagent: agent.id } })).terminals

/** Commands of the workspace that have reached the history, by their text. */
async function historyOf({ client, workspace }: Scene): Promise<Map<string, KeptCommand>> {
  const { commands } = await client.call(searchCommands, { query: { workspace: workspace.id, limit: 100 } })
  return new Map(commands.map((command) => [command.command, command]))
}

/** Stops the workspace. @param ran which version's services have run the start script, and which the stop script */
async function expectStopped(
  { deployment, client, workspace }: Scene,
  { attached }: TerminalClient,
  ran: { start: string; stop: string },
): Promise<void> {
  await build(client, workspace.id, 'stop')
  const lines = readFileSync(join(deployment.home, 'scripts'), 'utf8').trim().split('\n')
  expect(lines.map((line) => [line.split(' ')[0], folderIn(line, 'services')])).toEqual(Object.entries(ran))
  expect(isAlive(attached.pid)).toBe(false)
  await deployment.stop()
  expect(deployment.processes()).toEqual([])
}

for (const archive of earlierAgents) {
  test.describe(`with the agent of ${archive}`, () => {
    test('an earlier holder goes on with new services and a new coderd', async () => {
      const began = Date.now()
      const deployment = await deploy()
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      const scene = await openScene(deployment, earlier.coder)
      const { client } = scene
      await servicesOf(scene, earlier.name)
      const planted = await plantSession(scene)
      const holder = running(scene, 'main')
      expect(holder?.name).toBe(earlier.name)

      // The upgrade, as the agent sees it.
      await deployment.killServer()
      await planted.closed
      await deployment.start()
      const newest = await until('the newer agent', () => {
        const name = newestOf(deployment)
        return name !== earlier.name && name
      })
      await servicesOf(scene, newest)
      const first = await expectFoundAgain(scene, planted)
      await expectMeasured(scene, newest)
      const { sessionId } = planted
      await until('the end of the command', async () => (await listOf(scene)).every(({ is_busy }) => !is_busy))
      expect(await listOf(scene)).toEqual([
        {
          id: sessionId,
          pid: planted.attached.pid,
          command: '',
          title: expect.any(String),
          created_at: expect.stringMatching(/^\d{4}-/),
          clients: 1,
          cols: 100,
          rows: 30,
          state: 'live',
          cwd: deployment.home,
          last_command: 'echo again-$mark',
          is_busy: false,
        },
      ])

      // Who typed last has the size; who only looks changes nothing.
      const second = await attach(scene, { sessionId, size: { cols: 90, rows: 25 } })
      second.type('stty size\r')
      await first.shows('25 90')
      const watching = await attach(scene, { sessionId, readOnly: true })
      expect(watching.attached).toMatchObject({ created: false, read_only: true, cols: 90, rows: 25 })
      watching.type('echo looked-$mark\r')
      first.type('stty size\r')
      await watching.shows('30 100')
      expect(watching.text()).not.toContain('looked-')
      await Promise.all([second.leave(), watching.leave()])

      // Lost connections go on from where they were.
      await kill9(relayPid(scene))
      await first.closed
      const other = await attach(scene, { sessionId })
      other.type('echo missed-$mark\r')
      await other.shows('missed-42')
      const resumed = await attach(scene, { sessionId, resume: first.position })
      expect(resumed.attached).toMatchObject({ created: false, resumed: true, epoch: planted.attached.epoch })
      await resumed.shows('missed-42')
      expect(resumed.text()).not.toContain('again-42')

      // What ends while there are no services reaches the history by the next ones.
      const services = await servicesOf(scene, newest)
      await kill9(services.pid)
      resumed.type('echo away-$mark\r')
      await resumed.shows('away-42')
      expect((await servicesOf(scene, newest)).pid).not.toBe(services.pid)
      const history = await until('the history of commands', async () => {
        const found = await historyOf(scene)
        return found.has('echo away-$mark') && found
      })
      for (const command of ['echo again-$mark', 'echo missed-$mark', 'echo away-$mark']) {
        expect(history.get(command)).toMatchObject({ session_id: sessionId, cwd: deployment.home, exit_code: 0 })
        const at = Date.parse(history.get(command)?.started_at ?? '')
        expect(at).toBeGreaterThanOrEqual(began)
        expect(at).toBeLessThanOrEqual(Date.now())
      }
      expect((await agentOf(client, scene.workspace))?.lifecycle_state).toBe('ready')
      expect(running(scene, 'main')).toEqual(holder)
      await expectStopped(scene, planted, { start: earlier.name, stop: newest })
    })

    test('a new holder goes on with earlier services', async () => {
      const deployment = await deploy()
      const newest = newestOf(deployment)
      const scene = await openScene(deployment, 'coder')
      const { client, workspace, agent } = scene
      await servicesOf(scene, newest)
      const planted = await plantSession(scene)
      const holder = running(scene, 'main')
      expect(holder?.name).toBe(newest)

      // The downgrade, as the agent sees it: it connects again, and another version is the newest.
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      await kill9(relayPid(scene))
      const services = await servicesOf(scene, earlier.name)
      const since = Date.now()
      const first = await expectFoundAgain(scene, planted)
      await until('their count of terminals', async () => {
        const { last_used_at } = await workspaceOf(client, workspace)
        return Date.parse(last_used_at) > since
      })
      await kill9(services.pid)
      first.type('echo away-$mark\r')
      await first.shows('away-42')
      expect((await servicesOf(scene, earlier.name)).pid).not.toBe(services.pid)
      await expectMeasured(scene, earlier.name)
      await until('the history of commands', async () => (await historyOf(scene)).has('echo away-$mark'))
      const { ports } = await client.call(getListeningPorts, { params: { workspaceagent: agent.id } })
      expect(ports.map(({ port }) => `${port}`)).toContain(new URL(deployment.url).port)
      expect(await agentOf(client, workspace)).toMatchObject({ status: 'connected', lifecycle_state: 'ready' })
      expect(running(scene, 'main')).toEqual(holder)
      await expectStopped(scene, planted, { start: newest, stop: earlier.name })
    })

    test('what an earlier holder kept a new one restores, and the reverse', async () => {
      const deployment = await deploy()
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      const scene = await openScene(deployment, earlier.coder)
      const first = await plantSession(scene)
      first.type("seq 1 3000; printf '\\e[31mred\\e[0m %s\\n' 日本 é 🙂; echo first-$mark\r")
      await first.shows('first-42')
      await loseEverything(scene, 'first-42')
      const restored = await startAndAttach(scene, first, 'coder')
      expect(running(scene, 'main')?.name).toBe(newestOf(deployment))
      restored.type('mark=43; seq 3001 6000; echo second-$mark\r')
      await restored.shows('second-43')
      await loseEverything(scene, 'second-43')
      const again = await installEarlierAgent(archive, deployment.dataDir)
      await startAndAttach(scene, restored, again.coder)
      expect(running(scene, 'main')?.name).toBe(earlier.name)
    })
  })
}

/** Everything of the deployment at once, when that is kept of a terminal; then coderd again. */
async function loseEverything({ deployment, workspace }: Scene, shown: string): Promise<void> {
  const folder = join(deployment.dataDir, 'workspaces', workspace.id, 'terminals')
  // What is shown is written down some milliseconds later.
  await until('the screen to be kept', () => textsUnder(folder).some((text) => text.includes(shown)))
  await killAtOnce(deployment.processes().map(({ pid }) => pid))
  await deployment.start()
}

/** Starts the workspace with that agent: the session is restored with all its lines, and goes on. */
async function startAndAttach(scene: Scene, before: TerminalClient, coder: string): Promise<TerminalClient> {
  const { client, workspace } = scene
  const params = { workspace: workspace.id }
  const rich_parameter_values = [{ name: 'coder', value: coder }]
  const { id } = await client.call(createBuild, { params, body: { transition: 'start', rich_parameter_values } })
  await succeeded(client, await waitForBuild(client, id))
  const agent = await waitForAgent(client, workspace.id)
  const { sessionId } = before
  expect(await listOf({ ...scene, agent })).toMatchObject([{ id: sessionId, state: 'restored' }])
  const terminal = await attach({ ...scene, agent }, { sessionId })
  expect(terminal.attached).toMatchObject({ created: true, restored_from: expect.stringMatching(/^\d{4}-/) })
  const kept = before.text().replace(/\n.*$/, '') // without the prompt
  await until('all its lines to be back', () => terminal.text().startsWith(kept))
  terminal.type('echo back-$((1+1))\r')
  await terminal.shows('back-2')
  return terminal
}
