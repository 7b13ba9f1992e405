import { expect, test } from 'vitest'
import { parsePairs } from './name-value-pairs.ts'

test('a value may contain an equals sign', () => {
  expect(parsePairs(['query=a=b', 'empty='], '--parameter')).toEqual([
    { name: 'query', value: 'a=b' },
    { name: 'empty', value: '' },
  ])
  expect(() => parsePairs(['nothing'], '--parameter')).toThrow(
    '--parameter "nothing" does not have the form name=value.',
  )
})
