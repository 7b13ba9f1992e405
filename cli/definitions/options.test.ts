import { Command } from 'commander'
import { expect, test } from 'vitest'
import { listOption, parseBoolean, repeatableOption, splitAtCommas } from './options.ts'

test.each([
  ['size=3', ['size=3']],
  ['size=3,region=us', ['size=3', 'region=us']],
  ['"list=[1,2]",size=3', ['list=[1,2]', 'size=3']],
  ['"say=""hi"", he said"', ['say="hi", he said']],
  ['list=["a","b"]', ['list=["a","b"]']],
])('%s is split into %j', (text, values) => {
  expect(splitAtCommas(text)).toEqual(values)
})

const read = (...words: string[]) =>
  new Command()
    .addOption(repeatableOption('--parameter <name=value>', 'a value'))
    .addOption(listOption('-c, --column <names>', 'columns', ['name', 'last built']).default(['name']))
    .parse(words, { from: 'user' })
    .opts()

test('values of repeated flags accumulate and replace the default', () => {
  expect(read()).toEqual({ column: ['name'] })
  expect(read('--parameter', 'a=1', '--parameter', 'b=2,c=3', '-c', 'Last Built', '-c', 'name,last_built')).toEqual({
    parameter: ['a=1', 'b=2', 'c=3'],
    column: ['last built', 'name', 'last built'],
  })
})

test("booleans have Go's notation", () => {
  expect(['1', 't', 'TRUE', '0', 'f', 'False'].map(parseBoolean)).toEqual([true, true, true, false, false, false])
  expect(() => parseBoolean('yes')).toThrow('The value must be true or false.')
})
