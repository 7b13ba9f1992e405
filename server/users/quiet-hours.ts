// Quiet hours of users: the daily start time, in a time zone, of the period in which required stops happen.

import type { UserQuietHours } from '../../api/account/user-settings.ts'
import { validationFailed } from '../../api/errors.ts'
import { CronError, parseWeeklySchedule } from '../../lib/cron-schedule.ts'

/** Default: midnight UTC, as in Coder. */
const defaultSchedule = 'CRON_TZ=UTC 0 0 * * *'

const form = /^(?:CRON_TZ=(\S+)\s+)?(\d{1,2})\s+(\d{1,2})\s+\*\s+\*\s+\*$/

/** @throws ApiError 400 unless the schedule is a daily time in a known time zone */
export function parseQuietHours(schedule: string) {
  const invalid = (detail: string) => validationFailed([{ field: 'schedule', detail }])
  const [, timezone = 'UTC', minute = '', hour = ''] = form.exec(schedule.trim()) ?? []
  if (minute === '') {
    throw invalid('is a daily time such as "CRON_TZ=Europe/Berlin 30 2 * * *": minute, hour, and three stars')
  }
  try {
    return { cron: parseWeeklySchedule(schedule), hour, minute, timezone }
  } catch (error) {
    if (error instanceof CronError) throw invalid(error.message)
    throw error
  }
}

/** @param schedule the user's setting; empty for the default */
export function toQuietHours(schedule: string, now: Date): UserQuietHours {
  const { cron, hour, minute, timezone } = parseQuietHours(schedule || defaultSchedule)
  return {
    raw_schedule: schedule || defaultSchedule,
    user_set: schedule !== '',
    user_can_set: true,
    time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`,
    timezone,
    next: (cron.next(now) ?? now).toISOString(),
  }
}
