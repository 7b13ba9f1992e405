import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findRefusal, refusals, restrictions } from './official-routes.ts'
import { endpoints } from './table.ts'

const contract = new URL('../server/testing/official-contract.json', import.meta.url)
const official = Object.keys((JSON.parse(readFileSync(contract, 'utf8')) as { routes: object }).routes)
/** Names of parameters are nobody's business. */
const anonymous = (route: string) => route.replace(/\{[^}]*\}|:\w+/g, '{}')
const declared = new Set(endpoints.map(({ method, path }) => anonymous(`${method} ${path}`)))
const refused = refusals.flatMap(({ routes }) => routes)

test('every route of Coder is declared, or refused with a reason', () => {
  const missing = official.filter((route) => !declared.has(anonymous(route)) && !refused.includes(route))
  expect(missing).toEqual([])
})

test('what is refused is a route of Coder, once, and is not served after all', () => {
  expect(refused.filter((route) => !official.includes(route))).toEqual([])
  const forGood = refusals.filter(({ reason }) => reason !== 'This is not built yet.').flatMap(({ routes }) => routes)
  expect(forGood.filter((route) => declared.has(anonymous(route)))).toEqual([])
  expect(refused).toEqual([...new Set(refused)])
})

test('what is answered with nothing, or refused by its endpoint, is declared', () => {
  const restricted = restrictions.flatMap(({ routes }) => routes)
  expect(restricted.filter((route) => !official.includes(route) || !declared.has(anonymous(route)))).toEqual([])
  expect(restricted).toEqual([...new Set(restricted)])
})

test('a refusal is found by the request that it is for', () => {
  expect(findRefusal('GET', '/scim/v2/Users/7')).toContain('identity provider')
  expect(findRefusal('GET', '/api/v2/derp-map')).toContain('no relay')
  expect(findRefusal('POST', '/api/v2/derp-map')).toBeNull()
  expect(findRefusal('GET', '/api/v2/nothing')).toBeNull()
})
