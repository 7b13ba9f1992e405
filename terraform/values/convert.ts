// Converts values to types by Terraform's rules.

import { formatNum, parseNum } from './number.ts'
import { refine, refineNotNull } from './refinement.ts'
import {
  describeType,
  dynamicType,
  hasDynamic,
  type ObjectType,
  type SequenceType,
  type Type,
  typesEqual,
} from './type.ts'
import { isConvertible, unify } from './unify.ts'
import {
  bool,
  list,
  map,
  nullOf,
  number,
  object,
  type Refinement,
  set,
  string,
  tuple,
  typeOf,
  type UnknownValue,
  unknown,
  type Value,
  withMarks,
} from './value.ts'

/** A conversion error as the end of a sentence: `a number is required`. */
export interface ConversionFailure {
  readonly problem: string
}

export const failed = (result: Value | ConversionFailure): result is ConversionFailure => 'problem' in result

export function convert(value: Value, type: Type): Value | ConversionFailure {
  const result = convertUnmarked(value, type)
  return failed(result) ? result : withMarks(result, value.marks)
}

function convertUnmarked(value: Value, type: Type): Value | ConversionFailure {
  if (type.kind === 'dynamic') return value
  if (value.kind === 'null') {
    return isConvertible(value.type, type) ? nullOf(type) : { problem: `${describeType(type)} is required` }
  }
  if (value.kind === 'unknown') return convertUnknown(value, type)
  switch (type.kind) {
    case 'string':
    case 'number':
    case 'bool':
      return convertPrimitive(value, type.kind)
    case 'list':
    case 'set':
      return convertToSequence(value, type)
    case 'map':
      return convertToMap(value, type.element)
    case 'tuple':
      return convertToTuple(value, type.elements)
    case 'object':
      return convertToObject(value, type)
  }
}

function convertUnknown(value: UnknownValue, to: Type): Value | ConversionFailure {
  if (!isConvertible(value.type, to)) return { problem: `${describeType(to)} is required` }
  if (typesEqual(value.type, to)) return value
  const notNull = value.isNotNull ? { isNotNull: value.isNotNull } : {}
  return refine(unknown(to), { ...notNull, ...convertLengths(value, to) })
}

/** Conversion preserves all elements, except duplicates in a set. */
function convertLengths({ type: from, minLength, maxLength }: UnknownValue, to: Type): Refinement {
  if (from.kind === 'object' && to.kind === 'map') {
    return { minLength: from.attributes.size, maxLength: from.attributes.size }
  }
  if (from.kind === 'tuple' && (to.kind === 'list' || to.kind === 'set')) {
    const { length } = from.elements
    return { minLength: to.kind === 'set' ? Math.min(1, length) : length, maxLength: length }
  }
  if (!('element' in from) || !('element' in to)) return {}
  const atLeast = minLength === undefined || to.kind !== 'set' ? minLength : Math.min(1, minLength)
  return {
    ...(atLeast !== undefined && { minLength: atLeast }),
    ...(maxLength !== undefined && { maxLength }),
  }
}

function convertPrimitive(value: Value, kind: 'string' | 'number' | 'bool'): Value | ConversionFailure {
  if (value.kind === kind) return value
  if (kind === 'string') {
    if (value.kind === 'number') return string(formatNum(value.value))
    if (value.kind === 'bool') return string(String(value.value))
  }
  if (value.kind === 'string') {
    const converted = kind === 'number' ? textToNumber(value.value) : textToBool(value.value)
    if (converted) return converted
  }
  return { problem: `a ${kind} is required` }
}

function textToNumber(text: string): Value | undefined {
  const parsed = parseNum(text)
  return parsed === undefined ? undefined : number(parsed)
}

function textToBool(text: string): Value | undefined {
  if (text === 'true' || text === '1') return bool(true)
  if (text === 'false' || text === '0') return bool(false)
  return undefined
}

function convertToSequence(value: Value, type: SequenceType): Value | ConversionFailure {
  if (value.kind !== 'list' && value.kind !== 'set' && value.kind !== 'tuple') {
    return { problem: `${describeType(type)} is required` }
  }
  if (value.kind === type.kind && typesEqual(value.elementType, type.element)) return value
  const shared = sharedType(type.element, value, value.elements)
  if (!shared) return { problem: 'all elements must have the same type' }
  const converted = convertAll(value.elements, shared, (index) => `element ${index}`)
  if ('problem' in converted) return converted
  return type.kind === 'list' ? list(converted.type, converted.elements) : set(converted.type, converted.elements)
}

/** The target type, with its dynamic parts inferred from the values or, without values, from their types. */
function sharedType(wanted: Type, holder: Value, values: readonly Value[]): Type | undefined {
  if (wanted.kind !== 'dynamic') return wanted
  if (values.length > 0) return holder.kind === 'tuple' ? sharedTupleType(values) : sharedElementType(values)
  return 'elementType' in holder ? holder.elementType : wanted
}

/** A value of dynamic type unifies with a primitive type only. */
function sharedTupleType(values: readonly Value[]): Type | undefined {
  const types = values.map(typeOf)
  const shared = unify(types)
  return shared?.kind === 'dynamic' && types.some(({ kind }) => kind !== 'dynamic') ? undefined : shared
}

/** The common element type of a collection; a null of dynamic type matches any type. */
export function sharedElementType(values: readonly Value[]): Type | undefined {
  const types = values.map(typeOf)
  const shared = unify(types)
  if (shared?.kind !== 'dynamic') return shared
  const [first = dynamicType, ...others] = types.filter(({ kind }) => kind !== 'dynamic')
  return others.every((type) => typesEqual(type, first)) ? first : undefined
}

interface Converted {
  readonly type: Type
  readonly elements: readonly Value[]
}

/** Infers the dynamic parts of a type, such as the element type of an empty list, from the other values. */
function convertAll(
  values: readonly Value[],
  type: Type,
  nameOf: (index: number) => string,
): Converted | ConversionFailure {
  const converted: Value[] = []
  for (const [index, value] of values.entries()) {
    const result = convert(value, type)
    if (failed(result)) return { problem: `${nameOf(index)}: ${result.problem}` }
    converted.push(result)
  }
  const resolved = hasDynamic(type) && converted.length > 0 ? sharedElementType(converted) : type
  if (!resolved) return { problem: 'all elements must have the same type' }
  return typesEqual(resolved, type) ? { type, elements: converted } : convertAll(converted, resolved, nameOf)
}

function convertToMap(value: Value, element: Type): Value | ConversionFailure {
  if (value.kind !== 'map' && value.kind !== 'object') {
    return { problem: `${describeType({ kind: 'map', element })} is required` }
  }
  const keys = [...value.entries.keys()]
  const values = [...value.entries.values()]
  const shared = sharedType(element, value, values)
  if (!shared) return { problem: 'all map elements must have the same type' }
  const converted = convertAll(values, shared, (index) => `element ${JSON.stringify(keys[index])}`)
  if ('problem' in converted) return converted
  return map(
    converted.type,
    converted.elements.map((entry, index) => [keys[index] as string, entry]),
  )
}

function convertToTuple(value: Value, types: readonly Type[]): Value | ConversionFailure {
  const isSequence = value.kind === 'tuple' || value.kind === 'list'
  if (!isSequence || value.elements.length !== types.length) {
    return { problem: `a tuple of ${types.length} elements is required` }
  }
  const converted: Value[] = []
  for (const [index, type] of types.entries()) {
    const result = convert(value.elements[index] as Value, type)
    if (failed(result)) return { problem: `element ${index}: ${result.problem}` }
    converted.push(result)
  }
  return tuple(converted)
}

function convertToObject(value: Value, type: ObjectType): Value | ConversionFailure {
  if (value.kind !== 'object' && value.kind !== 'map') return { problem: 'an object is required' }
  const missing = [...type.attributes.keys()].filter((name) => !value.entries.has(name) && !type.optional?.has(name))
  if (missing.length > 0) {
    const names = missing.map((name) => JSON.stringify(name)).join(', ')
    return { problem: missing.length === 1 ? `attribute ${names} is required` : `attributes ${names} are required` }
  }
  const entries: [string, Value][] = []
  for (const [name, attributeType] of type.attributes) {
    const attribute = value.entries.get(name)
    const result = convertAttribute(attribute, attributeType, type.optional?.get(name))
    if (failed(result)) return { problem: `attribute ${JSON.stringify(name)}: ${result.problem}` }
    entries.push([name, result])
  }
  return object(entries)
}

/** The default replaces omitted and null attributes. */
function convertAttribute(
  attribute: Value | undefined,
  type: Type,
  fallback: Value | undefined,
): Value | ConversionFailure {
  if (attribute === undefined || (attribute.kind === 'null' && fallback)) return convert(fallback ?? nullOf(type), type)
  const converted = convert(attribute, type)
  return fallback && fallback.kind !== 'null' && !failed(converted) ? refineNotNull(converted) : converted
}
