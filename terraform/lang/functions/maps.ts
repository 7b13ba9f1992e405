// Functions on maps and objects.

import { convert, failed } from '../../values/convert.ts'
import { dynamicType, listType, mapType, stringType, type Type, typesEqual } from '../../values/type.ts'
import { compareStrings, list, map, object, string, tuple, typeOf, type Value } from '../../values/value.ts'
import { anyValue, collection, type Failure, type FunctionTable, fail, isFailure, parameter } from '../function.ts'
import { elementsOf, entriesOf, isMapping, isOneOf, isSequence, mappingRequired, textOf } from './arguments.ts'

function merge(values: readonly Value[]): Value | Failure {
  const type = typeOfMerged(values)
  if (isFailure(type)) return type
  const present = values.filter((value) => value.kind !== 'null')
  if (!present.every((value) => isMapping(value) || isEmpty(value))) return fail(mappingsRequired)
  const entries = new Map(present.flatMap((value) => [...entriesOf(value)]))
  return type.kind === 'map' ? map(type.element, entries) : object(entries)
}

const mappingsRequired = 'every argument must be a map or an object.'

/** The common map type, otherwise dynamic. Ignores arguments after one of unknown type. */
function typeOfMerged(values: readonly Value[]): Type | Failure {
  const types = values.map(typeOf)
  const [first] = types
  for (const { kind } of types) {
    if (kind === 'dynamic') return dynamicType
    if (kind !== 'map' && kind !== 'object') return fail(mappingsRequired)
  }
  return first?.kind === 'map' && types.every((type) => typesEqual(type, first)) ? first : dynamicType
}

const isEmpty = (value: Value) => isSequence(value) && value.elements.length === 0

function lookup(mapping: Value | undefined, key: Value | undefined, fallbacks: readonly Value[]): Value | Failure {
  if (fallbacks.length > 1) return fail('it takes a map, a key and at most one default.')
  if (!isMapping(mapping)) return mappingRequired(mapping)
  const [fallback] = fallbacks
  const converted = fallback && mapping?.kind === 'map' ? convert(fallback, mapping.elementType) : fallback
  if (converted && failed(converted)) return fail(`the default must fit the map: ${converted.problem}.`, 2)
  const found = entriesOf(mapping).get(textOf(key))
  return (
    found ??
    converted ??
    fail(`there is no element with the key ${JSON.stringify(textOf(key))}.`, mapping?.kind === 'object' ? 0 : undefined)
  )
}

function transpose(mapping: Value | undefined): Value | Failure {
  const lists = [...entriesOf(mapping).values()]
  if (lists.some(containsNull)) return fail('neither a list nor an element may be null.', 0)
  const result = new Map<string, string[]>()
  for (const [key, values] of entriesOf(mapping)) {
    for (const value of elementsOf(values)) result.set(textOf(value), [...(result.get(textOf(value)) ?? []), key])
  }
  const entries = [...result].map(
    ([key, names]) => [key, list(stringType, names.sort(compareStrings).map(string))] as const,
  )
  return map(listType(stringType), entries)
}

const containsNull = (value: Value) => value.kind === 'null' || elementsOf(value).some(({ kind }) => kind === 'null')

function keysOf(value: Value | undefined): Value | Failure {
  if (!isMapping(value)) return mappingRequired(value)
  const names = [...entriesOf(value).keys()].map(string)
  return value?.kind === 'map' ? list(stringType, names) : tuple(names)
}

function valuesOf(value: Value | undefined): Value | Failure {
  if (!isMapping(value)) return fail('a map or object is required.')
  const values = [...entriesOf(value).values()]
  return value?.kind === 'map' ? list(value.elementType, values) : tuple(values)
}

export const mapFunctions: FunctionTable = {
  keys: {
    parameters: [{ ...collection('inputMap'), kinds: ['map', 'object'] }],
    returns: listType(stringType),
    call: ([value]) => keysOf(value),
  },
  lookup: {
    parameters: [{ ...collection('inputMap'), kinds: ['map', 'object'] }, parameter('key', stringType)],
    variadic: anyValue('default'),
    returns: dynamicType,
    mayReturnNull: true,
    call: ([mapping, key, ...fallbacks]) => lookup(mapping, key, fallbacks),
  },
  merge: {
    parameters: [],
    variadic: { ...collection('maps'), mayBeNull: true, mayBeUntyped: true },
    returns: dynamicType,
    returnsFor: typeOfMerged,
    call: (values) => merge(values),
  },
  transpose: {
    parameters: [parameter('values', mapType(listType(stringType)))],
    returns: mapType(listType(stringType)),
    call: ([values]) => transpose(values),
  },
  values: {
    parameters: [collection('mapping')],
    returns: dynamicType,
    returnsFor: ([value]) => (isOneOf(value, ['map', 'object']) ? undefined : fail('a map or object is required.')),
    call: ([value]) => valuesOf(value),
  },
  zipmap: {
    parameters: [parameter('keys', listType(stringType)), collection('values')],
    returns: dynamicType,
    returnsFor: ([, values]) => {
      const type = values && typeOf(values)
      if (!isOneOf(values, ['list', 'tuple'])) return fail('the values must be a list or a tuple.')
      return type?.kind === 'list' ? mapType(type.element) : undefined
    },
    call: ([keys, values]) => {
      if (values?.kind !== 'list' && values?.kind !== 'tuple') return fail('the values must be a list or a tuple.')
      if (elementsOf(keys).length !== values.elements.length) return fail('keys and values must have the same length.')
      const entries = elementsOf(keys).map((key, index) => [textOf(key), values.elements[index] as Value] as const)
      return values.kind === 'list' ? map(values.elementType, entries) : object(entries)
    },
  },
}
