// Functions on lists, sets, maps and objects. Those that only move elements keep unknown elements and their marks.

import { convert, failed, unify } from '../../values/convert.ts'
import { areEqual } from '../../values/equality.ts'
import { addNum, type Num, numToJs } from '../../values/number.ts'
import { refine, refinementOf, unknownLength } from '../../values/refinement.ts'
import {
  boolType,
  describeType,
  dynamicType,
  listType,
  mapType,
  numberType,
  type SequenceType,
  setType,
  stringType,
  type Type,
  tupleType,
  typesEqual,
} from '../../values/type.ts'
import {
  bool,
  compareStrings,
  deepMarks,
  int,
  isWhollyKnown,
  type ListValue,
  list,
  map,
  nullOf,
  number,
  object,
  primitiveText,
  set,
  string,
  type TupleValue,
  tuple,
  typeOf,
  type UnknownValue,
  unknown,
  type Value,
  valuesEqual,
  withMarks,
} from '../../values/value.ts'
import { collection, type Failure, type FunctionTable, fail, type Parameter, parameter } from './function.ts'

const isSequence = (value: Value | undefined): value is ListValue | TupleValue =>
  value?.kind === 'list' || value?.kind === 'set' || value?.kind === 'tuple'
const elementsOf = (value: Value | undefined): readonly Value[] => (isSequence(value) ? value.elements : [])
const entriesOf = (value: Value | undefined): ReadonlyMap<string, Value> =>
  value?.kind === 'map' || value?.kind === 'object' ? value.entries : new Map()
const jsNumber = (value: Value | undefined): number => (value?.kind === 'number' ? numToJs(value.value) : 0)
const textOf = (value: Value | undefined): string => (value?.kind === 'string' ? value.value : '')
const anything = (name: string): Parameter => ({ name, type: dynamicType, mayBeNull: true, mayBeUnknown: 'anywhere' })

const unknownToo = (name: string, type: Type = dynamicType): Parameter => ({ name, type, mayBeUnknown: 'anywhere' })

const notASequence = (value: Value | undefined, index = 0): Failure =>
  fail(`a list, set or tuple is required, not ${describeType(typeOf(value ?? nullOf()))}.`, index)
const notAMapping = (value: Value | undefined, index = 0): Failure =>
  fail(`a map or object is required, not ${describeType(typeOf(value ?? nullOf()))}.`, index)
const isMapping = (value: Value | undefined) => value?.kind === 'map' || value?.kind === 'object'

/** A list when the elements share a type, else a tuple. */
function listOrTuple(elements: readonly Value[]): Value {
  const shared = unify(elements.map(typeOf))
  return shared ? list(shared, convertEach(elements, shared)) : tuple(elements)
}

const convertEach = (elements: readonly Value[], type: Type) =>
  elements.map((element) => {
    const converted = convert(element, type)
    return failed(converted) ? element : converted
  })

/** The result keeps the form of what it was made of. */
const likeOf = (source: Value | undefined, elements: readonly Value[]): Value =>
  source?.kind === 'list' || source?.kind === 'set' ? list(source.elementType, elements) : tuple(elements)

function length(value: Value | undefined): Value | Failure {
  if (value?.kind === 'unknown') return lengthOfUnknown(value)
  // Elements of a set that are not known yet may turn out to be equal.
  if (value?.kind === 'set' && value.elements.length > 1 && !isWhollyKnown(value)) {
    return unknownLength({ minLength: 1, maxLength: value.elements.length })
  }
  if (isSequence(value)) return int(value.elements.length)
  if (isMapping(value)) return int(entriesOf(value).size)
  if (value?.kind === 'string') return int([...new Intl.Segmenter('en').segment(value.value)].length)
  return fail('a string, list, set, map or object is required.')
}

function lengthOfUnknown(value: UnknownValue): Value | Failure {
  const { type } = value
  switch (type.kind) {
    case 'tuple':
      return int(type.elements.length)
    case 'object':
      return int(type.attributes.size)
    case 'string':
      return unknownLength({ minLength: [...new Intl.Segmenter('en').segment(value.prefix ?? '')].length })
    case 'list':
    case 'set':
    case 'map':
      return unknownLength(value)
    case 'dynamic':
      return unknown(numberType)
    default:
      return fail('a string, list, set, map or object is required.')
  }
}

const unknownLike = ({ type, minLength, maxLength }: UnknownValue): Value =>
  refine(unknown(type), {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
  })

function contains(sequence: Value | undefined, wanted: Value | undefined): Value | Failure {
  if (!isSequence(sequence) || !wanted) return fail('a list, set or tuple is required.')
  const marks = deepMarks(sequence)
  const found = sequence.elements.map((element) => areEqual(element, wanted))
  if (found.includes(true)) return withMarks(bool(true), marks)
  return withMarks(found.includes(undefined) ? unknown(boolType) : bool(false), marks)
}

function element(sequence: Value | undefined, position: Value | undefined): Value | Failure {
  if (sequence?.kind !== 'list' && sequence?.kind !== 'tuple') return fail('a list or tuple is required.')
  const count = sequence.elements.length
  const index = jsNumber(position)
  if (!Number.isInteger(index)) return fail('the index must be a whole number.')
  if (count === 0) return fail('the list is empty.')
  return sequence.elements[((index % count) + count) % count] ?? nullOf()
}

function slice(sequence: Value | undefined, from: number, to: number): Value | Failure {
  if (sequence?.kind !== 'list' && sequence?.kind !== 'tuple') return fail('a list or tuple is required.', 0)
  const count = sequence.elements.length
  if (!Number.isInteger(from) || from < 0 || from > count) return fail(`it must be from 0 to ${count}.`, 1)
  if (!Number.isInteger(to) || to > count) return fail(`it must be from ${from} to ${count}.`, 2)
  if (to < from) return fail('it must not be greater than the end.', 1)
  return likeOf(sequence, sequence.elements.slice(from, to))
}

function flatten(value: Value): readonly Value[] {
  return isSequence(value) ? value.elements.flatMap(flatten) : [value]
}

const mayBeSequence = ({ kind }: Type) => kind === 'dynamic' || kind === 'list' || kind === 'set' || kind === 'tuple'

function distinct(elements: readonly Value[]): Value[] {
  // A set orders and removes, so an element's first place is found by its own one-element set being new.
  const seen: Value[] = []
  const texts = new Set<string>()
  for (const element of elements) {
    // The two zeros are equal.
    const text = element.kind === 'number' && element.value === 0 ? '0' : primitiveText(element)
    const key = text === undefined ? undefined : `${element.kind}:${text}`
    if (key !== undefined ? texts.has(key) : seen.some((earlier) => valuesEqual(earlier, element))) continue
    if (key !== undefined) texts.add(key)
    seen.push(element)
  }
  return seen
}

function merge(values: readonly Value[]): Value | Failure {
  const given = values.filter((value) => value.kind !== 'null')
  if (!given.every(isMapping)) return fail('every argument must be a map or an object.')
  const entries = new Map(given.flatMap((value) => [...entriesOf(value)]))
  const [first] = given
  const isOneMapType =
    first?.kind === 'map' && given.every((value) => value.kind === 'map' && typesEqual(typeOf(value), typeOf(first)))
  return isOneMapType ? map(first.elementType, entries) : object(entries)
}

function lookup(mapping: Value | undefined, key: Value | undefined, fallbacks: readonly Value[]): Value | Failure {
  if (!isMapping(mapping)) return notAMapping(mapping)
  if (fallbacks.length > 1) return fail('it takes a map, a key and at most one default.')
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

function range(args: readonly number[]): Value | Failure {
  const [first = 0, second, third] = args
  const start = second === undefined ? 0 : first
  const limit = second === undefined ? first : second
  const step = third ?? (limit < start ? -1 : 1)
  if (args.length === 0 || args.length > 3) return fail('one to three numbers are required.')
  if (step === 0) return fail('the step must not be zero.')
  if (limit === start) return list(numberType, [])
  if (limit > start !== step > 0) return fail('the step must lead from the start to the limit.', 1)
  // Terraform's own bound.
  if (Math.abs(limit - start) / Math.abs(step) > 1024) return fail('it would make more than 1024 numbers.')
  const values: Value[] = []
  for (let at = start; step > 0 ? at < limit : at > limit; at += step) values.push(int(at))
  return list(numberType, values)
}

function coalesce(values: readonly Value[], skips: (value: Value) => boolean, what: string): Value | Failure {
  const types = values.map(typeOf)
  // Beside what has no type yet, different ones may stay as they are.
  const shared = unify(types) ?? (types.some(({ kind }) => kind === 'dynamic') ? dynamicType : undefined)
  if (!shared) return fail('all arguments must have the same type.')
  for (const value of values) {
    if (value.kind === 'unknown') return unknown(shared)
    if (skips(value)) continue
    const converted = convert(value, shared)
    return failed(converted) ? fail('all arguments must have the same type.') : converted
  }
  return fail(`all arguments are null or ${what}.`)
}

function combineSets(
  sets: readonly Value[],
  keeps: (element: Value, others: readonly Value[]) => boolean,
): Value | Failure {
  const shared = unify(
    sets.flatMap((entry) => (entry.kind === 'set' && entry.elements.length > 0 ? [entry.elementType] : [])),
  )
  if (!shared) return fail('all sets must have the same element type.')
  const [first, ...others] = sets.map((entry) => set(shared, convertEach(elementsOf(entry), shared)))
  const elements = elementsOf(first).filter((element) => keeps(element, others))
  return set(shared, elements)
}

const holds = (container: Value, wanted: Value) => elementsOf(container).some((element) => valuesEqual(element, wanted))

const isTuple = ({ kind }: Value) => kind === 'tuple'

const productType = (sequences: readonly Value[], elementTypes: readonly Type[]): SequenceType => ({
  kind: sequences.every(({ kind }) => kind === 'set') ? 'set' : 'list',
  element: tupleType(elementTypes),
})

function setproduct(sequences: readonly Value[]): Value | Failure {
  if (sequences.length < 2) return fail('at least two collections are required.')
  const wrong = sequences.findIndex((sequence) => !isSequence(sequence))
  if (wrong !== -1) return notASequence(sequences[wrong], wrong)
  const size = sequences.reduce((product, sequence) => product * elementsOf(sequence).length, 1)
  if (size > 100_000) return fail('the product has more than 100000 elements.')
  const elementTypes = sequences.map((sequence) => unify(elementsOf(sequence).map(typeOf)) ?? dynamicType)
  // Elements of a set that are not known yet may turn out to be equal.
  const isOfUnknownLength = (sequence: Value) => refinementOf(sequence).maxLength === undefined && !isTuple(sequence)
  const type = productType(sequences, elementTypes)
  if (sequences.some(isOfUnknownLength)) return unknown(type)
  let rows: Value[][] = [[]]
  for (const [index, sequence] of sequences.entries()) {
    const elements = convertEach(elementsOf(sequence), elementTypes[index] as Type)
    rows = rows.flatMap((row) => elements.map((element) => [...row, element]))
  }
  return (type.kind === 'set' ? set : list)(type.element, rows.map(tuple))
}

const allOrAny = (deciding: boolean, elements: readonly Value[]): Value => {
  const isDeciding = (value: Value) => (primitiveText(value) === 'true') === deciding
  if (elements.some((value) => value.kind !== 'unknown' && isDeciding(value))) return bool(deciding)
  return elements.some((value) => value.kind === 'unknown') ? unknown(boolType) : bool(!deciding)
}

function chunk(sequence: Value | undefined, size: number): Value | Failure {
  if (!isSequence(sequence)) return notASequence(sequence)
  if (!Number.isInteger(size) || size < 0) return fail('the size must be a whole number from 0.')
  const chunks: Value[] = []
  const step = size === 0 ? Math.max(1, sequence.elements.length) : size
  for (let at = 0; at < sequence.elements.length; at += step)
    chunks.push(likeOf(sequence, sequence.elements.slice(at, at + step)))
  return chunks.length > 0 ? listOrTuple(chunks) : list(typeOf(sequence), [])
}

function transpose(mapping: Value | undefined): Value {
  const result = new Map<string, string[]>()
  for (const [key, values] of entriesOf(mapping)) {
    for (const value of elementsOf(values)) result.set(textOf(value), [...(result.get(textOf(value)) ?? []), key])
  }
  const entries = [...result].map(
    ([key, names]) => [key, list(stringType, names.sort(compareStrings).map(string))] as const,
  )
  return map(listType(stringType), entries)
}

function sum(sequence: Value | undefined): Value | Failure {
  if (!isSequence(sequence)) return notASequence(sequence)
  if (sequence.elements.length === 0) return fail('the list is empty.', 0)
  let total: Num | undefined
  for (const entry of sequence.elements) {
    const converted = convert(entry, numberType)
    if (failed(converted) || converted.kind !== 'number') return fail('all elements must be numbers.', 0)
    total = total === undefined ? converted.value : addNum(total, converted.value)
    if (total === undefined) return fail('the sum of opposite infinities is not a number.')
  }
  return number(total ?? 0)
}

function matchKeys(values: Value | undefined, keys: Value | undefined, wanted: Value | undefined): Value | Failure {
  if (values?.kind !== 'list') return notASequence(values)
  if (values.elements.length !== elementsOf(keys).length) return fail('values and keys must have the same length.')
  const [shared] = [unify([...elementsOf(keys), ...elementsOf(wanted)].map(typeOf))]
  if (!shared) return fail('keys and the searched set must have the same type.')
  const searched = list(shared, convertEach(elementsOf(wanted), shared))
  const found = convertEach(elementsOf(keys), shared).map((key) => holds(searched, key))
  return list(
    values.elementType,
    values.elements.filter((_, index) => found[index]),
  )
}

function keysOf(value: Value | undefined): Value | Failure {
  if (!isMapping(value)) return notAMapping(value)
  const names = [...entriesOf(value).keys()].map(string)
  return value?.kind === 'map' ? list(stringType, names) : tuple(names)
}

function valuesOf(value: Value | undefined): Value | Failure {
  if (!isMapping(value)) return fail('a map or object is required.')
  const values = [...entriesOf(value).values()]
  return value?.kind === 'map' ? list(value.elementType, values) : tuple(values)
}

export const collectionFunctions: FunctionTable = {
  alltrue: {
    parameters: [collection('list', listType(boolType))],
    returns: boolType,
    call: ([values]) => allOrAny(false, elementsOf(values)),
  },
  anytrue: {
    parameters: [collection('list', listType(boolType))],
    returns: boolType,
    call: ([values]) => allOrAny(true, elementsOf(values)),
  },
  chunklist: {
    parameters: [collection('list', listType(dynamicType)), parameter('size', numberType)],
    returns: listType(listType(dynamicType)),
    call: ([values, size]) => chunk(values, jsNumber(size)),
  },
  coalesce: {
    parameters: [],
    rest: anything('vals'),
    returns: dynamicType,
    call: (values) =>
      coalesce(
        values,
        (value) => value.kind === 'null' || (value.kind === 'string' && value.value === ''),
        'empty strings',
      ),
  },
  coalescelist: {
    parameters: [],
    rest: { name: 'vals', type: dynamicType, mayBeNull: true, mayBeUnknown: 'inside' },
    returns: dynamicType,
    call: (values) => {
      if (values.length === 0) return fail('at least one list is required.')
      if (!values.every((value) => value.kind === 'list' || value.kind === 'tuple')) {
        return fail('every argument must be a list or a tuple, and none may be null.')
      }
      return values.find((value) => elementsOf(value).length > 0) ?? fail('all lists are empty.')
    },
  },
  compact: {
    parameters: [parameter('list', listType(stringType))],
    returns: listType(stringType),
    call: ([values]) =>
      list(
        stringType,
        elementsOf(values).filter((value) => value.kind === 'string' && value.value !== ''),
      ),
  },
  concat: {
    parameters: [],
    rest: collection('seqs'),
    returns: dynamicType,
    call: (values) => {
      if (values.length === 0) return fail('at least one list is required.')
      const wrong = values.findIndex((value) => value.kind !== 'list' && value.kind !== 'tuple')
      if (wrong !== -1) return notASequence(values[wrong], wrong)
      const elements = values.flatMap((value) => [...elementsOf(value)])
      return values.every((value) => value.kind === 'list') ? listOrTuple(elements) : tuple(elements)
    },
  },
  contains: {
    parameters: [{ name: 'list', type: dynamicType, mayBeUnknown: 'inside' }, parameter('value')],
    returns: boolType,
    call: ([sequence, value]) => contains(sequence, value),
  },
  distinct: {
    parameters: [parameter('list', listType(dynamicType))],
    returns: listType(dynamicType),
    call: ([values]) => likeOf(values, distinct(elementsOf(values))),
  },
  element: {
    parameters: [collection('list'), parameter('index', numberType)],
    returns: dynamicType,
    mayGiveNull: true,
    call: ([sequence, index]) => element(sequence, index),
  },
  flatten: {
    parameters: [collection('list')],
    returns: dynamicType,
    call: ([values]) => {
      if (!isSequence(values)) return fail('a list, set or tuple is required.')
      const elements = flatten(values)
      // What is not known yet may turn out to be a list of any length.
      return elements.some((element) => element.kind === 'unknown' && mayBeSequence(element.type))
        ? unknown()
        : tuple(elements)
    },
  },
  index: {
    parameters: [collection('list'), parameter('value')],
    returns: numberType,
    call: ([sequence, value]) => {
      if (!isSequence(sequence) || !value) return fail('a list or tuple is required.')
      const position = sequence.elements.findIndex((entry) => areEqual(entry, value) !== false)
      const entry = sequence.elements[position]
      if (entry && areEqual(entry, value) === undefined) return unknown(numberType)
      return position === -1 ? fail('the value is not in the list.') : int(position)
    },
  },
  keys: {
    parameters: [{ ...collection('inputMap'), kinds: ['map', 'object'] }],
    returns: listType(stringType),
    call: ([value]) => keysOf(value),
  },
  length: { parameters: [unknownToo('value')], returns: numberType, call: ([value]) => length(value) },
  lookup: {
    parameters: [{ ...collection('inputMap'), kinds: ['map', 'object'] }, parameter('key', stringType)],
    rest: anything('default'),
    returns: dynamicType,
    mayGiveNull: true,
    call: ([mapping, key, ...fallbacks]) => lookup(mapping, key, fallbacks),
  },
  matchkeys: {
    parameters: [
      parameter('values', listType(dynamicType)),
      parameter('keys', listType(dynamicType)),
      parameter('searchset', listType(dynamicType)),
    ],
    returns: listType(dynamicType),
    call: ([values, keys, wanted]) => matchKeys(values, keys, wanted),
  },
  merge: {
    parameters: [],
    rest: { ...collection('maps'), mayBeNull: true },
    returns: dynamicType,
    returnsFor: (values) => {
      const [first, ...others] = values.map(typeOf)
      return first?.kind === 'map' && others.every((type) => typesEqual(type, first)) ? first : undefined
    },
    call: (values) => merge(values),
  },
  one: {
    parameters: [collection('list')],
    returns: dynamicType,
    mayGiveNull: true,
    call: ([values]) => {
      if (!isSequence(values)) return notASequence(values)
      if (values.elements.length > 1) return fail('it must have no element or one.', 0)
      return values.elements[0] ?? nullOf()
    },
  },
  range: {
    parameters: [],
    rest: parameter('params', numberType),
    returns: listType(numberType),
    call: (values) => range(values.map(jsNumber)),
  },
  reverse: {
    parameters: [collection('list')],
    returns: dynamicType,
    call: ([values]) => (isSequence(values) ? likeOf(values, [...values.elements].reverse()) : notASequence(values)),
  },
  setintersection: {
    parameters: [parameter('first_set', setType(dynamicType))],
    rest: parameter('other_sets', setType(dynamicType)),
    returns: setType(dynamicType),
    call: (sets) => combineSets(sets, (entry, others) => others.every((other) => holds(other, entry))),
  },
  setproduct: {
    parameters: [],
    rest: { ...collection('sets'), kinds: ['list', 'set', 'tuple'] },
    returns: dynamicType,
    call: (values) => setproduct(values),
  },
  setsubtract: {
    parameters: [parameter('a', setType(dynamicType)), parameter('b', setType(dynamicType))],
    returns: setType(dynamicType),
    call: (sets) => combineSets(sets, (entry, others) => !others.some((other) => holds(other, entry))),
  },
  setunion: {
    parameters: [parameter('first_set', setType(dynamicType))],
    rest: parameter('other_sets', setType(dynamicType)),
    returns: setType(dynamicType),
    call: (sets) => {
      const elements = sets.flatMap((entry) => [...elementsOf(entry)])
      const shared = unify(elements.map(typeOf))
      return shared ? set(shared, convertEach(elements, shared)) : fail('all sets must have the same element type.')
    },
  },
  slice: {
    parameters: [collection('list'), parameter('start_index', numberType), parameter('end_index', numberType)],
    returns: dynamicType,
    call: ([values, from, to]) => slice(values, jsNumber(from), jsNumber(to)),
  },
  sort: {
    parameters: [unknownToo('list', listType(stringType))],
    returns: listType(stringType),
    call: ([values]) => {
      // However they are ordered, there are as many of them.
      if (values?.kind === 'unknown') return unknownLike(values)
      const elements = elementsOf(values)
      if (elements.some((element) => element.kind === 'null')) return fail('an element of the list is null.')
      // Where an unknown element will stand, and so where all others will, is not known.
      if (!elements.every(isWhollyKnown))
        return list(
          stringType,
          elements.map(() => unknown(stringType)),
        )
      return list(
        stringType,
        [...elements].sort((a, b) => compareStrings(textOf(a), textOf(b))),
      )
    },
  },
  sum: { parameters: [parameter('list')], returns: numberType, call: ([values]) => sum(values) },
  transpose: {
    parameters: [parameter('values', mapType(listType(stringType)))],
    returns: mapType(listType(stringType)),
    call: ([values]) => transpose(values),
  },
  values: { parameters: [collection('mapping')], returns: dynamicType, call: ([value]) => valuesOf(value) },
  zipmap: {
    parameters: [parameter('keys', listType(stringType)), collection('values')],
    returns: dynamicType,
    returnsFor: ([, values]) => {
      const type = values && typeOf(values)
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
