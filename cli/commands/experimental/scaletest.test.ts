// `coder exp scaletest` with a real coderd and a real agent.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listUsers } from '../../../api/account/users.ts'
import { listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import { agentsOf, createTemplate, until } from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const cliUser = createCliUser()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await createTemplate(server.client, 'plain', {
    'main.tf': `data "coder_parameter" "size" {
       name    = "size"
       default = "1"
     }
     resource "terraform_data" "it" {
       input = tonumber(data.coder_parameter.size.value)
     }`,
  })
  await createTemplate(server.client, 'agent', {
    'main.tf': templateWithAgent(),
  })
})
afterAll(async () => {
  await server.close()
  cliUser.remove()
})

const scaletest = (...args: string[]) =>
  cliUser.coder(['exp', 'scaletest', ...args], { CODER_CONFIG_DIR: server.dataDir })

const countLeftovers = async () => ({
  workspaces: (await server.client.call(listWorkspaces, { query: { q: 'name:scaletest-' } })).count,
  users: (await server.client.call(listUsers, { query: { q: 'scaletest-' } })).count,
})

test('workspaces are created, measured and deleted', async () => {
  const file = join(cliUser.home, 'results.json')
  const create = ['create-workspaces', '-t', 'plain', '-c', '3', '--concurrency', '2', '--cleanup-concurrency', '0']
  const made = await scaletest(...create, '--parameter', 'size=1', '--output', 'text', '--output', `json:${file}`)
  expect(made, made.stderr).toMatchObject({ status: 0, stdout: expect.stringMatching(/Pass: {2}3\n\tFail: {2}0\n/) })
  const results = JSON.parse(readFileSync(file, 'utf8'))
  expect(results).toMatchObject({ total_runs: 3, total_pass: 3, total_fail: 0 })
  expect(results.runs['workspacebuild/0']).toMatchObject({ error: null, metrics: { build_ms: expect.any(Number) } })
  expect(await countLeftovers()).toEqual({ workspaces: 0, users: 0 })
})

test('failures are reported, and cleanup deletes leftover workspaces and users', async () => {
  const create = ['create-workspaces', '-t', 'plain', '--no-cleanup', '--no-wait-for-agents']
  const failed = await scaletest(...create, '--parameter', 'size=large')
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining('1 of 1 failed.') })
  expect(failed.stdout).toContain('workspacebuild/0: ')
  expect(await countLeftovers()).toMatchObject({ users: 1 })
  expect((await scaletest('cleanup')).stderr).toContain('pass --yes.')
  expect(await scaletest('cleanup', '--yes')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 users') })
  expect(await countLeftovers()).toEqual({ workspaces: 0, users: 0 })
  expect((await scaletest('cleanup')).stdout).toBe('No users or workspaces of load tests found.\n')
})

test('traffic is echoed by a terminal of the agent', async () => {
  expect((await scaletest('workspace-traffic')).stderr).toContain('No load-test workspaces are running.')
  const create = ['create-workspaces', '-t', 'agent', '--no-cleanup', '--use-host-login', '--run-command', 'echo hi']
  const creation = scaletest(...create, '--run-expect-output', 'hi', '--run-timeout', '30s')
  const id = await until('the agent of the workspace', async () => {
    const { workspaces } = await server.client.call(listWorkspaces, { query: { q: 'name:scaletest-' } })
    return workspaces.flatMap(({ latest_build }) => agentsOf(latest_build))[0]?.id
  })
  const agent: RunningAgent = startAgent(server.url, { token: await server.agentToken(id) })
  try {
    const made = await creation
    expect(made, made.stderr + made.stdout).toMatchObject({ status: 0 })
    const traffic = ['workspace-traffic', '--job-timeout', '1s', '--tick-interval', '20ms', '--bytes-per-tick', '64']
    const { status, stdout, stderr } = await scaletest(...traffic, '--output', 'json')
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const [run] = Object.values(JSON.parse(stdout).runs) as { metrics: Record<string, number> }[]
    expect(run?.metrics.bytes_read).toBeGreaterThan(64)
    expect(run?.metrics.latency_p50_ms).toBeGreaterThan(0)
    expect((await scaletest('cleanup', '--yes')).status).toBe(0)
  } finally {
    await agent.stop()
  }
})
