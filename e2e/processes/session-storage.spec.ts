// Stored terminal sessions: restored after a crash or a reboot, and deleted with their retention or their workspace.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { listTerminals, updateTerminalRetention } from '../../api/agents/terminals.ts'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { agentsOf, build, until, waitForAgent } from '../../server/testing/workspace-fixtures.ts'
import {
  attach,
  closeDeployments,
  type DeploymentFixture,
  deployWithWorkspace,
  expectContinued,
  killEverything,
  startSession,
} from '../support/deployment-fixture.ts'
import { recordEarlierBoot } from '../support/recorded-boot.ts'
import type { TerminalClient } from '../support/terminal-client.ts'

test.afterEach(closeDeployments)

test.describe('coderd reports lost processes, and a new build restores the terminals', () => {
  const unhealthyReason = async ({ client, workspace }: DeploymentFixture) => {
    const { latest_build, health } = await client.call(getWorkspace, { params: { workspace: workspace.id } })
    const [agent] = agentsOf(latest_build)
    return !health.healthy && agent?.health.reason
  }

  const untilExitIsReported = (fixture: DeploymentFixture) =>
    until('coderd to report the ended process', async () =>
      /process .*has exited/.test(`${await unhealthyReason(fixture)}`),
    )

  /** Waits for the started workspace; its session shows the earlier screen above a new prompt. */
  async function expectRestored(fixture: DeploymentFixture, session: TerminalClient): Promise<void> {
    const agent = await waitForAgent(fixture.client, fixture.workspace.id)
    const { terminals } = await fixture.client.call(listTerminals, { params: { workspaceagent: agent.id } })
    expect(terminals).toMatchObject([{ id: session.sessionId, state: 'restored' }])
    const terminal = await attach({ ...fixture, agent }, { sessionId: session.sessionId })
    expect(terminal.attached).toMatchObject({ created: true, restored_from: expect.stringMatching(/^\d{4}-/) })
    await terminal.waitForText('started-42')
    terminal.type('echo back-$((1+1))\r')
    await terminal.waitForText(/started-42[\s\S]*back-2/)
  }

  test('after kill -9 of all processes', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    await killEverything(fixture, 'started-42')
    await untilExitIsReported(fixture)
    await build(fixture.client, fixture.workspace.id, 'start')
    await expectRestored(fixture, session)
  })

  test('after a restart of the machine', async () => {
    const fixture = await deployWithWorkspace()
    const session = await startSession(fixture)
    await killEverything(fixture, 'started-42')
    // The new coderd has then looked for workspaces to restart, and found none.
    await untilExitIsReported(fixture)
    await recordEarlierBoot(fixture.deployment.dataDir)
    await until('coderd to report the restart of the computer', async () =>
      /restarted/.test(`${await unhealthyReason(fixture)}`),
    )
    // At its start after a reboot, coderd restarts the workspaces that ran.
    await fixture.deployment.stop()
    await fixture.deployment.start()
    await until('the workspace to be started again', async () => {
      const { latest_build } = await fixture.client.call(getWorkspace, { params: { workspace: fixture.workspace.id } })
      return latest_build.reason === 'autostart' && latest_build.status === 'running'
    })
    await expectRestored(fixture, session)
  })
})

test('stored terminals are deleted when retention is disabled and when the workspace is deleted', async () => {
  const fixture = await deployWithWorkspace()
  const { client, deployment, workspace } = fixture
  const workspaceFolder = join(deployment.dataDir, 'workspaces', workspace.id)
  const storedFolder = ({ sessionId }: TerminalClient) =>
    join(workspaceFolder, 'terminals', fixture.agent.name, sessionId)
  const setRetainedLines = (kept_lines: number) =>
    client.call(updateTerminalRetention, { params: { workspace: workspace.id }, body: { kept_lines, kept_days: 7 } })
  const first = await startSession(fixture)
  await until('the screen to be stored', () => existsSync(storedFolder(first)))
  await setRetainedLines(0)
  await until('the stored screen to be deleted', () => !existsSync(storedFolder(first)))
  // The session and its screen continue.
  await expectContinued(fixture, first)
  expect(existsSync(storedFolder(first))).toBe(false)
  await setRetainedLines(1_000)
  const second = await startSession(fixture)
  await until('the second screen to be stored', () => existsSync(storedFolder(second)))
  await build(client, workspace.id, 'delete')
  expect(existsSync(workspaceFolder)).toBe(false)
})
