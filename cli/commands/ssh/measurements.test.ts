// `coder ping`, `coder speedtest`, `coder netcheck` and `coder cp` with real coderd, agent and relay.

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const user = createCliUser()
let server: TestServer
let agent: RunningAgent

beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'measured', { 'main.tf': templateWithAgent() })
  const { id: workspaceId, latest_build } = await createWorkspace(server.client, id, 'dev')
  const finished = await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
  agent = startAgent(server.url, { token: await server.agentToken(agentsOf(finished)[0]?.id ?? '') })
  await waitForAgent(server.client, workspaceId)
}, 60_000)
afterAll(async () => {
  await agent?.stop()
  await server?.close()
  user.remove()
})

const coder = (...args: readonly string[]) => user.coder(args, { CODER_CONFIG_DIR: server.dataDir })

test('ping prints the time of each answer and a summary', async () => {
  const { status, stdout } = await coder('ping', 'dev', '-n', '2', '--wait', '1ms', '--utc')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^(\d{4}-\S+Z pong from dev in \d+\.\d\dms\n){2}\n--- dev ---\n2 sent, 2 received, 0% lost\n/)
  const unknown = await coder('ping', 'otter', '-n', '1')
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining('Workspace otter not found.') })
})

test.each(['up', 'down'])('speedtest measures the throughput %s', async (direction) => {
  const { status, stdout } = await coder('speedtest', 'dev', '--direction', direction, '-t', '1500ms', '-o', 'json')
  expect(status).toBe(0)
  const interval = {
    start_time_seconds: expect.any(Number),
    end_time_seconds: expect.any(Number),
    throughput_mbits: expect.any(Number),
  }
  const { overall, intervals } = JSON.parse(stdout)
  expect({ overall, intervals }).toEqual({ overall: interval, intervals: [interval, interval] })
  for (const { throughput_mbits } of [overall, ...intervals]) expect(throughput_mbits).toBeGreaterThan(1)
})

test('speedtest prints a table that ends with the whole', async () => {
  const { stdout } = await coder('speedtest', 'dev', '-t', '1s')
  expect(stdout).toMatch(/^INTERVAL +THROUGHPUT\n(0\.00-1\.\d\d sec +\d+\.\d{4} Mbits\/sec\n){2}$/)
})

test('netcheck reports on the connection to the deployment', async () => {
  const { status, stdout } = await coder('netcheck')
  expect(status).toBe(0)
  const { derp, interfaces } = JSON.parse(stdout)
  expect(derp).toMatchObject({ healthy: true, severity: 'ok', error: null, netcheck: { PreferredDERP: 999 } })
  expect(derp.regions['999']).toMatchObject({ healthy: true, region: { RegionID: 999, RegionName: 'Coder Local' } })
  expect(derp.netcheck.RegionLatency['999']).toBeGreaterThan(0)
  expect(interfaces.interfaces.length).toBeGreaterThan(0)
})

test('cp copies files and folders to, from and between workspaces', requires('scp'), async () => {
  const remote = join(user.home, 'remote')
  mkdirSync(join(remote, 'folder'), { recursive: true })
  const bytes = randomBytes(300_000)
  writeFileSync(join(user.home, 'a file'), bytes)
  expect(await coder('cp', 'a file', `dev:${remote}/folder/one`)).toMatchObject({ status: 0, stderr: '' })
  expect(await coder('cp', '-r', `me/dev.main:${remote}/folder`, 'copied')).toMatchObject({ status: 0, stderr: '' })
  expect(await coder('cp', `dev:${remote}/folder/one`, `dev:${remote}/two`)).toMatchObject({ status: 0, stderr: '' })
  for (const path of ['copied/one', 'remote/two']) expect(readFileSync(join(user.home, path)).equals(bytes)).toBe(true)
  expect(await coder('cp', 'a', 'b')).toMatchObject({ status: 1, stderr: expect.stringContaining('workspace:path') })
})
