import { describe, expect, test } from 'vitest'
import { bumpedDeadline, deadlinesOf, type StopRules } from './deadline.ts'
import { nextStart } from './next-start.ts'

const hour = 3_600_000
const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

function stopRules(changes: Partial<StopRules> = {}, schedule: string | null = null): StopRules {
  return {
    ttlMs: 8 * hour,
    autostart: { schedule, isAllowed: true, allowedDays: everyDay },
    requiredDays: [],
    requiredWeeks: 1,
    quietHours: '',
    ...changes,
  }
}

const at = (text: string) => new Date(text)
const toTexts = ({ deadline, maxDeadline }: ReturnType<typeof deadlinesOf>) => [
  deadline?.toISOString() ?? null,
  maxDeadline?.toISOString() ?? null,
]

describe('a started workspace', () => {
  test('has a deadline by its TTL, and none without a TTL', () => {
    const start = at('2026-06-01T08:00:00Z')
    expect(toTexts(deadlinesOf(stopRules(), start))).toEqual(['2026-06-01T16:00:00.000Z', null])
    expect(toTexts(deadlinesOf(stopRules({ ttlMs: 0 }), start))).toEqual([null, null])
  })

  test('whose next autostart precedes its deadline runs to the end of the TTL of that autostart', () => {
    const early = deadlinesOf(stopRules({}, 'CRON_TZ=UTC 0 9 * * *'), at('2026-06-01T08:00:00Z'))
    expect(toTexts(early)).toEqual(['2026-06-01T17:00:00.000Z', null])
  })

  test('is stopped at the start of the quiet hours of the required day, in the time zone of its owner', () => {
    const weekly = { ttlMs: 0, requiredDays: ['sunday'], quietHours: 'CRON_TZ=Australia/Sydney 30 1 * * *' }
    // 2026-06-07 is a Sunday; 01:30 in Sydney is 15:30 UTC of the day before.
    expect(toTexts(deadlinesOf(stopRules(weekly), at('2026-06-01T08:00:00Z')))).toEqual([
      '2026-06-06T15:30:00.000Z',
      '2026-06-06T15:30:00.000Z',
    ])
  })

  test('started within 105 minutes before a required stop has the next one as its deadline', () => {
    const daily = { ttlMs: 0, requiredDays: everyDay }
    expect(toTexts(deadlinesOf(stopRules(daily), at('2026-06-01T21:59:00Z')))[1]).toBe('2026-06-02T00:00:00.000Z')
    expect(toTexts(deadlinesOf(stopRules(daily), at('2026-06-01T22:14:59Z')))[1]).toBe('2026-06-02T00:00:00.000Z')
    expect(toTexts(deadlinesOf(stopRules(daily), at('2026-06-01T22:15:00Z')))[1]).toBe('2026-06-03T00:00:00.000Z')
    expect(toTexts(deadlinesOf(stopRules(daily), at('2026-06-01T22:30:00Z')))[1]).toBe('2026-06-03T00:00:00.000Z')
  })

  test('autostarted two hours before the quiet hours is stopped during them, even across a daylight saving change', () => {
    const nightly = { ttlMs: 0, requiredDays: everyDay, quietHours: 'CRON_TZ=Europe/Berlin 0 0 * * *' }
    const summer = deadlinesOf(stopRules(nightly), at('2026-06-01T20:00:40Z'))
    expect(toTexts(summer)[1]).toBe('2026-06-01T22:00:00.000Z')
    // Daylight saving time ends on 2026-10-25.
    const autumn = deadlinesOf(stopRules(nightly), at('2026-10-25T21:00:40Z'))
    expect(toTexts(autumn)[1]).toBe('2026-10-25T23:00:00.000Z')
  })

  test('of a template with a stop every two weeks has a deadline in such a week', () => {
    const stops = new Set(
      Array.from({ length: 28 }, (_, day) => {
        const start = new Date(at('2026-06-01T08:00:00Z').getTime() + day * 24 * hour)
        return toTexts(deadlinesOf(stopRules({ ttlMs: 0, requiredDays: ['monday'], requiredWeeks: 2 }), start))[1]
      }),
    )
    const times = [...stops].map((text) => at(text as string).getTime())
    expect(times.slice(1).map((time, index) => time - (times[index] as number))).toEqual(
      times.slice(1).map(() => 14 * 24 * hour),
    )
  })
})

describe('activity', () => {
  const now = at('2026-06-01T12:00:00Z')
  const bump = (deadline: string, maxDeadline: string | null = null, schedule: string | null = null) =>
    bumpedDeadline(
      { deadline: at(deadline), maxDeadline: maxDeadline === null ? null : at(maxDeadline), bumpMs: hour },
      stopRules({}, schedule),
      now,
    )?.toISOString() ?? null

  test('extends the deadline by the bump after a twentieth of it has passed', () => {
    expect(bump('2026-06-01T12:58:00Z')).toBe(null)
    expect(bump('2026-06-01T12:57:00Z')).toBe('2026-06-01T13:00:00.000Z')
    expect(bump('2026-06-01T12:10:00Z')).toBe('2026-06-01T13:00:00.000Z')
  })

  test('neither shortens the deadline nor exceeds the maximum', () => {
    expect(bump('2026-06-01T20:00:00Z')).toBe(null)
    expect(bump('2026-06-01T12:10:00Z', '2026-06-01T12:30:00Z')).toBe('2026-06-01T12:30:00.000Z')
    expect(bump('2026-06-01T12:30:00Z', '2026-06-01T12:30:00Z')).toBe(null)
  })

  test('shortly before an autostart extends the deadline to the end of its TTL', () => {
    expect(bump('2026-06-01T12:10:00Z', null, 'CRON_TZ=UTC 30 12 * * *')).toBe('2026-06-01T20:30:00.000Z')
  })
})

describe('the next start', () => {
  const next = (allowedDays: string[], isAllowed = true) =>
    nextStart(
      { schedule: 'CRON_TZ=America/New_York 0 22 * * *', isAllowed, allowedDays },
      at('2026-06-01T12:00:00Z'),
    )?.toISOString() ?? null

  test('is on a day that the template allows, in the time zone of the schedule', () => {
    // Wednesday 22:00 in New York is Thursday in UTC.
    expect(next(['wednesday'])).toBe('2026-06-04T02:00:00.000Z')
    expect(next([])).toBe(null)
    expect(next(everyDay, false)).toBe(null)
  })
})

test('a stored schedule that is no longer valid has no next start', () => {
  const rules = { schedule: 'CRON_TZ=UTC 0 9 * * 7', isAllowed: true, allowedDays: everyDay }
  expect(nextStart(rules, at('2026-06-01T08:00:00Z'))).toBeNull()
})
