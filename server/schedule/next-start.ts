// When a workspace starts by itself: its own cron line, on the days that its template allows. Pure.

import { CronError, type CronSchedule, parseWeeklySchedule } from '../../lib/cron-schedule.ts'
import { weekdayIn } from './calendar.ts'

export interface AutostartRules {
  /** A cron line with a time zone; null when the workspace does not start by itself. */
  readonly schedule: string | null
  /** Whether the template lets workspaces start by themselves at all. */
  readonly isAllowed: boolean
  /** Names of days, in the time zone of the schedule. */
  readonly allowedDays: readonly string[]
}

// Every week is the same: what is not allowed within this many starts never is. A line of each minute of a week is the
// longest there is, and one day of the seven is enough.
const maxStarts = 7 * 24 * 60

/** The first start after this time; null when there is none. */
export function nextStart({ schedule, isAllowed, allowedDays }: AutostartRules, after: Date): Date | null {
  if (schedule === null || !isAllowed || allowedDays.length === 0) return null
  const cron = readKept(schedule)
  if (!cron) return null
  const { next, timeZone } = cron
  let at = next(after)
  for (let count = 0; at && count < maxStarts; count++) {
    if (allowedDays.includes(weekdayIn(timeZone, at))) return at
    at = next(at)
  }
  return null
}

/** A line that an earlier version took and that is none any more starts nothing; it must not keep others from starting. */
function readKept(schedule: string): CronSchedule | null {
  try {
    return parseWeeklySchedule(schedule)
  } catch (error) {
    if (error instanceof CronError) return null
    throw error
  }
}
