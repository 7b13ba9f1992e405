import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openOutageLog } from './database/outage-log.ts'
import { type PeriodicTask, runOnce, startPeriodicTask } from './periodic-task.ts'
import { fakeClock } from './testing/fake-clock.ts'
import { type JobFixture, openJobFixture } from './testing/job-fixture.ts'

let fixture: JobFixture
beforeAll(async () => {
  fixture = await openJobFixture()
})
afterAll(() => fixture.close())

const lines: unknown[][] = []
const note = (...line: unknown[]) => lines.push(line)
const outages = openOutageLog({ warn: note, error: note })
beforeEach(() => lines.splice(0))

test('a task runs immediately and after each interval, also after a failed run', async () => {
  const clock = fakeClock('2026-03-01T10:00:00Z')
  const runs: { at: Date; end: (error?: Error) => void }[] = []
  let started = Promise.withResolvers<void>()
  const work: PeriodicTask = {
    name: 'test',
    lock: 1,
    intervalMs: 60_000,
    run: (at) =>
      new Promise((resolve, reject) => {
        runs.push({ at, end: (error) => (error ? reject(error) : resolve()) })
        started.resolve()
        started = Promise.withResolvers()
      }),
  }
  const observedClock = Object.assign(clock, {
    after: ((after) => (ms: number, call: () => void) => {
      const cancel = after(ms, call)
      scheduled.resolve()
      return cancel
    })(clock.after),
  })
  let scheduled = Promise.withResolvers<void>()
  const first = started.promise
  const running = startPeriodicTask({ db: fixture.db, clock: observedClock, outages, metrics: null }, work)
  await first
  runs[0]?.end(new Error('it failed'))
  await scheduled.promise
  expect(lines).toEqual([[{ err: new Error('it failed'), task: 'test' }, expect.any(String)]])
  scheduled = Promise.withResolvers()
  const second = started.promise
  clock.advance(60_000)
  await second
  runs[1]?.end()
  await scheduled.promise
  await running.close()
  clock.advance(120_000)
  expect(runs.map(({ at }) => at.toISOString())).toEqual(['2026-03-01T10:00:00.000Z', '2026-03-01T10:01:00.000Z'])
})

test('one of two coderds runs a task', async () => {
  const clock = fakeClock('2026-03-01T10:00:00Z')
  const context = { db: fixture.db, clock, outages, metrics: null }
  const inside = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const busy = runOnce(context, {
    name: 'test',
    lock: 2,
    intervalMs: 1,
    run: () => {
      inside.resolve()
      return leave.promise
    },
  })
  await inside.promise
  const other = { name: 'test', lock: 2, intervalMs: 1, run: () => Promise.reject(new Error('it must not run')) }
  expect(await runOnce(context, other)).toBe(false)
  leave.resolve()
  expect(await busy).toBe(true)
})
