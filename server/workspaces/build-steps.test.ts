import { expect, test } from 'vitest'
import { replaySteps } from './build-steps.ts'

const at = '2026-01-01T00:00:00Z'

function workspace(id: string, status: string, job: object): Buffer {
  const latest_build = { id, status, transition: 'start', resources: [{ id: 'r' }], deadline: at, job }
  return Buffer.from(JSON.stringify({ name: 'dev', latest_build, health: { healthy: false } }))
}

const completedJob = { status: 'succeeded', started_at: at, completed_at: at, worker_id: 'w' }
const statuses = (texts: readonly Buffer[]) =>
  texts.map((text) => {
    const { latest_build } = JSON.parse(text.toString())
    return [latest_build.status, latest_build.job.status]
  })

test('a completed build whose earlier statuses were not sent is replayed from the beginning', () => {
  const { sent, texts } = replaySteps({ id: 'earlier', step: 2 }, workspace('new', 'running', completedJob))
  expect(statuses(texts)).toEqual([
    ['pending', 'pending'],
    ['starting', 'running'],
    ['running', 'succeeded'],
  ])
  expect(sent).toEqual({ id: 'new', step: 2 })
  const [pending, starting] = texts.map((text) => JSON.parse(text.toString()))
  expect(pending).toMatchObject({ health: { healthy: true }, latest_build: { resources: [], deadline: null } })
  expect(Object.keys(pending.latest_build.job)).toEqual(['status'])
  expect(starting.latest_build.job).toEqual({ status: 'running', started_at: at, worker_id: 'w' })
})

test('a status is sent once', () => {
  expect(statuses(replaySteps({ id: 'b', step: 0 }, workspace('b', 'running', completedJob)).texts)).toHaveLength(2)
  expect(statuses(replaySteps({ id: 'b', step: 2 }, workspace('b', 'running', completedJob)).texts)).toHaveLength(1)
  expect(statuses(replaySteps(undefined, workspace('b', 'running', completedJob)).texts)).toHaveLength(1)
})

test('a build canceled while pending is not shown as running', () => {
  const { texts } = replaySteps({ id: 'earlier', step: 2 }, workspace('b', 'canceled', { status: 'canceled' }))
  expect(statuses(texts)).toEqual([
    ['pending', 'pending'],
    ['canceled', 'canceled'],
  ])
})
