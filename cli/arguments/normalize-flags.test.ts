import { expect, test } from 'vitest'
import { buildCommandTree } from '../command-tree.ts'
import { normalizeFlags } from './normalize-flags.ts'

const read = (...words: string[]) => normalizeFlags(buildCommandTree(), words)

test('switches with a value are normalized, other flags are not', () => {
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

test('a short flag may have its value after =', () => {
  expect(read('whoami', '-o=json')).toEqual(['whoami', '-o', 'json'])
  expect(read('list', '-a=true')).toEqual(['list', '-a'])
  expect(read('list', '-a=false', '-c=status')).toEqual(['list', '-c', 'status'])
})
