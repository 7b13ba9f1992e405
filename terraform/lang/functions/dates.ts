// Functions on RFC 3339 timestamps. They preserve the UTC offset of the input.

import { numberType, stringType } from '../../values/type.ts'
import { int, string, unknown, type Value } from '../../values/value.ts'
import { type Failure, type FunctionTable, fail, parameter } from '../function.ts'
import { textOf } from './arguments.ts'

interface Moment {
  /** Nanoseconds since the Unix epoch, to represent durations exactly. */
  readonly nanoseconds: bigint
  readonly offsetMinutes: number
}

const nanosecondsPerMs = 1_000_000n
const timePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

function parseTime(text: string): Moment | undefined {
  const parts = timePattern.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [fraction = '', sign, offsetHours = '0', offsetRest = '0'] = parts.slice(7)
  if (hour > 23 || minute > 59 || second > 59 || Number(offsetHours) > 23 || Number(offsetRest) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(hour, minute, second)
  const offset = Number(offsetHours) * 60 + Number(offsetRest)
  const offsetMinutes = sign === '-' ? -offset : offset
  const ms = BigInt(date.getTime() - offsetMinutes * 60_000)
  return { nanoseconds: ms * nanosecondsPerMs + BigInt(fraction.slice(0, 9).padEnd(9, '0')), offsetMinutes }
}

/** The local time at the offset, represented as UTC. */
function wallClock({ nanoseconds, offsetMinutes }: Moment): Date {
  const ms = nanoseconds / nanosecondsPerMs - (nanoseconds % nanosecondsPerMs < 0n ? 1n : 0n)
  return new Date(Number(ms) + offsetMinutes * 60_000)
}

const twoDigits = (value: number) => String(value).padStart(2, '0')
const fourDigits = (value: number) => String(value).padStart(4, '0')

function offsetText({ offsetMinutes }: Moment, separator: string): string {
  const magnitude = Math.abs(offsetMinutes)
  return `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(magnitude / 60))}${separator}${twoDigits(magnitude % 60)}`
}

const writeTime = (moment: Moment): string => {
  const clock = wallClock(moment)
  const zone = moment.offsetMinutes === 0 ? 'Z' : offsetText(moment, ':')
  return `${fourDigits(clock.getUTCFullYear())}${clock.toISOString().slice(-20, -5)}${zone}`
}

const months = 'January February March April May June July August September October November December'.split(' ')
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const halfDayHour = (clock: Date) => clock.getUTCHours() % 12 || 12

const formatVerbs: Readonly<Record<string, (clock: Date, moment: Moment) => string>> = {
  YYYY: (clock) => fourDigits(clock.getUTCFullYear()),
  YY: (clock) => twoDigits(clock.getUTCFullYear() % 100),
  MMMM: (clock) => months[clock.getUTCMonth()] as string,
  MMM: (clock) => (months[clock.getUTCMonth()] as string).slice(0, 3),
  MM: (clock) => twoDigits(clock.getUTCMonth() + 1),
  M: (clock) => String(clock.getUTCMonth() + 1),
  DD: (clock) => twoDigits(clock.getUTCDate()),
  D: (clock) => String(clock.getUTCDate()),
  EEEE: (clock) => weekdays[clock.getUTCDay()] as string,
  EEE: (clock) => (weekdays[clock.getUTCDay()] as string).slice(0, 3),
  hh: (clock) => twoDigits(clock.getUTCHours()),
  h: (clock) => String(clock.getUTCHours()),
  HH: (clock) => twoDigits(halfDayHour(clock)),
  H: (clock) => String(halfDayHour(clock)),
  AA: (clock) => (clock.getUTCHours() < 12 ? 'AM' : 'PM'),
  aa: (clock) => (clock.getUTCHours() < 12 ? 'am' : 'pm'),
  mm: (clock) => twoDigits(clock.getUTCMinutes()),
  m: (clock) => String(clock.getUTCMinutes()),
  ss: (clock) => twoDigits(clock.getUTCSeconds()),
  s: (clock) => String(clock.getUTCSeconds()),
  ZZZZZ: (_, moment) => offsetText(moment, ':'),
  ZZZZ: (_, moment) => offsetText(moment, ''),
  ZZZ: (_, moment) => (moment.offsetMinutes === 0 ? 'UTC' : offsetText(moment, '')),
  Z: (_, moment) => (moment.offsetMinutes === 0 ? 'Z' : offsetText(moment, ':')),
}

function formatDate(pattern: string, text: string): Value | Failure {
  const moment = parseTime(text)
  if (!moment) return invalidTime(text, 1)
  const clock = wallClock(moment)
  let result = ''
  for (const [piece] of pattern.matchAll(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (piece.startsWith("'")) {
      if (piece.length < 2 || !piece.endsWith("'")) return fail("a quoted text in the format lacks its closing '.", 0)
      result += piece.slice(1, -1).replaceAll("''", "'")
    } else if (/^[A-Za-z]/.test(piece)) {
      const verb = Object.hasOwn(formatVerbs, piece) ? formatVerbs[piece] : undefined
      if (!verb) return fail(`"${piece}" is not a date format verb. Enclose literal text in single quotes.`, 0)
      result += verb(clock, moment)
    } else result += piece
  }
  return string(result)
}

const invalidTime = (text: string, argument?: number): Failure =>
  fail(`${JSON.stringify(text)} is not an RFC 3339 time such as "2006-01-02T15:04:05Z".`, argument)

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Parses `1h30m` or `-1.5s` to nanoseconds. */
function parseDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0n
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const size = unitNanoseconds[unit] ?? 0n
    total += BigInt(whole || 0) * size + (BigInt(fraction || 0) * size) / 10n ** BigInt(fraction.length)
  }
  return sign === '-' ? -total : total
}

function addTime(text: string, duration: string): Value | Failure {
  const moment = parseTime(text)
  if (!moment) return invalidTime(text)
  const added = parseDuration(duration)
  if (added === undefined) return fail(`${JSON.stringify(duration)} is not a duration such as "1h30m".`)
  return string(writeTime({ ...moment, nanoseconds: moment.nanoseconds + added }))
}

function compareTimes(a: string, b: string): Value | Failure {
  const [first, second] = [parseTime(a), parseTime(b)]
  if (!first) return invalidTime(a, 0)
  if (!second) return invalidTime(b, 1)
  return int(first.nanoseconds < second.nanoseconds ? -1 : first.nanoseconds > second.nanoseconds ? 1 : 0)
}

const writeNow = (now: Date) => writeTime({ nanoseconds: BigInt(now.getTime()) * nanosecondsPerMs, offsetMinutes: 0 })

export const dateFunctions: FunctionTable = {
  formatdate: {
    parameters: [parameter('format', stringType), parameter('time', stringType)],
    returns: stringType,
    call: ([pattern, time]) => formatDate(textOf(pattern), textOf(time)),
  },
  plantimestamp: {
    isUncacheable: true,
    parameters: [],
    returns: stringType,
    call: (_, { planTime }) => (planTime ? string(writeNow(planTime)) : unknown(stringType)),
  },
  timeadd: {
    mayReturnNull: true,
    parameters: [parameter('timestamp', stringType), parameter('duration', stringType)],
    returns: stringType,
    call: ([time, duration]) => addTime(textOf(time), textOf(duration)),
  },
  timecmp: {
    parameters: [parameter('timestamp_a', stringType), parameter('timestamp_b', stringType)],
    returns: numberType,
    call: ([a, b]) => compareTimes(textOf(a), textOf(b)),
  },
  timestamp: {
    isUncacheable: true,
    parameters: [],
    returns: stringType,
    call: (_, { isPlanning }) => (isPlanning ? unknown(stringType) : string(writeNow(new Date()))),
  },
}
