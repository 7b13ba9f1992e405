// A workspace whose agent can be of any version, and queries for the version of its holder and services.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { watchMetadata } from '../../api/agents/agent-measurements.ts'
import { listTerminals, type StoredCommand, searchCommands } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { createBuild } from '../../api/workspaces/builds.ts'
import { getWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForAgent,
  waitForBuild,
} from '../../server/testing/workspace-fixtures.ts'
import type { Deployment } from './deployment.ts'
import { attachWithRetries, type DeploymentFixture } from './deployment-fixture.ts'
import { isAlive } from './processes.ts'
import type { TerminalClient } from './terminal-client.ts'

// A workspace on the local machine. A parameter selects the agent to start; its scripts and its metadata record the command
// line of the services that ran them. Earlier agents share a folder in TMPDIR, which another user's tests may own.
const templateWith = (temporaryFolder: string) => `
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
      TMPDIR            = "${temporaryFolder}"
    }
  }
`

/** A workspace whose agent has run its start script. @param coder the program that starts the agent */
export async function deployAgent(deployment: Deployment, coder: string): Promise<DeploymentFixture> {
  const { client, token } = await deployment.signIn()
  const { id } = await createTemplate(client, 'here', { 'main.tf': templateWith(deployment.home) })
  const workspace = await createWorkspace(client, id, 'here', { coder })
  await waitForAgent(client, workspace.id)
  const agent = await until('the start script to finish', async () => {
    const now = await fetchAgent(client, workspace)
    return now?.lifecycle_state === 'ready' && now
  })
  return { deployment, client, token, workspace, agent }
}

export const fetchWorkspace = (client: Client, { id }: Workspace) =>
  client.call(getWorkspace, { params: { workspace: id } })

export const fetchAgent = async (client: Client, workspace: Workspace) =>
  agentsOf((await fetchWorkspace(client, workspace)).latest_build)[0]

/** The name of the version's folder that an agent program runs from. */
const folderIn = (command: string, program: 'main' | 'services'): string | undefined =>
  new RegExp(`/agent/([^/]+)/(?:bin/\\.\\./)?agent/${program}\\.js`).exec(command)?.[1]

/** The running holder (`main`) or services, with the name of their version. */
export function findAgentProgram(
  { deployment }: DeploymentFixture,
  program: 'main' | 'services',
): { pid: number; name: string } | undefined {
  const found = deployment.processes().map(({ pid, command }) => ({ pid, name: folderIn(command, program) }))
  return found.find((candidate): candidate is { pid: number; name: string } => candidate.name !== undefined)
}

export const waitForServices = (fixture: DeploymentFixture, name: string) =>
  until(`the services of ${name}`, () => {
    const found = findAgentProgram(fixture, 'services')
    return found?.name === name && found
  })

/** The name of the version that coderd has installed. */
export const installedVersion = ({ dataDir }: Deployment) =>
  readFileSync(join(dataDir, 'agent', 'current'), 'utf8').trim()

/** Waits until coderd publishes metadata collected by the services of this version. */
export async function expectMetadata({ client, token, agent }: DeploymentFixture, name: string): Promise<void> {
  const address = client.url(watchMetadata, { params: { workspaceagent: agent.id } })
  const controller = new AbortController()
  const { body } = await fetch(address, { headers: { 'coder-session-token': token }, signal: controller.signal })
  for await (const event of body as ReadableStream<Uint8Array>) {
    if (folderIn(Buffer.from(event).toString(), 'services') === name) break
  }
  controller.abort()
}

export const fetchTerminals = async ({ client, agent }: DeploymentFixture) =>
  (await client.call(listTerminals, { params: { workspaceagent: agent.id } })).terminals

/** The command history of the workspace, by command text. */
export async function fetchHistory({ client, workspace }: DeploymentFixture): Promise<Map<string, StoredCommand>> {
  const { commands } = await client.call(searchCommands, { query: { workspace: workspace.id, limit: 100 } })
  return new Map(commands.map((command) => [command.command, command]))
}

/** Stops the workspace and the deployment. @param ran the versions whose services ran the start and the stop script */
export async function expectStopped(
  { deployment, client, workspace }: DeploymentFixture,
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

/** Starts the workspace with the given agent and checks that the session is restored with all lines and accepts input. */
export async function startAndAttach(
  fixture: DeploymentFixture,
  before: TerminalClient,
  coder: string,
): Promise<TerminalClient> {
  const { client, workspace } = fixture
  const params = { workspace: workspace.id }
  const rich_parameter_values = [{ name: 'coder', value: coder }]
  const { id } = await client.call(createBuild, { params, body: { transition: 'start', rich_parameter_values } })
  await expectSuccess(client, await waitForBuild(client, id))
  const agent = await waitForAgent(client, workspace.id)
  const { sessionId } = before
  expect(await fetchTerminals({ ...fixture, agent })).toMatchObject([{ id: sessionId, state: 'restored' }])
  const terminal = await attachWithRetries({ ...fixture, agent }, { sessionId })
  expect(terminal.attached).toMatchObject({ created: true, restored_from: expect.stringMatching(/^\d{4}-/) })
  const earlierLines = before.text().replace(/\n.*$/, '') // without the prompt
  await until('all lines to be restored', () => terminal.text().startsWith(earlierLines))
  terminal.type('echo back-$((1+1))\r')
  await terminal.waitForText('back-2')
  return terminal
}
