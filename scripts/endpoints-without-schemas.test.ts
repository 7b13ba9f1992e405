import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { removeSchemas } from './endpoints-without-schemas.mjs'

test('schemas become white space; other properties, strings and comments with brackets stay', () => {
  const code = [
    'const list = endpoint({',
    "  method: 'GET',",
    "  summary: 'List {all}, (really).',",
    '  // query: { none',
    '  query: Type.Object({ q: Type.String({ pattern: "^}$" }) }),',
    '  params,',
    "  access: user('read', 'user'),",
    '  responses: { 200: Type.Array(User) },',
    '})',
    'const body = 1',
  ].join('\n')
  const stripped = removeSchemas(code)
  expect(stripped).toHaveLength(code.length)
  expect(stripped.replace(/\s+/g, ' ')).toBe(
    "const list = endpoint({ method: 'GET', summary: 'List {all}, (really).', access: user('read', 'user'), }) const body = 1",
  )
})

test('every file of the contract can be stripped', () => {
  const api = fileURLToPath(new URL('../api/', import.meta.url))
  const files = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file))
  for (const file of files) {
    const code = readFileSync(join(api, file), 'utf8')
    expect(removeSchemas(code).split('\n'), file).toHaveLength(code.split('\n').length)
  }
})
