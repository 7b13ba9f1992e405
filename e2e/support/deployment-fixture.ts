// A deployment with a workspace on the local machine and terminal sessions in it, for tests that kill and restart processes.

import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Client } from '../../api/client.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { readAllFiles } from '../../server/testing/read-all-files.ts'
import { createLocalWorkspace, until } from '../../server/testing/workspace-fixtures.ts'
import { type Deployment, type DeploymentOptions, prepareDeployment } from './deployment.ts'
import { killAll } from './processes.ts'
import { openTerminal, type TerminalAddress, type TerminalClient } from './terminal-client.ts'

export interface DeploymentFixture {
  readonly deployment: Deployment
  readonly client: Client
  readonly token: string
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
}

// A Playwright worker runs one test at a time.
const opened: Deployment[] = []

/** Closes the deployments of the current test. Every spec that uses this module calls it after each test. */
export async function closeDeployments(): Promise<void> {
  for (const deployment of opened.splice(0)) await deployment.close()
}

/** Prepares a deployment without starting it. */
export async function prepare(options: DeploymentOptions = {}): Promise<Deployment> {
  const deployment = await prepareDeployment(options)
  opened.push(deployment)
  return deployment
}

export async function deploy(options: DeploymentOptions = {}): Promise<Deployment> {
  const deployment = await prepare(options)
  await deployment.start()
  return deployment
}

/** A deployment with a workspace on the local machine whose agent is connected. */
export async function deployWithWorkspace(options: DeploymentOptions = {}): Promise<DeploymentFixture> {
  const deployment = await deploy(options)
  const { client, token } = await deployment.signIn()
  return { deployment, client, token, ...(await createLocalWorkspace(client, 'here')) }
}

export const attach = (
  { deployment, token, agent }: DeploymentFixture,
  address: Partial<TerminalAddress> = {},
): Promise<TerminalClient> => openTerminal({ url: deployment.url, token, agentId: agent.id, ...address })

/** Attaches to a session, with retries while processes restart. */
export const attachWithRetries = (
  fixture: DeploymentFixture,
  address: Partial<TerminalAddress>,
): Promise<TerminalClient> => until('the session to be attached', () => attach(fixture, address).catch(() => null))

/** Starts a session with output on its screen and a variable in its shell. */
export async function startSession(fixture: DeploymentFixture): Promise<TerminalClient> {
  const terminal = await attachWithRetries(fixture, {})
  terminal.type('mark=$((40+2)); echo started-$mark\r')
  await terminal.waitForText('started-42')
  return terminal
}

/** Attaches to a started session and checks that its process, screen and variable are unchanged. */
export async function reattach(
  fixture: DeploymentFixture,
  { sessionId, attached }: TerminalClient,
): Promise<TerminalClient> {
  const terminal = await attachWithRetries(fixture, { sessionId })
  expect(terminal.attached).toMatchObject({ created: false, pid: attached.pid, restored_from: null })
  await terminal.waitForText('started-42')
  terminal.type('echo again-$mark\r')
  await terminal.waitForText('again-42')
  return terminal
}

export async function expectContinued(fixture: DeploymentFixture, session: TerminalClient): Promise<void> {
  const terminal = await reattach(fixture, session)
  await terminal.detach()
}

export const relayPid = ({ deployment }: DeploymentFixture): number | undefined =>
  deployment.processes().find(({ command }) => command.includes('server/relay.js'))?.pid

/** Kills all processes of the deployment after the text was stored with its session, and starts coderd again. */
export async function killEverything({ deployment, workspace }: DeploymentFixture, shown: string): Promise<void> {
  const folder = join(deployment.dataDir, 'workspaces', workspace.id, 'terminals')
  // Screens are stored with a delay.
  await until('the screen to be stored', () => readAllFiles(folder).some((text) => text.includes(shown)))
  await killAll(deployment.processes().map(({ pid }) => pid))
  await deployment.start()
}
