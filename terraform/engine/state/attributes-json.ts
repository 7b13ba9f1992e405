// Converts an object's attributes to and from the JSON in the state.

import { typeOfNested, typeOfSchema } from '../../config/schema.ts'
import type { BlockSchema, NestedBlockSchema } from '../../provider.ts'
import { valueFromTypedJson, valueToJson } from '../../values/json.ts'
import { type Type, typeToJson } from '../../values/type.ts'
import { list, nullOf, type ObjectValue, object, set, typeOf, type Value } from '../../values/value.ts'

export function attributesToJson(value: ObjectValue, schema: BlockSchema): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const [name, entry] of value.entries) json[name] = attributeToJson(entry, schema.attributes[name]?.type)
  return json
}

/** A value of an attribute of any type is stored with its type. */
function attributeToJson(value: Value, type: Type | undefined): unknown {
  const isUntyped = value.kind === 'null' && value.type.kind === 'dynamic'
  if (type?.kind !== 'dynamic' || isUntyped) return valueToJson(value)
  return { value: valueToJson(value), type: typeToJson(typeOf(value)) }
}

export function attributesFromJson(json: Readonly<Record<string, unknown>>, schema: BlockSchema): ObjectValue {
  const entries: [string, Value][] = []
  for (const [name, type] of typeOfSchema(schema).attributes) {
    const nested = schema.blocks[name]
    const value = valueFromTypedJson(json[name], type)
    entries.push([name, nested && value.kind === 'null' ? emptyBlocks(nested) : value])
  }
  return object(entries)
}

function emptyBlocks(nested: NestedBlockSchema): Value {
  const type = typeOfNested(nested)
  if (type.kind === 'list') return list(type.element, [])
  return type.kind === 'set' ? set(type.element, []) : nullOf(type)
}
