import { expect, test } from 'vitest'
import { createUnits } from './units.ts'

const patience = () => new AbortController().signal

test('a unit starts when everything it depends on has completed, however far away', async () => {
  const units = createUnits()
  const told: string[] = []
  units.want('build', ['clone'])
  units.want('serve', ['build', 'database'])
  const serving = units.start('serve', patience(), ({ dependencies }) =>
    told.push(dependencies.map(({ depends_on, current_status }) => `${depends_on}: ${current_status}`).join()),
  )
  const building = units.start('build', patience(), () => told.push('build waits'))
  await units.start('clone', patience(), () => told.push('clone waits'))
  units.complete('clone')
  await building
  expect(units.state('serve')).toMatchObject({ status: 'pending', is_ready: false })
  units.complete('build')
  await units.start('database', patience(), () => told.push('database waits'))
  units.complete('database')
  await serving
  expect(units.state('serve')).toMatchObject({ status: 'started', is_ready: true })
  expect(told).toEqual(['build: pending,database: not registered', 'build waits'])
})

test('nobody waits for themselves, and a refused wish changes nothing', () => {
  const units = createUnits()
  units.want('b', ['a'])
  units.want('c', ['b'])
  expect(() => units.want('a', ['c'])).toThrow('The unit a depends on itself: a → c → b → a.')
  expect(() => units.want('a', ['a'])).toThrow('The unit a depends on itself: a → a.')
  expect(() => units.want('d', ['x', 'd'])).toThrow('depends on itself')
  for (const unit of ['a', 'd']) expect(units.state(unit)).toMatchObject({ status: 'not registered', dependencies: [] })
})

test('a unit is told of before it completes, starts once at a time, and whoever hangs up waits no longer', async () => {
  const units = createUnits()
  expect(() => units.complete('ghost')).toThrow('The unit ghost does not exist')
  await units.start('a', patience(), () => undefined)
  await expect(units.start('a', patience(), () => undefined)).rejects.toThrow('has already started')
  units.complete('a')
  expect(() => units.complete('a')).toThrow('has already completed')
  // A script that runs by the clock runs again.
  await units.start('a', patience(), () => undefined)

  const gone = new AbortController()
  units.want('b', ['never'])
  const waiting = units.start('b', gone.signal, () => gone.abort())
  await waiting
  expect(units.state('b').status).toBe('pending')
})
