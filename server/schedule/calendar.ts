// Weekdays and week numbers in a time zone.

const dayMs = 24 * 60 * 60_000

/** Returns the weekday, for example `monday`. */
export function weekdayIn(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat('en', { timeZone, weekday: 'long' }).format(at).toLowerCase()
}

// The Monday of week 0, as in Coder.
const firstMonday = Date.UTC(2023, 0, 2)

/** Returns the week number; weeks start on Monday. */
export function weekNumberIn(timeZone: string, at: Date): number {
  const [year, month, day] = new Intl.DateTimeFormat('en-CA', { timeZone }).format(at).split('-').map(Number)
  const local = Date.UTC(year ?? 0, (month ?? 1) - 1, day)
  return Math.floor((local - firstMonday) / dayMs / 7)
}
