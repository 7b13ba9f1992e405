// Converts autostart schedules between the notation of the command line (`9:30AM Mon-Fri Europe/Dublin`) and the stored
// cron expression with a time zone. coderd validates the schedule.

import { CommandError } from '../output/errors.ts'

const clock = /^(\d{1,2})(?::(\d{2}))?\s*([ap]m)?$/i

/** @param words a time, optionally followed by days and a time zone. @throws CommandError */
export function parseAutostart(words: readonly string[]): string {
  const [time = '', days = '*', location = localTimeZone(), ...more] = words
  if (more.length > 0) throw invalidSchedule(words, 'it has more parts than time, days and time zone')
  const { hour, minute } = parseClock(time, words)
  if (!/^[\w*,/-]+$/.test(days)) throw invalidSchedule(words, `"${days}" is not a list of weekdays`)
  return `CRON_TZ=${location} ${minute} ${hour} * * ${days}`
}

function parseClock(time: string, words: readonly string[]): { hour: number; minute: number } {
  const [, hours, minutes = '0', half] = clock.exec(time) ?? []
  if (hours === undefined || (!half && !time.includes(':')))
    throw invalidSchedule(words, `"${time}" is not a time of day`)
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hours)
  const isClock = Number(minutes) < 60 && (half ? Number(hours) >= 1 && Number(hours) <= 12 : hour < 24)
  if (!isClock) throw invalidSchedule(words, `"${time}" is not a time of day`)
  return { hour, minute: Number(minutes) }
}

const invalidSchedule = (words: readonly string[], reason: string) =>
  new CommandError(`"${words.join(' ')}" is not a schedule: ${reason}.`, {
    hint: 'use a time, days and a time zone, such as `9:30AM Mon-Fri Europe/Dublin`.',
  })

const localTimeZone = () => process.env.TZ || Intl.DateTimeFormat().resolvedOptions().timeZone

/** `9:30AM Mon-Fri (Europe/Dublin)`. Other cron expressions are returned unchanged; empty for no schedule. */
export function formatAutostart(schedule: string | null | undefined): string {
  if (!schedule) return ''
  const [, zone = 'UTC', minute = '', hour = '', days = ''] =
    /^(?:CRON_TZ=(\S+)\s+)?(\d+)\s+(\d+)\s+\*\s+\*\s+(\S+)$/.exec(schedule) ?? []
  if (minute === '') return schedule
  const half = Number(hour) < 12 ? 'AM' : 'PM'
  const time = `${Number(hour) % 12 || 12}:${minute.padStart(2, '0')}${half}`
  return `${time} ${days === '*' ? 'daily' : nameDays(days)} (${zone})`
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const nameDays = (days: string) => days.replace(/\d/g, (day) => dayNames[Number(day)] ?? day)
