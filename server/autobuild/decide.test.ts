import { describe, expect, test } from 'vitest'
import { decide, type ScheduleFacts } from './decide.ts'

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

const says = (facts: ScheduleFacts) => {
  const action = decide(facts, now)
  if (!action) return null
  return action.kind === 'build' ? `${action.transition} ${action.reason}` : `dormant ${action.isRunning}`
}

describe('a workspace', () => {
  test.each<[string, ScheduleFacts, string | null]>([
    ['that runs without a deadline is left alone', running, null],
    ['that runs before its deadline is left alone', { ...running, deadline: minutesAgo(-1) }, null],
    ['past its deadline is stopped', { ...running, deadline: now }, 'stop autostop'],
    ['of a suspended person is stopped', { ...running, ownerStatus: 'suspended' }, 'stop autostop'],
    ['that a build works on is left alone', { ...running, deadline: now, jobCompletedAt: null }, null],
    ['that stands is started when it is time', { ...stopped, nextStartAt: now }, 'start autostart'],
    [
      'is started though the computer slept at that hour',
      { ...stopped, nextStartAt: minutesAgo(600) },
      'start autostart',
    ],
    ['is not started before', { ...stopped, nextStartAt: minutesAgo(-1) }, null],
    ['that runs is not started', { ...running, nextStartAt: now }, null],
    ['whose stop failed is not started', { ...stopped, jobStatus: 'failed', nextStartAt: now }, null],
    ['of a dormant person is not started', { ...stopped, nextStartAt: now, ownerStatus: 'dormant' }, null],
    ['that sleeps is not started', { ...stopped, nextStartAt: now, dormantAt: minutesAgo(1) }, null],
    ['whose start failed stays as it is', { ...running, jobStatus: 'failed', deadline: now }, null],
    [
      'whose start failed is cleaned up after a while',
      { ...running, jobStatus: 'failed', failureTtlMs: hour },
      'stop failedstop',
    ],
    ['is given that while', { ...running, jobStatus: 'failed', failureTtlMs: hour + 1 }, null],
    ['that nobody uses falls asleep', { ...stopped, timeTilDormantMs: 10 * 60_000 }, 'dormant false'],
    ['that runs for nobody is stopped and falls asleep', { ...running, timeTilDormantMs: 60_000 }, 'dormant true'],
    ['that was put to sleep while it ran is stopped', { ...running, dormantAt: now, deadline: now }, 'stop dormancy'],
    ['that was used lately stays awake', { ...stopped, timeTilDormantMs: 11 * 60_000 }, null],
    ['that slept for long goes', { ...stopped, dormantAt: minutesAgo(9), deletingAt: now }, 'delete autodelete'],
    ['that sleeps goes not before', { ...stopped, dormantAt: minutesAgo(9), deletingAt: minutesAgo(-1) }, null],
    ['that is awake never goes', { ...stopped, deletingAt: minutesAgo(9) }, null],
    [
      'that could not go is tried again a day later',
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
      'that could not go is given that day',
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
    expect(says(facts)).toBe(expected)
  })
})
