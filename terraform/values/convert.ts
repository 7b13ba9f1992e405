// Conversion of values to types and the search for one type that several values share, by Terraform's rules.

import { formatNum, parseNum } from './number.ts'
import { refine, refineNotNull } from './refinement.ts'
import {
  describeType,
  dynamicType,
  type ObjectType,
  objectType,
  type SequenceType,
  type Type,
  tupleType,
  typesEqual,
} from './type.ts'
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

/** Why a value cannot become a type, as the end of a sentence: `a number is required`. */
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
    return couldConvert(value.type, type) ? nullOf(type) : { problem: `${describeType(type)} is required` }
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
  if (!couldConvert(value.type, to)) return { problem: `${describeType(to)} is required` }
  if (typesEqual(value.type, to)) return value
  const notNull = value.isNotNull ? { isNotNull: value.isNotNull } : {}
  return refine(unknown(to), { ...notNull, ...convertedLengths(value, to) })
}

/** Conversion keeps every element, but in a set those that become equal are one. */
function convertedLengths({ type: from, minLength, maxLength }: UnknownValue, to: Type): Refinement {
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

/** Whether some value of the one type converts to the other. */
function couldConvert(from: Type, to: Type): boolean {
  if (from.kind === 'dynamic' || to.kind === 'dynamic' || typesEqual(from, to)) return true
  const isPrimitive = (type: Type) => type.kind === 'string' || type.kind === 'number' || type.kind === 'bool'
  if (isPrimitive(to)) return isPrimitive(from) && !(from.kind !== 'string' && to.kind !== 'string')
  const isSequence = (type: Type) => type.kind === 'list' || type.kind === 'set' || type.kind === 'tuple'
  const isMapping = (type: Type) => type.kind === 'map' || type.kind === 'object'
  return (isSequence(from) && isSequence(to)) || (isMapping(from) && isMapping(to))
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
  if (!shared || (type.element.kind === 'dynamic' && value.kind === 'tuple' && mixesNull(value.elements)))
    return { problem: 'all elements must have the same type' }
  const elements = convertAll(value.elements, shared, (index) => `element ${index}`)
  if (!Array.isArray(elements)) return elements
  return type.kind === 'list' ? list(shared, elements) : set(shared, elements)
}

/** Beside a null of no type Terraform takes only what is no collection and no object. */
const mixesNull = (elements: readonly Value[]): boolean =>
  elements.some((element) => element.kind === 'null' && element.type.kind === 'dynamic') &&
  elements.some((element) => !['string', 'number', 'bool', 'dynamic'].includes(typeOf(element).kind))

/** The wanted type, with its open parts filled in from the values, or from what holds none of them. */
function sharedType(wanted: Type, holder: Value, values: readonly Value[]): Type | undefined {
  if (wanted.kind !== 'dynamic') return wanted
  if (values.length > 0) return unify(values.map(typeOf))
  return 'elementType' in holder ? holder.elementType : wanted
}

function convertAll(
  values: readonly Value[],
  type: Type,
  nameOf: (index: number) => string,
): Value[] | ConversionFailure {
  const converted: Value[] = []
  for (const [index, value] of values.entries()) {
    const result = convert(value, type)
    if (failed(result)) return { problem: `${nameOf(index)}: ${result.problem}` }
    converted.push(result)
  }
  return converted
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
  return Array.isArray(converted)
    ? map(
        shared,
        converted.map((entry, index) => [keys[index] as string, entry]),
      )
    : converted
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
    const given = value.entries.get(name)
    const result = convertAttribute(given, attributeType, type.optional?.get(name))
    if (failed(result)) return { problem: `attribute ${JSON.stringify(name)}: ${result.problem}` }
    entries.push([name, result])
  }
  return object(entries)
}

/** A default stands in for what is left out and for null. */
function convertAttribute(
  given: Value | undefined,
  type: Type,
  fallback: Value | undefined,
): Value | ConversionFailure {
  if (given === undefined || (given.kind === 'null' && fallback)) return convert(fallback ?? nullOf(type), type)
  const converted = convert(given, type)
  return fallback && fallback.kind !== 'null' && !failed(converted) ? refineNotNull(converted) : converted
}

/** One type that values of all the given types convert to without loss; undefined when there is none. */
export function unify(types: readonly Type[]): Type | undefined {
  const first = types[0]
  if (!first) return dynamicType
  if (types.every((type) => typesEqual(type, first))) return first
  const known = types.filter((type) => type.kind !== 'dynamic')
  if (known.length < types.length) return unify(known)
  const kinds = new Set(known.map((type) => type.kind))
  if ([...kinds].every((kind) => kind === 'string' || kind === 'number' || kind === 'bool')) {
    return kinds.has('string') ? { kind: 'string' } : undefined
  }
  if ([...kinds].every((kind) => kind === 'object' || kind === 'map')) return unifyMappings(known)
  if ([...kinds].every((kind) => kind === 'tuple' || kind === 'list' || kind === 'set')) return unifySequences(known)
  return undefined
}

function unifyMappings(types: readonly Type[]): Type | undefined {
  const [first] = types
  if (first?.kind === 'object' && types.every((type) => type.kind === 'object' && sameNames(type, first))) {
    const attributes = new Map<string, Type>()
    for (const name of first.attributes.keys()) {
      const shared = unify(types.map((type) => (type as ObjectType).attributes.get(name) as Type))
      if (!shared) return undefined
      attributes.set(name, shared)
    }
    return objectType(attributes)
  }
  const element = unify(
    types.flatMap((type) => (type.kind === 'object' ? [...type.attributes.values()] : elementOf(type))),
  )
  if (element) return { kind: 'map', element }
  // A map of what is not known yet may be one of anything.
  return types.some((type) => type.kind === 'map' && type.element.kind === 'dynamic') ? dynamicType : undefined
}

const sameNames = (a: ObjectType, b: ObjectType) =>
  a.attributes.size === b.attributes.size && [...a.attributes.keys()].every((name) => b.attributes.has(name))

function unifySequences(types: readonly Type[]): Type | undefined {
  const [first] = types
  if (
    first?.kind === 'tuple' &&
    types.every((type) => type.kind === 'tuple' && type.elements.length === first.elements.length)
  ) {
    const elements = first.elements.map((_, index) =>
      unify(types.map((type) => (type.kind === 'tuple' ? (type.elements[index] as Type) : dynamicType))),
    )
    return elements.every((element) => element !== undefined) ? tupleType(elements) : undefined
  }
  const element = unify(types.flatMap((type) => (type.kind === 'tuple' ? [...type.elements] : elementOf(type))))
  if (!element) return undefined
  // Tuples become whatever collection is among them.
  return {
    kind: types.some(({ kind }) => kind === 'set') && !types.some(({ kind }) => kind === 'list') ? 'set' : 'list',
    element,
  }
}

const elementOf = (type: Type): Type[] => ('element' in type ? [type.element] : [])
