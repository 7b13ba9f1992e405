import { describe, expect, test } from 'vitest'
import { CronError, type CronSchedule, parseScriptSchedule, parseWeeklySchedule } from './cron-schedule.ts'

function runs(schedule: CronSchedule, after: string, count: number): (string | undefined)[] {
  let at: Date | null = new Date(after)
  return Array.from({ length: count }, () => {
    at = at && schedule.next(at)
    return at?.toISOString()
  })
}

describe('a workspace schedule', () => {
  test('uses its time zone and keeps the local time across daylight saving changes', () => {
    const berlin = parseWeeklySchedule('CRON_TZ=Europe/Berlin 30 9 * * 1-5')
    expect(berlin.timeZone).toBe('Europe/Berlin')
    expect(runs(berlin, '2026-03-27T12:00:00Z', 2)).toEqual(['2026-03-30T07:30:00.000Z', '2026-03-31T07:30:00.000Z'])
    expect(runs(berlin, '2026-10-23T12:00:00Z', 1)).toEqual(['2026-10-26T08:30:00.000Z'])
  })

  test('runs right after a skipped hour, and once in a repeated hour', () => {
    const night = parseWeeklySchedule('CRON_TZ=America/New_York 30 2 * * *')
    expect(runs(night, '2026-03-07T12:00:00Z', 2)).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z'])
    const twice = parseWeeklySchedule('CRON_TZ=America/New_York 30 1 * * *')
    expect(runs(twice, '2026-10-31T12:00:00Z', 2)).toEqual(['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'])
  })

  test('uses UTC without a time zone', () => {
    expect(runs(parseWeeklySchedule('0 0 * * SUN'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-04T00:00:00.000Z'])
  })

  // Recorded from Coder 2.30 on this Wednesday.
  test.each([
    ['0/20 9 * * 1', '2026-11-30T09:00:00.000Z'],
    ['59/70 9 * * 1', '2026-11-30T09:59:00.000Z'],
    ['+5 9 * * 1', '2026-11-30T09:05:00.000Z'],
    ['0 9 * * 6/1', '2026-11-28T09:00:00.000Z'],
    ['0 9 * * 1/+2', '2026-11-25T09:00:00.000Z'],
    ['0 9 * * 1,', '2026-11-30T09:00:00.000Z'],
    ['0 9 * * ?', '2026-11-25T09:00:00.000Z'],
    ['0 9 * * ?/2', '2026-11-26T09:00:00.000Z'],
    ['0 9 * * */9', '2026-11-29T09:00:00.000Z'],
    ['*/70 9 * * 1', '2026-11-30T09:00:00.000Z'],
    ['0 9 * * mon-FRI/2', '2026-11-25T09:00:00.000Z'],
    ['0 9 * * SUN,6', '2026-11-28T09:00:00.000Z'],
    ['CRON_TZ=UTC  00  09 * * 01', '2026-11-30T09:00:00.000Z'],
    ['CRON_TZ=EST 0 9 * * 1', '2026-11-30T14:00:00.000Z'],
    ['CRON_TZ=PST8PDT 0 9 * * 1', '2026-11-30T17:00:00.000Z'],
    ['CRON_TZ=Etc/GMT+5 0 9 * * 1', '2026-11-30T14:00:00.000Z'],
    ['CRON_TZ=Europe/Kyiv 0 9 * * 1', '2026-11-30T07:00:00.000Z'],
    ['CRON_TZ=Asia/Rangoon 0 9 * * 1', '2026-11-30T02:30:00.000Z'],
    ['CRON_TZ=Pacific/Apia 0 0 * * 6', '2026-11-27T11:00:00.000Z'],
    ['CRON_TZ=Australia/Lord_Howe 15 2 * * 0-6', '2026-11-25T15:15:00.000Z'],
  ])('%j starts at %s', (line, start) => {
    expect(runs(parseWeeklySchedule(line), '2026-11-25T04:33:00Z', 1)).toEqual([start])
  })

  test.each([
    ['', 'needs five fields'],
    ['CRON_TZ=Mars/Phobos 0 9 * * 1', '"Mars/Phobos" is not a time zone'],
    ['CRON_TZ= 0 9 * * 1', '"" is not a time zone'],
    ['0 9 * *', 'has 4'],
    ['0 0 9 * * 1', 'has 6'],
    ['0 9 1 * 1', 'repeats weekly'],
    ['0 9 * 5 1', 'repeats weekly'],
    ['61 9 * * 1', 'minute'],
    ['0 9 * * L', 'L'],
    ['0 9 * * 1#2', '"1#2" as day of the week, which is not a number'],
    ['; drop * * 1', 'which is not a number'],
    // Coder's programs reject these, so they must not be stored.
    ['0 9 * * 7', 'whose maximum is 6'],
    ['0 9 * * Sat-Sun', 'whose end is before its start'],
    ['0 9 * * 0-7', 'whose maximum is 6'],
    ['0 9 * * MONDAY', 'which is not a number'],
    ['*/0 9 * * 1', 'whose minimum is 1'],
    ['1-2-3 9 * * 1', 'which is not a range'],
    ['1/2/3 9 * * 1', 'which is not a range'],
    ['0 9 * * 1-', 'which is not a number'],
    ['0 9 * * ,', 'has no day of the week'],
    ['0 9 * * *-5', 'which is not a number'],
    ['TZ=UTC 0 9 * * 1', 'has 6'],
    ['cron_tz=UTC 0 9 * * 1', 'has 6'],
    ['CRON_TZ=utc 0 9 * * 1', '"utc" is not a time zone'],
    ['CRON_TZ=America/new_york 0 9 * * 1', 'is not a time zone'],
    ['CRON_TZ=+02:00 0 9 * * 1', 'is not a time zone'],
    ['CRON_TZ=PST 0 9 * * 1', 'is not a time zone'],
    ['CRON_TZ=Local 0 9 * * 1', 'is not a time zone'],
    ['CRON_TZ=UTC\t0 9 * * 1', 'is not a time zone'],
  ])('%j is rejected: %s', (line, reason) => {
    expect(() => parseWeeklySchedule(line)).toThrow(reason)
  })
})

test('a script schedule may contain seconds and days of the month', () => {
  expect(runs(parseScriptSchedule('*/20 * * * * *'), '2026-01-01T00:00:05Z', 2)).toEqual([
    '2026-01-01T00:00:20.000Z',
    '2026-01-01T00:00:40.000Z',
  ])
  expect(runs(parseScriptSchedule('0 0 1 * *'), '2026-01-02T00:00:00Z', 1)).toEqual(['2026-02-01T00:00:00.000Z'])
})

test.each([
  ['@hourly', '2026-01-01T01:00:00.000Z'],
  ['@daily', '2026-01-02T00:00:00.000Z'],
  ['@midnight', '2026-01-02T00:00:00.000Z'],
  ['@weekly', '2026-01-04T00:00:00.000Z'],
  ['@monthly', '2026-02-01T00:00:00.000Z'],
  ['@yearly', '2027-01-01T00:00:00.000Z'],
  ['CRON_TZ=Europe/Berlin @annually', '2026-12-31T23:00:00.000Z'],
  ['@every 1h30m', '2026-01-01T02:00:01.000Z'],
  ['@every 90s', '2026-01-01T00:31:31.000Z'],
])('a script schedule may be %s', (line, next) => {
  expect(runs(parseScriptSchedule(line), '2026-01-01T00:30:01Z', 1)).toEqual([next])
})

test.each(['@often', '@hourly 5', '@every', '@every soon', '@every 5', '@every 1h x'])(
  'the script schedule %s is rejected',
  (line) => {
    expect(() => parseScriptSchedule(line)).toThrow(CronError)
  },
)
