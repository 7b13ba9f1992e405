import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startAgent, startTerminalHarness, testAgent } from '../agents/testing/terminal-harness.ts'
import { hostEnvironment } from '../provisioner/host-environment.ts'
import { createRunId, killOrphanProcesses, testRunVariable } from './orphan-processes.ts'

test('only agents of a killed test run are killed', async () => {
  const leader = spawn('sleep', ['1000'])
  await once(leader, 'spawn')
  const runId = createRunId(leader.pid as number)
  const harness = await startTerminalHarness()
  const ownRunId = process.env[testRunVariable]
  process.env[testRunVariable] = runId
  const orphan = startAgent(harness.url)
  process.env[testRunVariable] = ownRunId
  await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
  const survivor = startAgent(harness.url)
  killOrphanProcesses()
  expect(orphan.process.exitCode ?? orphan.process.signalCode).toBeNull()
  leader.kill('SIGKILL')
  await once(leader, 'exit')
  const exited = once(orphan.process, 'exit')
  expect(killOrphanProcesses()).toBeGreaterThanOrEqual(1)
  await exited
  expect(orphan.process.signalCode).toBe('SIGKILL')
  expect(survivor.process.exitCode ?? survivor.process.signalCode).toBeNull()
  await survivor.stop()
  await harness.close()
})

test('processes of workspaces on this computer inherit the ID of the test run', () => {
  expect(hostEnvironment({ PATH: '/bin', [testRunVariable]: 'run-id' })[testRunVariable]).toBe('run-id')
})
