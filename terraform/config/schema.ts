// Derives from a provider's schema the type of its objects and their sensitive attributes.

import type { BlockSchema, NestedBlockSchema } from '../provider.ts'
import { copyValueMarks } from '../values/mark-paths.ts'
import { type ObjectType, objectType, type Type } from '../values/type.ts'
import { type ObjectValue, object, sensitiveMark, type Value, withMarks } from '../values/value.ts'

const typeCache = new WeakMap<BlockSchema, ObjectType>()

export function typeOfSchema(schema: BlockSchema): ObjectType {
  const cached = typeCache.get(schema)
  if (cached) return cached
  const attributes = Object.entries(schema.attributes).map(([name, attribute]) => [name, attribute.type] as const)
  const blocks = Object.entries(schema.blocks).map(([name, nested]) => [name, typeOfNested(nested)] as const)
  const type = objectType(new Map([...attributes, ...blocks]))
  typeCache.set(schema, type)
  return type
}

export function typeOfNested(nested: NestedBlockSchema): Type {
  const element = typeOfSchema(nested.block)
  return nested.nesting === 'single' ? element : { kind: nested.nesting, element }
}

/** Marks the schema's sensitive attributes. */
export function markBySchema(value: ObjectValue, schema: BlockSchema): ObjectValue {
  const sensitive = Object.entries(schema.attributes).filter(([, attribute]) => attribute.sensitive)
  if (sensitive.length === 0) return value
  return changeEntries(value, (name, entry) =>
    schema.attributes[name]?.sensitive ? withMarks(entry, sensitiveMark) : entry,
  )
}

/** Copies the marks of a provider's input to its result, path by path. */
export const copyMarks = (from: ObjectValue, to: ObjectValue): ObjectValue => copyValueMarks(from, to) as ObjectValue

export function changeEntries(value: ObjectValue, change: (name: string, entry: Value) => Value): ObjectValue {
  return object([...value.entries].map(([name, entry]) => [name, change(name, entry)]))
}
