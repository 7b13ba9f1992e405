import { expect, test } from 'vitest'
import { parseSearch } from './parse-search.ts'

test('a search is read as keys, bare words and quoted values, in lower case', () => {
  expect(parseSearch('Owner:me "two words" name:"a: b" otter')).toEqual({
    terms: [
      { key: 'owner', value: 'me' },
      { key: '', value: 'two words' },
      { key: 'name', value: 'a: b' },
      { key: '', value: 'otter' },
    ],
    problems: [],
  })
})

test('what cannot be read is told', () => {
  expect(parseSearch('a:b:c owner: :me').problems).toHaveLength(3)
  expect(parseSearch('').terms).toEqual([])
})
