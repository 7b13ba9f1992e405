import { expect, test } from 'vitest'
import { nameFromFolder, nameProblem, proposeName } from './names.ts'

const none = new Set<string>()

test('a folder names its workspace in the letters a name may have', () => {
  expect(nameFromFolder('/home/dev/My Shop', none)).toBe('my-shop')
  expect(nameFromFolder('C:\\Users\\dev\\Größe_2/', none)).toBe('gro-e-2')
  expect(nameFromFolder('/srv/résumé.app', none)).toBe('resume-app')
})

test('a folder whose name is taken, or has no usable letter, still gets a valid free name', () => {
  expect(nameFromFolder('/a/shop', new Set(['shop', 'shop-2']))).toBe('shop-3')
  expect(nameProblem(nameFromFolder('/a/日本語', none), none)).toBeUndefined()
  expect(nameProblem(nameFromFolder('/', none), none)).toBeUndefined()
  expect(nameProblem(nameFromFolder(`/a/${'long-'.repeat(20)}`, none), none)).toBeUndefined()
})

test('every proposed name is valid and not taken', () => {
  const taken = new Set<string>()
  for (let count = 0; count < 200; count++) {
    const name = proposeName(taken, () => 0.5)
    expect(nameProblem(name, taken)).toBeUndefined()
    taken.add(name)
  }
})

test('what is wrong with a name is said', () => {
  expect(nameProblem('', none)).toMatch(/needs a name/)
  expect(nameProblem('two  words', none)).toMatch(/hyphens/)
  expect(nameProblem('a--b', none)).toMatch(/hyphens/)
  expect(nameProblem('create', none)).toMatch(/form/)
  expect(nameProblem('Shop', new Set(['shop']))).toMatch(/have a workspace/)
  expect(nameProblem('a'.repeat(33), none)).toMatch(/32/)
})
