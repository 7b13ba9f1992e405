// Cron lines: `CRON_TZ=Europe/Berlin 30 9 * * 1-5`. A workspace's has five fields and repeats weekly; a script's may
// begin with a sixth for seconds. A time that a change to summer time skips is made up for right after it; one that
// comes twice counts once.

import { Cron } from 'croner'

export interface CronSchedule {
  readonly timeZone: string
  /** The first time after this one; null when there is none any more. */
  next(after: Date): Date | null
}

/** A sentence that says what is wrong with a line. */
export class CronError extends Error {}

const field = /^[0-9a-z*/,-]+$/i

/** Of a workspace: five fields, any day of the month. @throws CronError */
export function parseWeeklySchedule(line: string): CronSchedule {
  const { fields, timeZone } = split(line)
  if (fields.length !== 5) {
    throw new CronError(`needs five fields (minute hour day-of-month month day-of-week), and has ${fields.length}.`)
  }
  const [, , day, month] = fields
  if (day !== '*' || month !== '*') throw new CronError('repeats weekly: day-of-month and month must both be *.')
  return compile(fields, timeZone)
}

/** Of a script: five fields, or six with the seconds first. @throws CronError */
export function parseScriptSchedule(line: string): CronSchedule {
  const { fields, timeZone } = split(line)
  if (fields.length !== 5 && fields.length !== 6) {
    throw new CronError(`needs five fields, or six with the seconds first, and has ${fields.length}.`)
  }
  return compile(fields, timeZone)
}

function split(line: string): { fields: string[]; timeZone: string } {
  const [first = '', ...rest] = line.trim().split(/\s+/)
  const zone = /^(?:CRON_TZ|TZ)=(.*)$/.exec(first)?.[1]
  if (zone === undefined) return { fields: first === '' ? [] : [first, ...rest], timeZone: 'UTC' }
  if (!isTimeZone(zone)) throw new CronError(`"${zone}" is not a time zone. Name one such as Europe/Berlin.`)
  return { fields: rest, timeZone: zone }
}

function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

function compile(fields: readonly string[], timeZone: string): CronSchedule {
  // The parser knows more than cron does (`L`, `#`, `?`, years); other clients would not.
  const strange = fields.find((text) => !field.test(text))
  if (strange !== undefined) throw new CronError(`"${strange}" is not a cron field.`)
  let cron: Cron
  try {
    cron = new Cron(fields.join(' '), { timezone: timeZone, paused: true })
  } catch (error) {
    throw new CronError(`${(error as Error).message.replace(/^CronPattern: /, '')}.`)
  }
  return { timeZone, next: (after) => cron.nextRun(after) }
}
