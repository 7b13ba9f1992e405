import { type TSchema, Type } from 'typebox'
import { expect, test } from 'vitest'
import { fillLists } from './fill-lists.ts'

const Names = Type.Array(Type.String())
const maybeNames = Type.Union([Names, Type.Null()])

test.each<[string, TSchema, unknown, unknown]>([
  ['the response itself', Names, null, []],
  ['a key', Type.Object({ names: Names }), { names: null }, { names: [] }],
  ['a missing key', Type.Object({ names: Names }), {}, { names: [] }],
  ['inside a list', Type.Array(Type.Object({ names: Names })), [{ names: null }], [{ names: [] }]],
])('an absent list becomes an empty list: %s', (_, schema, value, filled) => {
  expect(fillLists(schema, value)).toEqual(filled)
})

test.each<[string, TSchema, unknown]>([
  ['a nullable list', Type.Object({ names: maybeNames }), { names: null }],
  ['an optional key', Type.Object({ names: Type.Optional(Names) }), {}],
  ['a null string', Type.Object({ name: Type.String() }), { name: null }],
  ['an undeclared key', Type.Object({ name: Type.String() }), { name: 'otter', age: null }],
  ['a value of another type', Names, 'none'],
  ['an undeclared list', Type.Object({}), ['otter']],
])('%s is unchanged', (_, schema, value) => {
  expect(fillLists(schema, value)).toEqual(value)
})
