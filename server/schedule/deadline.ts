// When a running workspace is stopped: its time to live, the template's day on which everything stops, and how activity
// puts it off. Pure.

import { parseWeeklySchedule } from '../../lib/cron-schedule.ts'
import { weekdayIn, weekNumberIn } from './calendar.ts'
import { type AutostartRules, nextStart } from './next-start.ts'

export interface StopRules {
  /** 0 for as long as the person likes. */
  readonly ttlMs: number
  readonly autostart: AutostartRules
  /** Days on which every workspace of the template is stopped, in the quiet hours of its owner. */
  readonly requiredDays: readonly string[]
  /** Every so many weeks. */
  readonly requiredWeeks: number
  /** When the owner's quiet hours begin, a cron line; empty for the deployment's own. */
  readonly quietHours: string
}

export interface Deadlines {
  readonly deadline: Date | null
  /** Beyond which nothing puts the stop off. */
  readonly maxDeadline: Date | null
}

/** Of a workspace that has just started. */
export function deadlinesOf(rules: StopRules, startedAt: Date): Deadlines {
  const maxDeadline = nextRequiredStop(rules, startedAt)
  const own = rules.ttlMs > 0 ? pastAutostart(rules, new Date(startedAt.getTime() + rules.ttlMs), startedAt) : null
  return { deadline: earlier(own, maxDeadline), maxDeadline }
}

/** A workspace that would be stopped after it is to start by itself is in use until that start's own end. */
function pastAutostart({ autostart, ttlMs }: StopRules, deadline: Date, from: Date): Date {
  const start = nextStart(autostart, from)
  return start && start < deadline ? new Date(start.getTime() + ttlMs) : deadline
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b
  return a < b ? a : b
}

const defaultQuietHours = 'CRON_TZ=UTC 0 0 * * *'
// Who starts a workspace shortly before the quiet hours means to work in it.
const leewayMs = 2 * 60 * 60_000
// A start by itself comes up to some minutes after the hour it was set for: where that hour and the quiet hours are
// exactly the leeway apart, the stop between them must not be passed over each time.
const bufferMs = 15 * 60_000
// Sixteen weeks is the longest interval that a template may ask for.
const maxDays = 17 * 7

function nextRequiredStop({ requiredDays, requiredWeeks, quietHours }: StopRules, after: Date): Date | null {
  if (requiredDays.length === 0) return null
  const { next, timeZone } = parseWeeklySchedule(quietHours || defaultQuietHours)
  let at = next(new Date(after.getTime() + leewayMs - bufferMs))
  for (let count = 0; at && count < maxDays; count++) {
    const isRightWeek = weekNumberIn(timeZone, at) % Math.max(1, requiredWeeks) === 0
    if (isRightWeek && requiredDays.includes(weekdayIn(timeZone, at))) return at
    at = next(at)
  }
  return null
}

export interface Bump {
  readonly deadline: Date
  readonly maxDeadline: Date | null
  /** How far activity puts the stop off; 0 when it does not. */
  readonly bumpMs: number
}

// A bump for each report would be a write for each report.
const leastElapsed = 0.05

/** The deadline after activity; null when it stays. */
export function bumpedDeadline({ deadline, maxDeadline, bumpMs }: Bump, rules: StopRules, now: Date): Date | null {
  if (bumpMs <= 0) return null
  const remainingMs = deadline.getTime() - now.getTime()
  if (remainingMs > bumpMs * (1 - leastElapsed)) return null
  const bumped = new Date(now.getTime() + bumpMs)
  const start = rules.ttlMs > 0 ? nextStart(rules.autostart, now) : null
  const wanted = start && start <= bumped ? new Date(start.getTime() + rules.ttlMs) : bumped
  const allowed = earlier(wanted, maxDeadline) as Date
  return allowed > deadline ? allowed : null
}
