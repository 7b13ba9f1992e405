// An autostart schedule as a time on days of the week. On the wire it is a cron expression with a time zone:
// `CRON_TZ=Europe/Berlin 30 9 * * 1-5`.

export interface Autostart {
  readonly zone: string
  /** `09:30`. */
  readonly time: string
  /** 0 is Sunday. Sorted. */
  readonly days: readonly number[]
}

export const weekdays = [1, 2, 3, 4, 5] as const
export const allDays = [0, 1, 2, 3, 4, 5, 6] as const

const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const parseDay = (text: string): number => {
  const named = dayNames.indexOf(text.toUpperCase())
  return named >= 0 ? named : /^[0-7]$/.test(text) ? Number(text) % 7 : Number.NaN
}

function parseDays(field: string): number[] | undefined {
  if (field === '*') return [...allDays]
  const days = field.split(',').flatMap((part) => {
    const [first = '', last] = part.split('-')
    const start = parseDay(first)
    const end = last === undefined ? start : parseDay(last)
    if (Number.isNaN(start) || Number.isNaN(end) || end < start) return [Number.NaN]
    return Array.from({ length: end - start + 1 }, (_, index) => start + index)
  })
  return days.some(Number.isNaN) ? undefined : [...new Set(days)].sort((a, b) => a - b)
}

/** Undefined for an expression that is not one time on days of the week. */
export function parseAutostart(schedule: string): Autostart | undefined {
  const match = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(\d{1,2})\s+(\d{1,2})\s+\*\s+\*\s+(\S+)$/.exec(schedule.trim())
  if (!match) return undefined
  const [, zone = 'UTC', minute = '', hour = '', dayField = ''] = match
  const days = parseDays(dayField)
  if (!days || Number(minute) > 59 || Number(hour) > 23) return undefined
  return { zone, time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`, days }
}

export function formatAutostart({ zone, time, days }: Autostart): string {
  const [hour = '0', minute = '0'] = time.split(':')
  const dayField = days.length === allDays.length ? '*' : days.join(',')
  return `CRON_TZ=${zone} ${Number(minute)} ${Number(hour)} * * ${dayField}`
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** The time zones of the browser, with one that it does not know. */
export const timeZones = (current: string): string[] =>
  [...new Set(['UTC', current, ...Intl.supportedValuesOf('timeZone')])].sort()
