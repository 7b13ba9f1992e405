import { expect, test } from 'vitest'
import { dynamicType, listType, mapType, objectType, setType, stringType, type Type, tupleType } from './type.ts'
import { isConvertible, unify } from './unify.ts'

// Without memoization, the work doubles with each level, and the test would never end.
const levels = 60

function nested(first: Type, next: (inner: Type) => Type): Type {
  let type = first
  for (let level = 0; level < levels; level++) type = next(type)
  return type
}

test.each<[string, Type, (inner: Type) => Type, Type]>([
  ['tuples', tupleType([stringType]), (inner) => tupleType([inner, listType(dynamicType)]), listType(dynamicType)],
  [
    'objects',
    objectType({ a: stringType }),
    (inner) => objectType({ a: inner, b: mapType(dynamicType) }),
    mapType(dynamicType),
  ],
  [
    'tuples and sets',
    tupleType([stringType]),
    (inner) => tupleType([inner, setType(dynamicType)]),
    setType(dynamicType),
  ],
])('nested %s are unified quickly', (_, first, next, other) => {
  const type = nested(first, next)
  expect(isConvertible(type, other)).toBe(true)
  expect(unify([type, other])).toEqual(other)
})
