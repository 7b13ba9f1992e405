import { expect, test } from 'vitest'
import { readGoSwitches } from './go-flags.ts'
import { buildProgram } from './program.ts'

const read = (...words: string[]) => readGoSwitches(buildProgram(), words)

test('a switch may be written as Go programs write it, a flag with a value stays', () => {
  expect(read('stop', 'otter', '--yes=true')).toEqual(['stop', 'otter', '--yes'])
  expect(read('start', 'otter', '--yes=false', '--no-wait=true')).toEqual(['start', 'otter', '--no-wait'])
  expect(read('stop', 'otter', '--yes=1', '--verbose=f')).toEqual(['stop', 'otter', '--yes'])
  expect(read('templates', 'push', '--activate=false')).toEqual(['templates', 'push', '--activate=false'])
  expect(read('exp', 'rpty', 'otter', '--', 'npm', '--yes=true')).toEqual([
    'exp',
    'rpty',
    'otter',
    '--',
    'npm',
    '--yes=true',
  ])
})
