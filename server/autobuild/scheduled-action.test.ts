import { describe, expect, test } from 'vitest'
import { findScheduledAction, type ScheduleFacts } from './scheduled-action.ts'

const now = new Date('2026-06-01T12:00:00Z')
const minutesAgo = (count: number) => new Date(now.getTime() - count * 60_000)
const hour = 3_600_000

const running: ScheduleFacts = {
  transition: 'start',
  jobStatus: 'succeeded',
  jobCompletedAt: minutesAgo(60),
  deadline: null,
  nextStartAt: null,
  dormantAt: null,
  deletingAt: null,
  lastUsedAt: minutesAgo(10),
  ownerStatus: 'active',
  failureTtlMs: 0,
  timeTilDormantMs: 0,
}
const stopped: ScheduleFacts = { ...running, transition: 'stop' }

const describeAction = (facts: ScheduleFacts) => {
  const action = findScheduledAction(facts, now)
  if (!action) return null
  return action.kind === 'build' ? `${action.transition} ${action.reason}` : `dormant ${action.isRunning}`
}

describe('a workspace', () => {
  test.each<[string, ScheduleFacts, string | null]>([
    ['running without a deadline has no action', running, null],
    ['before its deadline has no action', { ...running, deadline: minutesAgo(-1) }, null],
    ['past its deadline is stopped', { ...running, deadline: now }, 'stop autostop'],
    ['of a suspended user is stopped', { ...running, ownerStatus: 'suspended' }, 'stop autostop'],
    ['with an active build has no action', { ...running, deadline: now, jobCompletedAt: null }, null],
    ['that is stopped is started at its scheduled time', { ...stopped, nextStartAt: now }, 'start autostart'],
    ['is started after a missed start', { ...stopped, nextStartAt: minutesAgo(600) }, 'start autostart'],
    ['is not started before its scheduled time', { ...stopped, nextStartAt: minutesAgo(-1) }, null],
    ['that is running is not started', { ...running, nextStartAt: now }, null],
    ['whose stop failed is not started', { ...stopped, jobStatus: 'failed', nextStartAt: now }, null],
    ['of a dormant user is not started', { ...stopped, nextStartAt: now, ownerStatus: 'dormant' }, null],
    ['that is dormant is not started', { ...stopped, nextStartAt: now, dormantAt: minutesAgo(1) }, null],
    ['whose start failed has no deadline', { ...running, jobStatus: 'failed', deadline: now }, null],
    [
      'whose start failed is stopped after the failure TTL',
      { ...running, jobStatus: 'failed', failureTtlMs: hour },
      'stop failedstop',
    ],
    [
      'whose start failed is not stopped before the failure TTL',
      { ...running, jobStatus: 'failed', failureTtlMs: hour + 1 },
      null,
    ],
    ['that is unused becomes dormant', { ...stopped, timeTilDormantMs: 10 * 60_000 }, 'dormant false'],
    [
      'that is running and unused is stopped and becomes dormant',
      { ...running, timeTilDormantMs: 60_000 },
      'dormant true',
    ],
    ['that became dormant while running is stopped', { ...running, dormantAt: now, deadline: now }, 'stop dormancy'],
    ['that was used recently does not become dormant', { ...stopped, timeTilDormantMs: 11 * 60_000 }, null],
    [
      'that is dormant is deleted at its deletion time',
      { ...stopped, dormantAt: minutesAgo(9), deletingAt: now },
      'delete autodelete',
    ],
    [
      'that is dormant is not deleted before its deletion time',
      { ...stopped, dormantAt: minutesAgo(9), deletingAt: minutesAgo(-1) },
      null,
    ],
    ['that is not dormant is not deleted', { ...stopped, deletingAt: minutesAgo(9) }, null],
    [
      'whose deletion failed is deleted again after a day',
      {
        ...stopped,
        transition: 'delete',
        jobStatus: 'failed',
        dormantAt: minutesAgo(9),
        deletingAt: minutesAgo(9),
        jobCompletedAt: minutesAgo(24 * 60),
      },
      'delete autodelete',
    ],
    [
      'whose deletion failed is not deleted again within a day',
      {
        ...stopped,
        transition: 'delete',
        jobStatus: 'failed',
        dormantAt: minutesAgo(9),
        deletingAt: minutesAgo(9),
        jobCompletedAt: minutesAgo(24 * 60 - 1),
      },
      null,
    ],
  ])('%s', (_, facts, expected) => {
    expect(describeAction(facts)).toBe(expected)
  })
})
