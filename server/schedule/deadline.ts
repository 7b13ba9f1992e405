// Computes the deadline of running workspaces from the TTL, the template's autostop requirement and activity. Pure.

import { parseWeeklySchedule } from '../../lib/cron-schedule.ts'
import { weekdayIn, weekNumberIn } from './calendar.ts'
import { type AutostartRules, nextStart } from './next-start.ts'

export interface StopRules {
  /** 0 disables the TTL. */
  readonly ttlMs: number
  readonly autostart: AutostartRules
  /** Weekdays on which all workspaces of the template stop, in the owner's quiet hours. */
  readonly requiredDays: readonly string[]
  /** Interval in weeks. */
  readonly requiredWeeks: number
  /** Cron schedule of the start of the owner's quiet hours; empty for the deployment default. */
  readonly quietHours: string
}

export interface Deadlines {
  readonly deadline: Date | null
  /** Upper limit of deadline extensions. */
  readonly maxDeadline: Date | null
}

/** Returns the deadlines of a workspace that has just started. */
export function deadlinesOf(rules: StopRules, startedAt: Date): Deadlines {
  const maxDeadline = nextRequiredStop(rules, startedAt)
  const ttlDeadline =
    rules.ttlMs > 0 ? extendPastAutostart(rules, new Date(startedAt.getTime() + rules.ttlMs), startedAt) : null
  return { deadline: earlierOf(ttlDeadline, maxDeadline), maxDeadline }
}

/** A deadline after the next autostart moves to the end of that autostart's TTL. */
function extendPastAutostart({ autostart, ttlMs }: StopRules, deadline: Date, from: Date): Date {
  const start = nextStart(autostart, from)
  return start && start < deadline ? new Date(start.getTime() + ttlMs) : deadline
}

function earlierOf(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b
  return a < b ? a : b
}

const defaultQuietHours = 'CRON_TZ=UTC 0 0 * * *'
// A workspace started within this time before a required stop skips that stop.
const leewayMs = 2 * 60 * 60_000
// Autostarts may be a few minutes late. If the autostart precedes the quiet hours by exactly the leeway, the stop must
// not be skipped every time.
const bufferMs = 15 * 60_000
// Templates may require a stop at most every 16 weeks.
const maxDays = 17 * 7

function nextRequiredStop({ requiredDays, requiredWeeks, quietHours }: StopRules, after: Date): Date | null {
  if (requiredDays.length === 0) return null
  const { next, timeZone } = parseWeeklySchedule(quietHours || defaultQuietHours)
  let at = next(new Date(after.getTime() + leewayMs - bufferMs))
  for (let count = 0; at && count < maxDays; count++) {
    const isStopWeek = weekNumberIn(timeZone, at) % Math.max(1, requiredWeeks) === 0
    if (isStopWeek && requiredDays.includes(weekdayIn(timeZone, at))) return at
    at = next(at)
  }
  return null
}

export interface Bump {
  readonly deadline: Date
  readonly maxDeadline: Date | null
  /** Extension per activity; 0 disables it. */
  readonly bumpMs: number
}

// Limits writes: not every report extends the deadline.
const minElapsedShare = 0.05

/** Returns the deadline after activity; null if unchanged. */
export function bumpedDeadline({ deadline, maxDeadline, bumpMs }: Bump, rules: StopRules, now: Date): Date | null {
  if (bumpMs <= 0) return null
  const remainingMs = deadline.getTime() - now.getTime()
  if (remainingMs > bumpMs * (1 - minElapsedShare)) return null
  const bumped = new Date(now.getTime() + bumpMs)
  const start = rules.ttlMs > 0 ? nextStart(rules.autostart, now) : null
  const extended = start && start <= bumped ? new Date(start.getTime() + rules.ttlMs) : bumped
  const allowed = earlierOf(extended, maxDeadline) as Date
  return allowed > deadline ? allowed : null
}
