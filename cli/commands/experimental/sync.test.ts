// `coder exp sync`, called from scripts of a real agent.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentSocketPath } from '../../../agent/socket-path.ts'
import {
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
} from '../../../server/agents/testing/terminal-harness.ts'
import { until } from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const agentId = randomUUID()
const cliUser = createCliUser({ CODER_AGENT_SOCKET_PATH: agentSocketPath(agentId, {}) ?? '' })
const coder = `"${process.execPath}" "${fileURLToPath(new URL('../../main.ts', import.meta.url))}" exp sync`

const script = (id: string, text: string) => ({
  id,
  log_source_id: id,
  display_name: id,
  log_path: '',
  script: text,
  cron: '',
  run_on_start: true,
  run_on_stop: false,
  start_blocks_login: false,
  timeout_seconds: 60,
})

const order = join(cliUser.home, 'order')

let harness: TerminalHarness
let agent: RunningAgent
beforeAll(async () => {
  const late = `${coder} want late early && ${coder} start late && echo late >> ${order} && ${coder} complete late`
  const early = `${coder} start early && echo early >> ${order} && ${coder} complete early`
  harness = await startTerminalHarness({
    manifest: { agent_id: agentId, scripts: [script('late', late), script('early', early)] },
  })
  agent = startAgent(harness.url)
})
afterAll(async () => {
  await agent.stop()
  await harness.close()
  cliUser.remove()
})

const sync = (...args: string[]) => cliUser.coder(['exp', 'sync', ...args])

test('scripts that start together run one after the other', async () => {
  await until('both scripts to end', () => harness.posted.filter(({ path }) => path === 'script-timings').length === 2)
  expect(readFileSync(order, 'utf8')).toBe('early\nlate\n')
  expect(await sync('status', 'late')).toMatchObject({
    status: 0,
    stdout: [
      'Unit: late',
      'Status: completed',
      'Ready: true',
      '',
      'Dependencies:',
      'DEPENDS ON  REQUIRED STATUS  CURRENT STATUS  SATISFIED',
      'early       completed        completed       true',
      '',
    ].join('\n'),
  })
})

test('a waiting unit reports its dependencies and times out', async () => {
  expect(await sync('ping')).toMatchObject({ status: 0, stdout: 'Success\n' })
  expect(await sync('want', 'app', 'database', 'cache')).toMatchObject({ status: 0, stdout: 'Success\n' })
  expect(await sync('want', 'cache', 'app')).toMatchObject({
    status: 1,
    stderr: 'error: The unit cache depends on itself: cache → app → cache.\n',
  })
  expect(await sync('start', 'app', '--timeout', '300ms')).toEqual({
    status: 1,
    stdout: '',
    stderr: [
      "Waiting for dependencies of unit 'app' to be satisfied: database, cache",
      'error: The unit app is still waiting after 0.3 s.',
      '  hint: `coder exp sync status app` lists its dependencies.',
      '',
    ].join('\n'),
  })
  const { stdout } = await sync('status', 'app', '--output', 'json')
  expect(JSON.parse(stdout)).toEqual({
    unit_name: 'app',
    status: 'pending',
    is_ready: false,
    dependencies: ['database', 'cache'].map((name) => ({
      depends_on: name,
      required_status: 'completed',
      current_status: 'not registered',
      is_satisfied: false,
    })),
  })
})

test('outside a workspace, and without a listening agent, the command fails', async () => {
  const outside = await cliUser.coder(['exp', 'sync', 'ping'], { CODER_AGENT_SOCKET_PATH: '' })
  expect(outside).toMatchObject({ status: 1, stderr: expect.stringContaining('must run inside a workspace') })
  const alone = await sync('ping', '--socket-path', `${cliUser.home}/nobody.sock`)
  expect(alone).toMatchObject({ status: 1, stderr: expect.stringContaining('Could not connect to the agent.') })
})
