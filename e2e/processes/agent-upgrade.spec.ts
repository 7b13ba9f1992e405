// Agents of several versions. The holder of a workspace's terminals continues to run through upgrades and downgrades of the
// deployment, so it runs with services and coderds of other versions and restores sessions that other versions stored.
// The earlier versions are real builds (e2e/earlier-agents).

import { expect, test } from '@playwright/test'
import { getListeningPorts } from '../../api/agents/agent-measurements.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import {
  deployAgent,
  expectMetadata,
  expectStopped,
  fetchAgent,
  fetchHistory,
  fetchTerminals,
  fetchWorkspace,
  findAgentProgram,
  installedVersion,
  startAndAttach,
  waitForServices,
} from '../support/agent-versions.ts'
import {
  attachWithRetries,
  closeDeployments,
  deploy,
  killEverything,
  reattach,
  relayPid,
  startSession,
} from '../support/deployment-fixture.ts'
import { earlierAgents, installEarlierAgent } from '../support/earlier-agents.ts'
import { killProcess } from '../support/processes.ts'

test.afterEach(closeDeployments)

for (const archive of earlierAgents) {
  test.describe(`with the agent ${archive}`, () => {
    test('an earlier holder continues with new services and a new coderd', async () => {
      const startedAt = Date.now()
      const deployment = await deploy()
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      const fixture = await deployAgent(deployment, earlier.coder)
      const { client } = fixture
      await waitForServices(fixture, earlier.name)
      const session = await startSession(fixture)
      const holder = findAgentProgram(fixture, 'main')
      expect(holder?.name).toBe(earlier.name)

      // An upgrade as the agent observes it: coderd restarts and another version is the current one.
      await deployment.killServer()
      await session.closed
      await deployment.start()
      const newest = await until('the installation of the new agent', () => {
        const name = installedVersion(deployment)
        return name !== earlier.name && name
      })
      await waitForServices(fixture, newest)
      const first = await reattach(fixture, session)
      await expectMetadata(fixture, newest)
      const { sessionId } = session
      await until('the command to finish', async () => (await fetchTerminals(fixture)).every(({ is_busy }) => !is_busy))
      expect(await fetchTerminals(fixture)).toEqual([
        {
          id: sessionId,
          pid: session.attached.pid,
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

      // The client that typed last sets the size; a read-only client changes nothing.
      const second = await attachWithRetries(fixture, { sessionId, size: { cols: 90, rows: 25 } })
      second.type('stty size\r')
      await first.waitForText('25 90')
      const watching = await attachWithRetries(fixture, { sessionId, readOnly: true })
      expect(watching.attached).toMatchObject({ created: false, read_only: true, cols: 90, rows: 25 })
      watching.type('echo looked-$mark\r')
      first.type('stty size\r')
      await watching.waitForText('30 100')
      expect(watching.text()).not.toContain('looked-')
      await Promise.all([second.detach(), watching.detach()])

      // A lost connection resumes at its position.
      await killProcess(relayPid(fixture) as number)
      await first.closed
      const other = await attachWithRetries(fixture, { sessionId })
      other.type('echo missed-$mark\r')
      await other.waitForText('missed-42')
      const resumed = await attachWithRetries(fixture, { sessionId, resume: first.position })
      expect(resumed.attached).toMatchObject({ created: false, resumed: true, epoch: session.attached.epoch })
      await resumed.waitForText('missed-42')
      expect(resumed.text()).not.toContain('again-42')

      // A command that finishes while no services run is added to the history by the next ones.
      const services = await waitForServices(fixture, newest)
      await killProcess(services.pid)
      resumed.type('echo away-$mark\r')
      await resumed.waitForText('away-42')
      expect((await waitForServices(fixture, newest)).pid).not.toBe(services.pid)
      const history = await until('the history of commands', async () => {
        const found = await fetchHistory(fixture)
        return found.has('echo away-$mark') && found
      })
      for (const command of ['echo again-$mark', 'echo missed-$mark', 'echo away-$mark']) {
        expect(history.get(command)).toMatchObject({ session_id: sessionId, cwd: deployment.home, exit_code: 0 })
        const at = Date.parse(history.get(command)?.started_at ?? '')
        expect(at).toBeGreaterThanOrEqual(startedAt)
        expect(at).toBeLessThanOrEqual(Date.now())
      }
      expect((await fetchAgent(client, fixture.workspace))?.lifecycle_state).toBe('ready')
      expect(findAgentProgram(fixture, 'main')).toEqual(holder)
      await expectStopped(fixture, session, { start: earlier.name, stop: newest })
    })

    test('a new holder continues with earlier services', async () => {
      const deployment = await deploy()
      const newest = installedVersion(deployment)
      const fixture = await deployAgent(deployment, 'coder')
      const { client, workspace, agent } = fixture
      await waitForServices(fixture, newest)
      const session = await startSession(fixture)
      const holder = findAgentProgram(fixture, 'main')
      expect(holder?.name).toBe(newest)

      // A downgrade as the agent observes it: it reconnects and another version is the current one.
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      await killProcess(relayPid(fixture) as number)
      const services = await waitForServices(fixture, earlier.name)
      const since = Date.now()
      const first = await reattach(fixture, session)
      await until('the services to report the use of terminals', async () => {
        const { last_used_at } = await fetchWorkspace(client, workspace)
        return Date.parse(last_used_at) > since
      })
      await killProcess(services.pid)
      first.type('echo away-$mark\r')
      await first.waitForText('away-42')
      expect((await waitForServices(fixture, earlier.name)).pid).not.toBe(services.pid)
      await expectMetadata(fixture, earlier.name)
      await until('the history of commands', async () => (await fetchHistory(fixture)).has('echo away-$mark'))
      const { ports } = await client.call(getListeningPorts, { params: { workspaceagent: agent.id } })
      expect(ports.map(({ port }) => `${port}`)).toContain(new URL(deployment.url).port)
      expect(await fetchAgent(client, workspace)).toMatchObject({ status: 'connected', lifecycle_state: 'ready' })
      expect(findAgentProgram(fixture, 'main')).toEqual(holder)
      await expectStopped(fixture, session, { start: newest, stop: earlier.name })
    })

    test('a new holder restores the sessions of an earlier one and vice versa', async () => {
      const deployment = await deploy()
      const earlier = await installEarlierAgent(archive, deployment.dataDir)
      const fixture = await deployAgent(deployment, earlier.coder)
      const first = await startSession(fixture)
      first.type("seq 1 3000; printf '\\e[31mred\\e[0m %s\\n' 日本 é 🙂; echo first-$mark\r")
      await first.waitForText('first-42')
      await killEverything(fixture, 'first-42')
      const restored = await startAndAttach(fixture, first, 'coder')
      expect(findAgentProgram(fixture, 'main')?.name).toBe(installedVersion(deployment))
      restored.type('mark=43; seq 3001 6000; echo second-$mark\r')
      await restored.waitForText('second-43')
      await killEverything(fixture, 'second-43')
      const again = await installEarlierAgent(archive, deployment.dataDir)
      await startAndAttach(fixture, restored, again.coder)
      expect(findAgentProgram(fixture, 'main')?.name).toBe(earlier.name)
    })
  })
}
