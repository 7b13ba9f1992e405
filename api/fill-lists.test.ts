import { type TSchema, Type } from 'typebox'
import { expect, test } from 'vitest'
import { fillLists } from './fill-lists.ts'

const Names = Type.Array(Type.String())
const maybeNames = Type.Union([Names, Type.Null()])

test.each<[string, TSchema, unknown, unknown]>([
  ['the answer itself', Names, null, []],
  ['a key', Type.Object({ names: Names }), { names: null }, { names: [] }],
  ['a key that is missing', Type.Object({ names: Names }), {}, { names: [] }],
  ['inside a list', Type.Array(Type.Object({ names: Names })), [{ names: null }], [{ names: [] }]],
])('a list of nothing is a list: %s', (_, schema, value, filled) => {
  expect(fillLists(schema, value)).toEqual(filled)
})

test.each<[string, TSchema, unknown]>([
  ['a list that may be null', Type.Object({ names: maybeNames }), { names: null }],
  ['a key that may be missing', Type.Object({ names: Type.Optional(Names) }), {}],
  ['a text that is null', Type.Object({ name: Type.String() }), { name: null }],
  ['a key that is not declared', Type.Object({ name: Type.String() }), { name: 'otter', age: null }],
  ['what is no list', Names, 'none'],
  ['a list where none is declared', Type.Object({}), ['otter']],
])('%s stays as it is', (_, schema, value) => {
  expect(fillLists(schema, value)).toEqual(value)
})
