import { expect, test } from 'vitest'
import { formatAutostart, parseAutostart } from './autostart-schedule.ts'

test.each([
  [['9:30AM', 'Mon-Fri', 'Europe/Dublin'], 'CRON_TZ=Europe/Dublin 30 9 * * Mon-Fri', '9:30AM Mon-Fri (Europe/Dublin)'],
  [['12am', '1,3,5', 'UTC'], 'CRON_TZ=UTC 0 0 * * 1,3,5', '12:00AM Mon,Wed,Fri (UTC)'],
  [['23:05', '*', 'UTC'], 'CRON_TZ=UTC 5 23 * * *', '11:05PM daily (UTC)'],
])('%j is stored as %s and displayed as %s', (words, schedule, displayed) => {
  expect(parseAutostart(words)).toBe(schedule)
  expect(formatAutostart(schedule)).toBe(displayed)
})

test('the time zone defaults to that of this computer', () => {
  expect(parseAutostart(['9:30AM', 'Mon-Fri'])).toMatch(/^CRON_TZ=\S+ 30 9 \* \* Mon-Fri$/)
})

test.each([[['25:00']], [['13pm']], [['9']], [['9:30', 'Mon to Fri']], [['9:30', '*', 'UTC', 'more']]])(
  '%j is rejected',
  (words) => {
    expect(() => parseAutostart(words)).toThrow('is not a schedule')
  },
)
