// RFC 3339 timestamps of the `time` provider. The UTC offset and the fraction of a second are preserved; the fraction has no
// other effect.

import { numberField } from '../../values/fields.ts'
import { int, type ObjectValue, type Value } from '../../values/value.ts'

export interface Timestamp {
  /** The local time at the offset, as if it were UTC, in milliseconds since 1970. */
  readonly clock: number
  readonly offsetMinutes: number
  /** Includes the dot; empty for a whole second. */
  readonly fraction: string
}

const timestampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/

export function parseTimestamp(text: string): Timestamp | undefined {
  const [, local, fraction = '', sign, hours = '0', minutes = '0'] = timestampPattern.exec(text) ?? []
  const clock = local === undefined ? Number.NaN : Date.parse(`${local}Z`)
  if (Number.isNaN(clock)) return undefined
  return { clock, offsetMinutes: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)), fraction }
}

export const now = (): Timestamp => ({ clock: Math.floor(Date.now() / 1000) * 1000, offsetMinutes: 0, fraction: '' })

export const unixOf = ({ clock, offsetMinutes }: Timestamp): number => clock / 1000 - offsetMinutes * 60

export function writeTimestamp({ clock, offsetMinutes, fraction }: Timestamp): string {
  const local = new Date(clock).toISOString().slice(0, 19) + fraction
  if (offsetMinutes === 0) return `${local}Z`
  const size = Math.abs(offsetMinutes)
  const part = (value: number) => String(value).padStart(2, '0')
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${part(Math.floor(size / 60))}:${part(size % 60)}`
}

const secondsOf = { hours: 3600, minutes: 60, seconds: 1 }

/** Adds the arguments named after units, such as `offset_days`. Days beyond the end of a month roll over to the next. */
export function addUnits(timestamp: Timestamp, values: ObjectValue, prefix: string): Timestamp {
  const amount = (unit: string) => numberField(values, `${prefix}_${unit}`) ?? 0
  const date = new Date(timestamp.clock)
  date.setUTCDate(date.getUTCDate() + amount('days'))
  date.setUTCMonth(date.getUTCMonth() + amount('months'))
  date.setUTCFullYear(date.getUTCFullYear() + amount('years'))
  const seconds = Object.entries(secondsOf).reduce((sum, [unit, size]) => sum + amount(unit) * size, 0)
  return { ...timestamp, clock: date.getTime() + seconds * 1000 }
}

/** The attributes `year`, `month` … `unix`. */
export function fieldsOf(timestamp: Timestamp): Record<string, Value> {
  const date = new Date(timestamp.clock)
  return {
    year: int(date.getUTCFullYear()),
    month: int(date.getUTCMonth() + 1),
    day: int(date.getUTCDate()),
    hour: int(date.getUTCHours()),
    minute: int(date.getUTCMinutes()),
    second: int(date.getUTCSeconds()),
    unix: int(unixOf(timestamp)),
  }
}

export const fieldNames = ['year', 'month', 'day', 'hour', 'minute', 'second', 'unix'] as const
