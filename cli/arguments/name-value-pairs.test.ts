import { expect, test } from 'vitest'
import { parsePairs } from './name-value-pairs.ts'

test('the value of a pair may hold an equals sign', () => {
  expect(parsePairs(['query=a=b', 'empty='], '--parameter')).toEqual([
    { name: 'query', value: 'a=b' },
    { name: 'empty', value: '' },
  ])
  expect(() => parsePairs(['nothing'], '--parameter')).toThrow('--parameter "nothing" is not of the form name=value.')
})
