// When a user's workspaces may be stopped for maintenance: once a day, at a time of a time zone.

import { validationFailed } from '../api/errors.ts'
import type { UserQuietHours } from '../api/user-settings.ts'

export interface QuietHours {
  readonly hour: number
  readonly minute: number
  readonly timezone: string
}

/** What holds for who has set nothing: midnight, as with Coder. */
const defaultSchedule = 'CRON_TZ=UTC 0 0 * * *'

const form = /^(?:CRON_TZ=(\S+)\s+)?(\d{1,2})\s+(\d{1,2})\s+\*\s+\*\s+\*$/

/** @throws ApiError 400 for anything but a daily time in a known zone */
export function parseQuietHours(schedule: string): QuietHours {
  const [, timezone = 'UTC', minute = '', hour = ''] = form.exec(schedule.trim()) ?? []
  const wrong = (detail: string) => validationFailed([{ field: 'schedule', detail }])
  if (minute === '' || Number(minute) > 59 || Number(hour) > 23) {
    throw wrong('is a daily time such as "CRON_TZ=Europe/Berlin 30 2 * * *": minute, hour, and three stars')
  }
  if (!isTimezone(timezone)) throw wrong(`"${timezone}" is not a time zone`)
  return { hour: Number(hour), minute: Number(minute), timezone }
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

/** @param schedule what the user has set, or nothing */
export function toQuietHours(schedule: string, now: Date): UserQuietHours {
  const hours = parseQuietHours(schedule || defaultSchedule)
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    raw_schedule: schedule || defaultSchedule,
    user_set: schedule !== '',
    user_can_set: true,
    time: `${two(hours.hour)}:${two(hours.minute)}`,
    timezone: hours.timezone,
    next: nextQuietHours(hours, now).toISOString(),
  }
}

/** The next moment at which a clock in the zone shows this time. */
export function nextQuietHours({ hour, minute, timezone }: QuietHours, now: Date): Date {
  const local = clockOf(now, timezone)
  for (let day = 0; ; day++) {
    const wanted = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + day, hour, minute)
    const at = fromClock(wanted, timezone)
    if (at > now) return at
  }
}

/** What a clock in the zone shows, as if it were UTC. */
function clockOf(at: Date, timezone: string): Date {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')))
}

/** The moment at which a clock in the zone shows this; where it jumps over it, the moment it would have been. */
function fromClock(shown: number, timezone: string): Date {
  const guess = shown - (clockOf(new Date(shown), timezone).getTime() - shown)
  return new Date(guess - (clockOf(new Date(guess), timezone).getTime() - shown))
}
