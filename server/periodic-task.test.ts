import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openOutageLog } from './database/outage-log.ts'
import { type PeriodicTask, runRound, startPeriodicTask } from './periodic-task.ts'
import { fakeClock } from './testing/fake-clock.ts'
import { type JobFixture, openJobFixture } from './testing/job-fixture.ts'

let scene: JobFixture
beforeAll(async () => {
  scene = await openJobFixture()
})
afterAll(() => scene.close())

const lines: unknown[][] = []
const note = (...line: unknown[]) => lines.push(line)
const outages = openOutageLog({ warn: note, error: note })
beforeEach(() => lines.splice(0))

test('work is done at once and again when its time has passed, also after a round that failed', async () => {
  const clock = fakeClock('2026-03-01T10:00:00Z')
  const rounds: { at: Date; end: (error?: Error) => void }[] = []
  let begun = Promise.withResolvers<void>()
  const work: PeriodicTask = {
    name: 'test',
    lock: 1,
    everyMs: 60_000,
    run: (at) =>
      new Promise((resolve, reject) => {
        rounds.push({ at, end: (error) => (error ? reject(error) : resolve()) })
        begun.resolve()
        begun = Promise.withResolvers()
      }),
  }
  const told = Object.assign(clock, {
    after: ((after) => (ms: number, call: () => void) => {
      const forget = after(ms, call)
      waited.resolve()
      return forget
    })(clock.after),
  })
  let waited = Promise.withResolvers<void>()
  const first = begun.promise
  const running = startPeriodicTask({ db: scene.db, clock: told, outages, metrics: null }, work)
  await first
  rounds[0]?.end(new Error('it failed'))
  await waited.promise
  expect(lines).toEqual([[{ err: new Error('it failed'), task: 'test' }, expect.any(String)]])
  waited = Promise.withResolvers()
  const second = begun.promise
  clock.advance(60_000)
  await second
  rounds[1]?.end()
  await waited.promise
  await running.close()
  clock.advance(120_000)
  expect(rounds.map(({ at }) => at.toISOString())).toEqual(['2026-03-01T10:00:00.000Z', '2026-03-01T10:01:00.000Z'])
})

test('of two coderds one does it', async () => {
  const clock = fakeClock('2026-03-01T10:00:00Z')
  const context = { db: scene.db, clock, outages, metrics: null }
  const inside = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const busy = runRound(context, {
    name: 'test',
    lock: 2,
    everyMs: 1,
    run: () => {
      inside.resolve()
      return leave.promise
    },
  })
  await inside.promise
  const other = { name: 'test', lock: 2, everyMs: 1, run: () => Promise.reject(new Error('it must not run')) }
  expect(await runRound(context, other)).toBe(false)
  leave.resolve()
  expect(await busy).toBe(true)
})
