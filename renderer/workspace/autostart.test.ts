import { describe, expect, test } from 'vitest'
import { formatAutostart, parseAutostart } from './autostart.ts'

describe('an autostart schedule', () => {
  test('is a time on days of the week in a time zone', () => {
    expect(parseAutostart('CRON_TZ=Europe/Berlin 5 9 * * 1-5')).toEqual({
      zone: 'Europe/Berlin',
      time: '09:05',
      days: [1, 2, 3, 4, 5],
    })
    expect(parseAutostart('30 18 * * *')).toMatchObject({ zone: 'UTC', time: '18:30', days: [0, 1, 2, 3, 4, 5, 6] })
    expect(parseAutostart('CRON_TZ=UTC 0 7 * * MON,7')).toMatchObject({ days: [0, 1] })
  })

  test('keeps its meaning when it is written', () => {
    for (const schedule of ['CRON_TZ=UTC 0 7 * * *', 'CRON_TZ=Asia/Kathmandu 45 23 * * 0,3,6'])
      expect(formatAutostart(parseAutostart(schedule) ?? { zone: '', time: '', days: [] })).toBe(schedule)
  })

  test('with anything else is not a simple one', () => {
    for (const schedule of ['', '*/5 * * * *', '0 9 1 * *', '0 25 * * *', '0 9 * * 5-1', '0 9 * * x'])
      expect(parseAutostart(schedule)).toBeUndefined()
  })
})
