import { expect, test } from 'vitest'
import { createUnits } from './units.ts'

const neverAborted = () => new AbortController().signal

test('a unit starts when all its direct and indirect dependencies have completed', async () => {
  const units = createUnits()
  const notices: string[] = []
  units.want('build', ['clone'])
  units.want('serve', ['build', 'database'])
  const serving = units.start('serve', neverAborted(), ({ dependencies }) =>
    notices.push(dependencies.map(({ depends_on, current_status }) => `${depends_on}: ${current_status}`).join()),
  )
  const building = units.start('build', neverAborted(), () => notices.push('build waits'))
  await units.start('clone', neverAborted(), () => notices.push('clone waits'))
  units.complete('clone')
  await building
  expect(units.state('serve')).toMatchObject({ status: 'pending', is_ready: false })
  units.complete('build')
  await units.start('database', neverAborted(), () => notices.push('database waits'))
  units.complete('database')
  await serving
  expect(units.state('serve')).toMatchObject({ status: 'started', is_ready: true })
  expect(notices).toEqual(['build: pending,database: not registered', 'build waits'])
})

test('dependency cycles are rejected and change nothing', () => {
  const units = createUnits()
  units.want('b', ['a'])
  units.want('c', ['b'])
  expect(() => units.want('a', ['c'])).toThrow('The unit a depends on itself: a → c → b → a.')
  expect(() => units.want('a', ['a'])).toThrow('The unit a depends on itself: a → a.')
  expect(() => units.want('d', ['x', 'd'])).toThrow('depends on itself')
  for (const unit of ['a', 'd']) expect(units.state(unit)).toMatchObject({ status: 'not registered', dependencies: [] })
})

test('only known units complete, a started unit cannot start again, and an aborted start stops waiting', async () => {
  const units = createUnits()
  expect(() => units.complete('ghost')).toThrow('The unit ghost does not exist')
  await units.start('a', neverAborted(), () => undefined)
  await expect(units.start('a', neverAborted(), () => undefined)).rejects.toThrow('has already started')
  units.complete('a')
  expect(() => units.complete('a')).toThrow('has already completed')
  // A scheduled script runs again.
  await units.start('a', neverAborted(), () => undefined)

  const aborted = new AbortController()
  units.want('b', ['never'])
  const waiting = units.start('b', aborted.signal, () => aborted.abort())
  await waiting
  expect(units.state('b').status).toBe('pending')
})
