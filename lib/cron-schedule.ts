// Cron schedules: `CRON_TZ=Europe/Berlin 30 9 * * 1-5`. Workspace schedules have five fields and repeat weekly; script
// schedules may start with a sixth field for seconds, or be a descriptor such as `@hourly`. A time skipped by daylight saving runs right after the gap; a
// repeated time runs once. Accepts the syntax of Coder's programs, which parse the same text, except for obvious
// mistakes: an empty list, and a star with an end.

import { Cron } from 'croner'

export interface CronSchedule {
  readonly timeZone: string
  /** The first time after a date; null when there is none. */
  next(after: Date): Date | null
}

/** Message describing an invalid schedule. */
export class CronError extends Error {}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  /** Names of the numbers from `min` on. */
  readonly names?: readonly string[]
}

const fieldsOfScript: readonly Field[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

/** Parses a workspace schedule: five fields, any day of the month. @throws CronError */
export function parseWeeklySchedule(line: string): CronSchedule {
  // Only the agent's parser accepts the short name.
  const { fields, timeZone } = split(line, /^CRON_TZ=([^ ]*)/)
  if (fields.length !== 5) {
    throw new CronError(`needs five fields (minute hour day-of-month month day-of-week), and has ${fields.length}.`)
  }
  const [, , day, month] = fields
  if (day !== '*' || month !== '*') throw new CronError('repeats weekly: day-of-month and month must both be *.')
  return compile(fields, timeZone)
}

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Parses a script schedule: five fields, six starting with seconds, `@hourly` and the like, or `@every 1h30m`.
 *  @throws CronError */
export function parseScriptSchedule(line: string): CronSchedule {
  const { fields, timeZone } = split(line, /^(?:CRON_TZ|TZ)=([^ ]*)/)
  const [descriptor = ''] = fields
  if (descriptor === '@every') return { timeZone, next: repeatEvery(fields.slice(1).join(' ')) }
  if (descriptor.startsWith('@')) {
    const expanded = fields.length === 1 && Object.hasOwn(descriptors, descriptor) ? descriptors[descriptor] : undefined
    if (expanded) return compile(expanded.split(' '), timeZone)
    const names = Object.keys(descriptors).join(', ')
    throw new CronError(`is "${fields.join(' ')}", which is not one of ${names} and @every with a duration.`)
  }
  if (fields.length !== 5 && fields.length !== 6) {
    throw new CronError(`needs five fields, or six with the seconds first, and has ${fields.length}.`)
  }
  return compile(fields, timeZone)
}

const secondsOf: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }

/** A duration such as `1h30m`, of at least a second. */
function repeatEvery(duration: string): CronSchedule['next'] {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)([hms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration)
    throw new CronError(`has "${duration}" after @every, which is not a duration such as 1h30m.`)
  const total = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (secondsOf[unit] ?? 0), 0)
  const seconds = Math.max(1, Math.floor(total))
  return (after) => new Date((Math.floor(after.getTime() / 1000) + seconds) * 1000)
}

function split(line: string, prefix: RegExp): { fields: string[]; timeZone: string } {
  const text = line.trim()
  const [written = '', zone] = prefix.exec(text) ?? []
  if (zone !== undefined && !isTimeZone(zone)) {
    throw new CronError(`"${zone}" is not a time zone. Name one such as Europe/Berlin.`)
  }
  return { fields: text.slice(written.length).split(/\s+/).filter(Boolean), timeZone: zone ?? 'UTC' }
}

// Abbreviations known to this runtime only are rejected.
const abbreviations =
  /^(?:ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/

/** Exact names of the time zone database; the runtime also accepts other cases and offsets. */
function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name) || abbreviations.test(name)) return false
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
  } catch {
    return false
  }
}

function compile(texts: readonly string[], timeZone: string): CronSchedule {
  const fields = fieldsOfScript.slice(-texts.length)
  const pattern = fields.map((field, index) => expand(texts[index] ?? '', field)).join(' ')
  const cron = new Cron(pattern, { timezone: timeZone, paused: true })
  return { timeZone, next: (after) => cron.nextRun(after) }
}

/** Expands a field to numbers; a star stays a star, because it changes how days of month and week combine. */
function expand(text: string, field: Field): string {
  const entries = text.split(',').filter((entry) => entry !== '')
  if (entries.length === 0) throw new CronError(`has no ${field.name}.`)
  const numbers = new Set<number>()
  for (const entry of entries) {
    const { start, end, step, isStar } = readEntry(entry, field)
    if (isStar) return '*'
    for (let value = start; value <= end; value += step) numbers.add(value)
  }
  return [...numbers].join(',')
}

/** `*`, `?`, `5`, `1-5`, each with `/2`; `5/2` goes from 5 to the end. */
function readEntry(entry: string, field: Field) {
  const [range = '', stepText, ...more] = entry.split('/')
  const [first = '', last, ...others] = range.split('-')
  if (more.length > 0 || others.length > 0)
    throw new CronError(`has "${entry}" as ${field.name}, which is not a range.`)
  const step = stepText === undefined ? 1 : readNumber(stepText, entry, { ...field, min: 1, max: Number.MAX_VALUE })
  const { min, max } = field
  if (last === undefined && (first === '*' || first === '?')) {
    return { start: min, end: max, step, isStar: step === 1 }
  }
  const start = readNumber(first, entry, field)
  const end = last === undefined ? (stepText === undefined ? start : max) : readNumber(last, entry, field)
  if (start > end) throw new CronError(`has "${entry}" as ${field.name}, whose end is before its start.`)
  return { start, end, step, isStar: false }
}

function readNumber(text: string, entry: string, { name, min, max, names = [] }: Field): number {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return min + named
  if (!/^\+?\d+$/.test(text)) throw new CronError(`has "${entry}" as ${name}, which is not a number.`)
  const value = Number(text)
  if (value < min) throw new CronError(`has "${entry}" as ${name}, whose minimum is ${min}.`)
  if (value > max) throw new CronError(`has "${entry}" as ${name}, whose maximum is ${max}.`)
  return value
}
