import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { expect, test } from 'vitest'
import { explainUnsupportedRoute, rejectedMethodsAt, restrictions, unsupportedRoutes } from './official-routes.ts'
import { endpoints } from './table.ts'

interface Contract {
  readonly routes: Readonly<Record<string, { readonly query?: readonly string[]; readonly body?: unknown }>>
  readonly types: Readonly<Record<string, { readonly keys?: object }>>
}

const contractFile = new URL('../server/testing/official-contract.json', import.meta.url)
const contract: Contract = JSON.parse(readFileSync(contractFile, 'utf8'))
const official = Object.keys(contract.routes)
/** Replaces parameter names, which may differ. */
const anonymous = (route: string) => route.replace(/\{[^}]*\}|:\w+/g, '{}')
const declared = new Set(endpoints.map(({ method, path }) => anonymous(`${method} ${path}`)))
const rejected = unsupportedRoutes.flatMap(({ routes }) => routes)
const restricted = restrictions.flatMap(({ routes }) => routes)

test('every route of Coder is declared or rejected with a reason', () => {
  const missing = official.filter((route) => !declared.has(anonymous(route)) && !rejected.includes(route))
  expect(missing).toEqual([])
})

test('every rejected route exists in Coder, is listed once, and is not served', () => {
  expect(rejected.filter((route) => !official.includes(route))).toEqual([])
  expect(rejected.filter((route) => declared.has(anonymous(route)))).toEqual([])
  expect(rejected).toEqual([...new Set(rejected)])
})

test('every restricted route is declared', () => {
  expect(restricted.filter((route) => !official.includes(route) || !declared.has(anonymous(route)))).toEqual([])
  expect(restricted).toEqual([...new Set(restricted)])
})

/** Parameters that handlers do not read: streams are not compressed. */
const ignoredParameters = ['no_compression']
const keysOf = (schema: TSchema | undefined) =>
  Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})

test.each(official.filter((route) => declared.has(anonymous(route)) && !restricted.includes(route)))(
  '%s accepts every parameter of Coder',
  (route) => {
    const declarations = endpoints.filter(({ method, path }) => anonymous(`${method} ${path}`) === anonymous(route))
    const { query = [], body } = contract.routes[route] ?? {}
    const queries = declarations.flatMap((declaration) => keysOf(declaration.query))
    expect(query.filter((key) => !queries.includes(key) && !ignoredParameters.includes(key))).toEqual([])
    if (declarations.some(({ bodyTypes }) => bodyTypes)) return
    const keys = Object.keys(contract.types[String(body).slice(1)]?.keys ?? {})
    expect(keys.filter((key) => !declarations.some((declaration) => keysOf(declaration.body).includes(key)))).toEqual(
      [],
    )
  },
)

test('explainUnsupportedRoute returns the reason for a request', () => {
  expect(explainUnsupportedRoute('GET', '/scim/v2/Users/7')).toContain('identity provider')
  expect(explainUnsupportedRoute('GET', '/api/v2/derp-map')).toContain('no relay')
  expect(explainUnsupportedRoute('POST', '/api/v2/derp-map')).toBeNull()
  expect(explainUnsupportedRoute('GET', '/api/v2/nothing')).toBeNull()
  expect(rejectedMethodsAt('/api/v2/derp-map')).toEqual(['GET'])
  expect(rejectedMethodsAt('/scim/v2/Users/7')).toEqual(['GET', 'PUT', 'PATCH'])
  expect(rejectedMethodsAt('/api/v2/nothing')).toEqual([])
})

test('docs/official-routes.md lists every route', async () => {
  const states = [
    ...restrictions.map(({ answer, reason, routes }) => ({
      state: answer === 'empty' ? 'empty' : 'rejected',
      reason,
      routes,
    })),
    ...unsupportedRoutes.map(({ reason, routes }) => ({ state: 'rejected', reason, routes })),
  ]
  const lines = official.toSorted(byPath).map((route) => {
    const { state, reason } = states.find(({ routes }) => routes.includes(route)) ?? {
      state: 'implemented',
      reason: '',
    }
    return `| \`${route}\` | ${state} | ${reason} |`
  })
  const count = (state: string) => lines.filter((line) => line.includes(`| ${state} |`)).length
  const text = [
    "# Coder's API routes",
    '',
    'Generated from `api/table.ts` and `api/official-routes.ts` by their test, which fails if it is out of date. To update it:',
    '`npx vitest run api/official-routes --update`.',
    '',
    `${official.length} routes: ${count('implemented')} implemented, ${count('empty')} with an always empty result, ${count('rejected')} rejected.`,
    '',
    '| route | status | reason |',
    '| --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
  await expect(text).toMatchFileSnapshot('../docs/official-routes.md')
})

function byPath(a: string, b: string): number {
  const [first = '', second = ''] = [a, b].map((route) => route.split(' ').toReversed().join(' '))
  return first < second ? -1 : 1
}
