import { Command } from 'commander'
import { expect, test } from 'vitest'
import { listOption, parseBoolean, repeatableOption, splitAtCommas } from './options.ts'

test.each([
  ['size=3', ['size=3']],
  ['size=3,region=us', ['size=3', 'region=us']],
  ['"list=[1,2]",size=3', ['list=[1,2]', 'size=3']],
  ['"say=""hi"", he said"', ['say="hi", he said']],
  ['list=["a","b"]', ['list=["a","b"]']],
])('%s is %j', (text, values) => {
  expect(splitAtCommas(text)).toEqual(values)
})

const read = (...words: string[]) =>
  new Command()
    .addOption(repeatableOption('--parameter <name=value>', 'a value'))
    .addOption(listOption('-c, --column <names>', 'columns', ['name', 'last built']).default(['name']))
    .parse(words, { from: 'user' })
    .opts()

test('a flag of many values may be repeated, and what is given replaces what is not', () => {
  expect(read()).toEqual({ column: ['name'] })
  expect(read('--parameter', 'a=1', '--parameter', 'b=2,c=3', '-c', 'Last Built', '-c', 'name,last_built')).toEqual({
    parameter: ['a=1', 'b=2', 'c=3'],
    column: ['last built', 'name', 'last built'],
  })
})

test('yes and no are written as Go takes them', () => {
  expect(['1', 't', 'TRUE', '0', 'f', 'False'].map(parseBoolean)).toEqual([true, true, true, false, false, false])
  expect(() => parseBoolean('yes')).toThrow('Write true or false.')
})
