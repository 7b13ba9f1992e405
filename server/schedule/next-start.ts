// Computes the next autostart from the workspace's cron schedule and the days that the template allows. Pure.

import { CronError, type CronSchedule, parseWeeklySchedule } from '../../lib/cron-schedule.ts'
import { weekdayIn } from './calendar.ts'

export interface AutostartRules {
  /** Cron schedule with time zone; null disables autostart. */
  readonly schedule: string | null
  /** Whether the template allows autostart. */
  readonly isAllowed: boolean
  /** Weekday names in the time zone of the schedule. */
  readonly allowedDays: readonly string[]
}

// Schedules repeat weekly: if no start within a week is allowed, none is. A schedule has at most one start per minute.
const maxStarts = 7 * 24 * 60

/** Returns the first start after this time; null if there is none. */
export function nextStart({ schedule, isAllowed, allowedDays }: AutostartRules, after: Date): Date | null {
  if (schedule === null || !isAllowed || allowedDays.length === 0) return null
  const cron = parseStoredSchedule(schedule)
  if (!cron) return null
  const { next, timeZone } = cron
  let at = next(after)
  for (let count = 0; at && count < maxStarts; count++) {
    if (allowedDays.includes(weekdayIn(timeZone, at))) return at
    at = next(at)
  }
  return null
}

/** Ignores stored schedules that are invalid since an upgrade: they must not block other workspaces. */
function parseStoredSchedule(schedule: string): CronSchedule | null {
  try {
    return parseWeeklySchedule(schedule)
  } catch (error) {
    if (error instanceof CronError) return null
    throw error
  }
}
