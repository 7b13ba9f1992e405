import { expect, test } from 'vitest'
import { parseQuietHours, toQuietHours } from './quiet-hours.ts'

const next = (schedule: string, now: string) => toQuietHours(schedule, new Date(now)).next

test('the next quiet hours are today if their time has not passed, otherwise tomorrow', () => {
  expect(next('CRON_TZ=UTC 30 2 * * *', '2026-11-24T01:00:00Z')).toBe('2026-11-24T02:30:00.000Z')
  expect(next('CRON_TZ=UTC 30 2 * * *', '2026-11-24T02:30:00Z')).toBe('2026-11-25T02:30:00.000Z')
  expect(next('0 0 * * *', '2026-12-31T12:00:00Z')).toBe('2027-01-01T00:00:00.000Z')
})

test('quiet hours follow the time zone through both changes of daylight saving time', () => {
  const berlin = 'CRON_TZ=Europe/Berlin 0 5 * * *'
  expect(next(berlin, '2026-03-28T12:00:00Z')).toBe('2026-03-29T03:00:00.000Z')
  expect(next(berlin, '2026-10-24T12:00:00Z')).toBe('2026-10-25T04:00:00.000Z')
  expect(next('CRON_TZ=Pacific/Auckland 0 1 * * *', '2026-11-24T11:30:00Z')).toBe('2026-11-24T12:00:00.000Z')
})

test.each(['', '0 0 * * 1', '60 0 * * *', '0 24 * * *', '*/5 * * * *', 'CRON_TZ=Mars/Base 0 0 * * *', '0 0'])(
  'the schedule %j is refused with the field',
  (schedule) => {
    expect(() => parseQuietHours(schedule)).toThrow(
      expect.objectContaining({ status: 400, validations: [expect.objectContaining({ field: 'schedule' })] }),
    )
  },
)

test('the default is midnight UTC', () => {
  const quietHours = toQuietHours('', new Date('2026-11-24T12:00:00Z'))
  expect(quietHours).toEqual({
    raw_schedule: 'CRON_TZ=UTC 0 0 * * *',
    user_set: false,
    user_can_set: true,
    time: '00:00',
    timezone: 'UTC',
    next: '2026-11-25T00:00:00.000Z',
  })
})
