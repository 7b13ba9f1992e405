import { expect, test } from 'vitest'
import type { WorkspaceBuildTimings } from '../../api/workspaces/builds.ts'
import type { LogLine } from '../api/log-stream.ts'
import { createFixture } from '../testing/fixtures.ts'
import { buildSteps } from './build-timeline.ts'

const at = (ms: number): string => new Date(1_000_000 + ms).toISOString()

function builtWorkspace() {
  const [workspace] = createFixture('one').workspaces
  if (!workspace) throw new Error('the fixture has no workspace')
  return workspace
}
const { latest_build: build } = builtWorkspace()

function buildWith(job: Partial<typeof build.job>) {
  return { ...build, job: { ...build.job, created_at: at(0), started_at: at(10), completed_at: undefined, ...job } }
}

const line = (id: number, stage: string, ms: number): LogLine => ({
  id,
  stage,
  created_at: at(ms),
  level: 'info',
  output: '',
})
const timing = (stage: 'plan' | 'apply', resource: string, from: number, to: number) => ({
  job_id: 'job',
  started_at: at(from),
  ended_at: at(to),
  stage,
  source: 'host',
  action: 'create',
  resource,
})
const timings: WorkspaceBuildTimings = {
  provisioner_timings: [
    timing('plan', 'data.a', 60, 90),
    timing('plan', 'data.b', 70, 100),
    timing('apply', 'host_process.agent', 100, 101),
  ],
  agent_script_timings: [],
  agent_connection_timings: [],
}
const names = (steps: { name: string }[]) => steps.map(({ name }) => name)

test('the steps of a running build are its stages, and the last one is still running', () => {
  const lines = [line(1, 'Setting up', 20), line(2, 'Setting up', 25), line(3, 'Planning', 40)]
  const steps = buildSteps(buildWith({ status: 'running' }), lines, undefined, [])
  expect(steps.map(({ name, startMs, endMs }) => [name, (endMs ?? Number.NaN) - startMs])).toEqual([
    ['Queue', 10],
    ['Setting up', 20],
    ['Planning', Number.NaN],
  ])
})

test('the last stage of a failed build has failed', () => {
  const lines = [line(1, 'Setting up', 20), line(2, 'Planning', 40)]
  const steps = buildSteps(buildWith({ status: 'failed', completed_at: at(50) }), lines, timings, [])
  expect(steps.filter(({ failed }) => failed).map(({ name, endMs }) => [name, endMs])).toEqual([
    ['Planning', 1_000_050],
  ])
})

test('the steps of a finished build are planning, each resource, and other phases of noticeable length', () => {
  const steps = buildSteps(buildWith({ status: 'succeeded', completed_at: at(160) }), [], timings, [])
  expect(names(steps)).toEqual(['Queue', 'Set up', 'Plan', 'host_process.agent', 'Store results'])
  const quick = buildSteps(buildWith({ status: 'succeeded', completed_at: at(105) }), [], timings, [])
  expect(names(quick)).toEqual(['Queue', 'Set up', 'Plan', 'host_process.agent'])
})

test('an agent that has not connected is a running step', () => {
  const agent = build.resources.flatMap(({ agents = [] }) => agents)[0]
  if (!agent) throw new Error('the fixture has no agent')
  const waiting = { ...agent, created_at: at(200), first_connected_at: undefined }
  const steps = buildSteps(buildWith({ status: 'succeeded', completed_at: at(200) }), [], timings, [waiting])
  expect(steps.at(-1)).toEqual({ name: 'main · connect', isAddress: true, startMs: 1_000_200, failed: false })
})

test('a pending build has only its queue step', () => {
  const steps = buildSteps(buildWith({ status: 'pending', started_at: undefined }), [], undefined, [])
  expect(steps).toEqual([{ name: 'Queue', isAddress: false, startMs: 1_000_000, failed: false }])
})
