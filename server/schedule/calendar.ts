// Days of the week as a time zone has them.

const dayMs = 24 * 60 * 60_000

/** Such as `monday`. */
export function weekdayIn(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat('en', { timeZone, weekday: 'long' }).format(at).toLowerCase()
}

// A Monday, from which weeks are counted, as Coder counts them.
const firstMonday = Date.UTC(2023, 0, 2)

/** Counts the weeks, which begin on Mondays. */
export function weekNumberIn(timeZone: string, at: Date): number {
  const [year, month, day] = new Intl.DateTimeFormat('en-CA', { timeZone }).format(at).split('-').map(Number)
  const local = Date.UTC(year ?? 0, (month ?? 1) - 1, day)
  return Math.floor((local - firstMonday) / dayMs / 7)
}
