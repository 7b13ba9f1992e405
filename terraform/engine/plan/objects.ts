// Objects between configuration, plan and state: what a change will make of them, and how the state writes them.

import type { IgnoredPath } from '../../config/module.ts'
import { changeEntries, typeOfNested, typeOfSchema } from '../../config/schema.ts'
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from '../../provider.ts'
import { valueFromTypedJson, valueToJson } from '../../values/json.ts'
import { type Type, typeToJson } from '../../values/type.ts'
import {
  list,
  nullOf,
  type ObjectValue,
  object,
  set,
  tuple,
  typeOf,
  unknown,
  type Value,
  valuesEqual,
  withMarks,
} from '../../values/value.ts'

/** The configuration with what the provider computes: kept from the object as it is, or unknown when there is none. */
export function propose(schema: BlockSchema, config: ObjectValue, prior: ObjectValue | null): ObjectValue {
  return changeEntries(config, (name, value) => {
    const attribute = schema.attributes[name]
    const before = prior?.entries.get(name)
    if (attribute) return proposeAttribute(attribute, value, before)
    const nested = schema.blocks[name]
    return nested ? proposeBlocks(nested, value, before) : value
  })
}

function proposeAttribute(attribute: AttributeSchema, value: Value, before: Value | undefined): Value {
  if (value.kind !== 'null' || !attribute.computed) return value
  return before ?? unknown(attribute.type)
}

function proposeBlocks(nested: NestedBlockSchema, value: Value, before: Value | undefined): Value {
  const proposeOne = (block: Value, earlier: Value | undefined): Value =>
    block.kind === 'object' ? propose(nested.block, block, earlier?.kind === 'object' ? earlier : null) : block
  if (value.kind === 'object') return proposeOne(value, before)
  if (value.kind !== 'list' && value.kind !== 'set' && value.kind !== 'tuple') return value
  const earlier = before && 'elements' in before ? before.elements : []
  const elements = value.elements.map((block, index) => proposeOne(block, earlier[index]))
  const proposed =
    value.kind === 'tuple'
      ? tuple(elements)
      : value.kind === 'list'
        ? list(value.elementType, elements)
        : set(value.elementType, elements)
  return withMarks(proposed, value.marks)
}

/** The configuration with the paths set back to what the object has. */
export function ignoreChanges(
  config: ObjectValue,
  prior: ObjectValue,
  paths: readonly IgnoredPath[] | 'all',
): ObjectValue {
  if (paths === 'all') return changeEntries(config, (name, value) => prior.entries.get(name) ?? value)
  return paths.reduce<ObjectValue>((value, { steps }) => setBack(value, prior, steps) as ObjectValue, config)
}

function setBack(value: Value, prior: Value | undefined, steps: IgnoredPath['steps']): Value {
  const [step, ...rest] = steps
  if (step === undefined) return prior ?? value
  if (value.kind === 'object' && 'attribute' in step) return setBackEntry(value, prior, step.attribute, rest)
  if (value.kind === 'map' && 'index' in step) return setBackEntry(value, prior, String(step.index), rest)
  if ('elements' in value && 'index' in step && value.kind !== 'set') {
    const at = Number(step.index)
    const before = prior && 'elements' in prior ? prior.elements[at] : undefined
    const elements = value.elements.map((element, index) => (index === at ? setBack(element, before, rest) : element))
    return value.kind === 'tuple' ? tuple(elements) : list(value.elementType, elements)
  }
  return value
}

function setBackEntry(
  value: Value & { entries: ReadonlyMap<string, Value> },
  prior: Value | undefined,
  step: string,
  rest: IgnoredPath['steps'],
): Value {
  const before = prior && 'entries' in prior ? prior.entries.get(step) : undefined
  const entries = new Map(value.entries)
  const current = value.entries.get(step)
  if (current) entries.set(step, setBack(current, before, rest))
  else if (before && rest.length === 0) entries.set(step, before)
  // A key of a map that the object does not have stays away.
  if (rest.length === 0 && !before && value.kind === 'map') entries.delete(step)
  return { ...object(entries), ...(value.kind === 'map' && { kind: 'map', elementType: value.elementType }) } as Value
}

/** Attributes that changed and whose change needs a new object. */
export function replacingAttributes(schema: BlockSchema, prior: ObjectValue, planned: ObjectValue): string[] {
  return Object.entries(schema.attributes)
    .filter(([name, attribute]) => attribute.forcesReplacement && hasChanged(prior, planned, name))
    .map(([name]) => name)
}

function hasChanged(prior: ObjectValue, planned: ObjectValue, name: string): boolean {
  const before = prior.entries.get(name) ?? nullOf()
  const after = planned.entries.get(name) ?? nullOf()
  return !valuesEqual(before, after)
}

/** The attributes as the state keeps them. */
export function attributesToJson(value: ObjectValue, schema: BlockSchema): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const [name, entry] of value.entries) json[name] = attributeToJson(entry, schema.attributes[name]?.type)
  return json
}

/** A value of an attribute that takes any type is kept with its type. */
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
