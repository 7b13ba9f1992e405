import { expect, test } from 'vitest'
import { compileGlob } from './glob.ts'

function matches(pattern: string, path: string): boolean {
  const glob = compileGlob(pattern)
  if (typeof glob === 'string') throw new Error(glob)
  return glob.test(path, () => undefined)
}

test.each([
  ['*.txt', ['a.txt', '.txt'], ['a/b.txt', 'a.txt.bak']],
  ['**/*.md', ['a.md', 'a/b/c.md'], ['a/b.txt']],
  ['a/**', ['a/b', 'a/b/c'], ['b/a']],
  ['{a,b{c,d}}.tf', ['a.tf', 'bd.tf'], ['b.tf', 'c.tf']],
  ['x|y', ['x|y'], ['x', 'y']],
  ['[a-c]?', ['a1', 'cé'], ['d1', 'a/']],
  ['[!a]', ['b', '^'], ['a', '/']],
  ['a[+-9]b', ['a+b', 'a.b', 'a0b'], ['a/b', 'a:b']],
  ['[/]', [], ['/', 'a']],
  ['[]^-]', [']', '^', '-'], ['a']],
  ['\\*(1)', ['*(1)'], ['x1']],
])('the glob %s', (pattern, matching, others) => {
  expect(matching.filter((path) => !matches(pattern, path))).toEqual([])
  expect(others.filter((path) => matches(pattern, path))).toEqual([])
})

test.each(['[', '[a', '{a', '[b-a]'])('the glob %s is invalid', (pattern) => {
  expect(compileGlob(pattern)).toBeTypeOf('string')
})

test('a glob with many stars takes linear time', () => {
  expect(matches(`${'*a'.repeat(30)}b`, 'a'.repeat(250))).toBe(false)
})
