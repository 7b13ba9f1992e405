import { expect, test } from 'vitest'
import { nameFromFolder, suggestName, validateName } from './names.ts'

const none = new Set<string>()

test('the name of a workspace is derived from its folder, in permitted characters', () => {
  expect(nameFromFolder('/home/dev/My Shop', none)).toBe('my-shop')
  expect(nameFromFolder('C:\\Users\\dev\\Größe_2/', none)).toBe('gro-e-2')
  expect(nameFromFolder('/srv/résumé.app', none)).toBe('resume-app')
})

test('a folder whose name is taken or unusable yields a valid, free name', () => {
  expect(nameFromFolder('/a/shop', new Set(['shop', 'shop-2']))).toBe('shop-3')
  expect(validateName(nameFromFolder('/a/日本語', none), none)).toBeUndefined()
  expect(validateName(nameFromFolder('/', none), none)).toBeUndefined()
  expect(validateName(nameFromFolder(`/a/${'long-'.repeat(20)}`, none), none)).toBeUndefined()
})

test('every suggested name is valid and free', () => {
  const taken = new Set<string>()
  for (let count = 0; count < 200; count++) {
    const name = suggestName(taken, () => 0.5)
    expect(validateName(name, taken)).toBeUndefined()
    taken.add(name)
  }
})

test('an invalid name is explained', () => {
  expect(validateName('', none)).toMatch(/Enter a name/)
  expect(validateName('two  words', none)).toMatch(/hyphens/)
  expect(validateName('a--b', none)).toMatch(/hyphens/)
  expect(validateName('create', none)).toMatch(/reserved/)
  expect(validateName('Shop', new Set(['shop']))).toMatch(/already have a workspace/)
  expect(validateName('a'.repeat(33), none)).toMatch(/32/)
})
