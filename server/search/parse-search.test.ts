import { expect, test } from 'vitest'
import { joinLists, parseSearch } from './parse-search.ts'

test('a search is split into keys, bare words and quoted values, in lower case', () => {
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

test('malformed terms are reported', () => {
  expect(parseSearch('a:b:c owner: :me').problems).toHaveLength(3)
  expect(parseSearch('').terms).toEqual([])
})

test('a repeated key is an error unless it may have several values', () => {
  expect(parseSearch('name:a name:b').problems).toMatchObject([{ field: 'name' }])
  const lists = new Set(['status'])
  const { terms, problems } = parseSearch('status:active x status:dormant', lists)
  expect(problems).toEqual([])
  expect(joinLists(terms, lists)).toEqual([
    { key: '', value: 'x' },
    { key: 'status', value: 'active,dormant' },
  ])
})
