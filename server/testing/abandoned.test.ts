import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openRoad, startAgent, testAgent } from '../agents/testing/road.ts'
import { hostEnvironment } from '../provisioner/host-environment.ts'
import { markOf, sweepAbandonedProcesses, testRunVariable } from './abandoned.ts'

test('agents that a killed test run left are ended, those of a run that lives are not', async () => {
  const leader = spawn('sleep', ['1000'])
  await once(leader, 'spawn')
  const mark = markOf(leader.pid as number)
  const road = await openRoad()
  const own = process.env[testRunVariable]
  process.env[testRunVariable] = mark
  const abandoned = startAgent(road.url)
  process.env[testRunVariable] = own
  await road.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
  const kept = startAgent(road.url)
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
  await road.close()
})

test('what workspaces of this computer start carries the mark of its run too', () => {
  expect(hostEnvironment({ PATH: '/bin', [testRunVariable]: 'mark' })[testRunVariable]).toBe('mark')
})
