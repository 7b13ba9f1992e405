import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startAgent, startTerminalHarness, testAgent } from '../agents/testing/terminal-harness.ts'
import { hostEnvironment } from '../provisioner/host-environment.ts'
import { markOf, sweepAbandonedProcesses, testRunVariable } from './abandoned.ts'

test('agents that a killed test run left are ended, those of a run that lives are not', async () => {
  const leader = spawn('sleep', ['1000'])
  await once(leader, 'spawn')
  const mark = markOf(leader.pid as number)
  const harness = await startTerminalHarness()
  const own = process.env[testRunVariable]
  process.env[testRunVariable] = mark
  const abandoned = startAgent(harness.url)
  process.env[testRunVariable] = own
  await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
  const kept = startAgent(harness.url)
  sweepAbandonedProcesses()
  expect(abandoned.process.exitCode ?? abandoned.process.signalCode).toBeNull()
  leader.kill('SIGKILL')
  await once(leader, 'exit')
  const ended = once(abandoned.process, 'exit')
  expect(sweepAbandonedProcesses()).toBeGreaterThanOrEqual(1)
  await ended
  expect(abandoned.process.signalCode).toBe('SIGKILL')
  expect(kept.process.exitCode ?? kept.process.signalCode).toBeNull()
  await kept.stop()
  await harness.close()
})

test('what workspaces of this computer start carries the mark of its run too', () => {
  expect(hostEnvironment({ PATH: '/bin', [testRunVariable]: 'mark' })[testRunVariable]).toBe('mark')
})
