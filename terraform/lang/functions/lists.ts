// Functions on lists and other collections. Functions that only move elements preserve unknown elements and marks.

import { convert, failed, sharedElementType } from '../../values/convert.ts'
import { areEqual } from '../../values/equality.ts'
import { addNum, compareNum, type Num, zero } from '../../values/number.ts'
import { refine, unknownLength } from '../../values/refinement.ts'
import { boolType, dynamicType, listType, numberType, stringType, type Type } from '../../values/type.ts'
import { unify } from '../../values/unify.ts'
import {
  bool,
  compareStrings,
  deepMarks,
  int,
  isFullyKnown,
  list,
  nullOf,
  number,
  primitiveText,
  tuple,
  typeOf,
  type UnknownValue,
  unknown,
  type Value,
  valuesEqual,
  withMarks,
} from '../../values/value.ts'
import { anyValue, collection, type Failure, type FunctionTable, fail, type Parameter, parameter } from '../function.ts'
import {
  containsValue,
  convertEach,
  elementsOf,
  entriesOf,
  isMapping,
  isOneOf,
  isSequence,
  numberOf,
  numOf,
  sequenceRequired,
  textOf,
} from './arguments.ts'

const marksWhole = (name: string, type: Type = dynamicType): Parameter => ({
  ...collection(name, type),
  marksWhole: true,
})

const mayBeUnknown = (name: string, type: Type = dynamicType): Parameter => ({ name, type, mayBeUnknown: 'anywhere' })

/** A list if the elements share a type, otherwise a tuple. */
function listOrTuple(elements: readonly Value[]): Value {
  const shared = sharedElementType(elements)
  return shared ? list(shared, convertEach(elements, shared)) : tuple(elements)
}

/** The result has the kind of the input: list or tuple. */
const sameKind = (source: Value | undefined, elements: readonly Value[]): Value =>
  source?.kind === 'list' || source?.kind === 'set' ? list(source.elementType, elements) : tuple(elements)

function length(value: Value | undefined): Value | Failure {
  if (value?.kind === 'unknown') return lengthOfUnknown(value)
  // Unknown elements of a set may become equal.
  if (value?.kind === 'set' && value.elements.length > 1 && !isFullyKnown(value)) {
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
  const index = numberOf(position)
  if (!Number.isInteger(index)) return fail('the index must be a whole number.')
  if (count === 0) return fail('the list is empty.')
  return sequence.elements[((index % count) + count) % count] ?? nullOf()
}

function slice(sequence: Value | undefined, from: number, to: number): Value | Failure {
  if (sequence?.kind !== 'list' && sequence?.kind !== 'tuple') return fail('a list or tuple is required.', 0)
  const wrong = checkBounds(sequence.elements.length, from, to)
  return wrong ?? sameKind(sequence, sequence.elements.slice(from, to))
}

/** Undefined for an unknown bound. */
function checkBounds(count: number, from: number | undefined, to: number | undefined): Failure | undefined {
  const isOutside = (bound: number) => !Number.isInteger(bound) || bound < 0 || bound > count
  if (from !== undefined && isOutside(from)) return fail(`it must be from 0 to ${count}.`, 1)
  if (to !== undefined && isOutside(to)) return fail(`it must be from ${from ?? 0} to ${count}.`, 2)
  if (from !== undefined && to !== undefined && to < from) return fail('it must not be greater than the end.', 1)
}

function typeOfSlice([sequence, from, to]: readonly Value[]): Type | Failure | undefined {
  const bound = (value: Value | undefined) => (value?.kind === 'number' ? numberOf(value) : undefined)
  const isKnown = sequence?.kind === 'list' || sequence?.kind === 'tuple'
  const wrong = isKnown ? checkBounds(sequence.elements.length, bound(from), bound(to)) : undefined
  return wrong ?? (sequence?.kind === 'list' ? typeOf(sequence) : undefined)
}

function flatten(value: Value): readonly Value[] {
  return isSequence(value) ? value.elements.flatMap(flatten) : [value]
}

const mayBeSequence = ({ kind }: Type) => kind === 'dynamic' || kind === 'list' || kind === 'set' || kind === 'tuple'

function distinct(elements: readonly Value[]): Value[] {
  // Sets reorder elements, so new one-element sets identify the first occurrence of an element.
  const seen: Value[] = []
  const texts = new Set<string>()
  for (const element of elements) {
    // Zero and negative zero are equal.
    const text = element.kind === 'number' && element.value === 0 ? '0' : primitiveText(element)
    const key = text === undefined ? undefined : `${element.kind}:${text}`
    if (key !== undefined ? texts.has(key) : seen.some((earlier) => valuesEqual(earlier, element))) continue
    if (key !== undefined) texts.add(key)
    seen.push(element)
  }
  return seen
}

// Terraform's limit.
const maxRange = 1024

function range(args: readonly Num[]): Value | Failure {
  const [first = zero, second, third] = args
  const start = second === undefined ? zero : first
  const limit = second === undefined ? first : second
  const direction = compareNum(limit, start)
  const step = third ?? (direction < 0 ? -1 : 1)
  if (args.length === 0 || args.length > 3) return fail('one to three numbers are required.')
  if (compareNum(step, zero) === 0) return fail('the step must not be zero.')
  if (direction === 0) return list(numberType, [])
  if (direction > 0 !== compareNum(step, zero) > 0) return fail('the step must lead from the start to the limit.', 1)
  const values: Value[] = []
  for (let at = start; compareNum(limit, at) === direction; at = addNum(at, step) ?? limit) {
    if (values.length === maxRange) return fail(`the result would have more than ${maxRange} numbers.`)
    values.push(number(at))
  }
  return list(numberType, values)
}

function coalesce(values: readonly Value[], skips: (value: Value) => boolean, skippedNoun: string): Value | Failure {
  const types = values.map(typeOf)
  // With a value of unknown type, other types need not match.
  const shared = unify(types) ?? (types.some(({ kind }) => kind === 'dynamic') ? dynamicType : undefined)
  if (!shared) return fail('all arguments must have the same type.')
  for (const value of values) {
    if (value.kind === 'unknown') return unknown(shared)
    if (skips(value)) continue
    const converted = convert(value, shared)
    return failed(converted) ? fail('all arguments must have the same type.') : converted
  }
  return fail(`all arguments are null or ${skippedNoun}.`)
}

function coalesceLists(values: readonly Value[]): Value | Failure {
  if (values.length === 0) return fail('at least one list is required.')
  const firstUnknown = values.findIndex(({ kind }) => kind === 'unknown')
  const knownLists = firstUnknown === -1 ? values : values.slice(0, firstUnknown)
  if (!knownLists.every(({ kind }) => kind === 'list' || kind === 'tuple'))
    return fail('every argument must be a list or a tuple, and none may be null.')
  const found = knownLists.find((value) => elementsOf(value).length > 0)
  return found ?? (firstUnknown === -1 ? fail('all lists are empty.') : unknown())
}

const allOrAny = (deciding: boolean, elements: readonly Value[]): Value => {
  const isDeciding = (value: Value) => (primitiveText(value) === 'true') === deciding
  if (elements.some((value) => value.kind !== 'unknown' && isDeciding(value))) return bool(deciding)
  return elements.some((value) => value.kind === 'unknown') ? unknown(boolType) : bool(!deciding)
}

function chunk(sequence: Value | undefined, size: number): Value | Failure {
  if (!isSequence(sequence)) return sequenceRequired(sequence)
  if (!Number.isInteger(size) || size < 0) return fail('the size must be a whole number from 0.')
  const chunks: Value[] = []
  const step = size === 0 ? Math.max(1, sequence.elements.length) : size
  for (let at = 0; at < sequence.elements.length; at += step)
    chunks.push(sameKind(sequence, sequence.elements.slice(at, at + step)))
  return chunks.length > 0 ? listOrTuple(chunks) : list(typeOf(sequence), [])
}

function sum(sequence: Value | undefined): Value | Failure {
  if (!isSequence(sequence)) return sequenceRequired(sequence)
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
  const wrong = checkKeys(values, keys, wanted)
  if (wrong || values?.kind !== 'list') return wrong ?? sequenceRequired(values)
  const shared = unify([...elementsOf(keys), ...elementsOf(wanted)].map(typeOf)) ?? dynamicType
  // An unknown value equals no key.
  const searched = list(shared, convertEach(elementsOf(wanted).filter(isFullyKnown), shared))
  const found = convertEach(elementsOf(keys), shared).map((key) => containsValue(searched, key))
  return list(
    values.elementType,
    values.elements.filter((_, index) => found[index]),
  )
}

function checkKeys(values?: Value, keys?: Value, wanted?: Value): Failure | undefined {
  const areCounted = isSequence(values) && isSequence(keys) && wanted?.kind !== 'unknown'
  if (areCounted && values.elements.length !== keys.elements.length)
    return fail('values and keys must have the same length.')
  if (!unify([...elementsOf(keys), ...elementsOf(wanted)].map(typeOf)))
    return fail('keys and the searched set must have the same type.')
}

export const listFunctions: FunctionTable = {
  alltrue: {
    parameters: [marksWhole('list', listType(boolType))],
    returns: boolType,
    call: ([values]) => allOrAny(false, elementsOf(values)),
  },
  anytrue: {
    parameters: [marksWhole('list', listType(boolType))],
    returns: boolType,
    call: ([values]) => allOrAny(true, elementsOf(values)),
  },
  chunklist: {
    parameters: [collection('list', listType(dynamicType)), parameter('size', numberType)],
    returns: listType(listType(dynamicType)),
    call: ([values, size]) => chunk(values, numberOf(size)),
  },
  coalesce: {
    parameters: [],
    variadic: { ...anyValue('vals'), marksWhole: true },
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
    variadic: { ...anyValue('vals'), marksWhole: true },
    returns: dynamicType,
    call: coalesceLists,
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
    variadic: { ...collection('seqs'), kinds: ['list', 'tuple'] },
    returns: dynamicType,
    call: (values) => {
      if (values.length === 0) return fail('at least one list is required.')
      const wrong = values.findIndex((value) => value.kind !== 'list' && value.kind !== 'tuple')
      if (wrong !== -1) return sequenceRequired(values[wrong], wrong)
      const elements = values.flatMap((value) => [...elementsOf(value)])
      return values.every((value) => value.kind === 'list') ? listOrTuple(elements) : tuple(elements)
    },
  },
  contains: {
    parameters: [collection('list'), { ...collection('value'), marksWhole: true }],
    returns: boolType,
    call: ([sequence, value]) => contains(sequence, value),
  },
  distinct: {
    parameters: [parameter('list', listType(dynamicType))],
    returns: listType(dynamicType),
    call: ([values]) => sameKind(values, distinct(elementsOf(values))),
  },
  element: {
    parameters: [collection('list'), parameter('index', numberType)],
    returns: dynamicType,
    returnsFor: ([sequence]) =>
      isOneOf(sequence, ['list', 'tuple']) ? undefined : fail('a list or tuple is required.'),
    mayReturnNull: true,
    call: ([sequence, index]) => element(sequence, index),
  },
  flatten: {
    parameters: [collection('list')],
    returns: dynamicType,
    call: ([values]) => {
      // Terraform requires a list only if all arguments are known.
      const input = isMapping(values) && !isFullyKnown(values) ? tuple([...entriesOf(values).values()]) : values
      if (!isSequence(input)) return fail('a list, set or tuple is required.')
      const elements = flatten(input)
      // An unknown value may become a list of any length.
      return elements.some((element) => element.kind === 'unknown' && mayBeSequence(element.type))
        ? unknown()
        : tuple(elements)
    },
  },
  index: {
    parameters: [marksWhole('list'), marksWhole('value')],
    returns: numberType,
    call: ([sequence, value]) => {
      if ((sequence?.kind !== 'list' && sequence?.kind !== 'tuple') || !value)
        return fail('a list or tuple is required.')
      const position = sequence.elements.findIndex((entry) => areEqual(entry, value) !== false)
      const entry = sequence.elements[position]
      if (entry && areEqual(entry, value) === undefined) return unknown(numberType)
      return position === -1 ? fail('the value is not in the list.') : int(position)
    },
  },
  length: { parameters: [mayBeUnknown('value')], returns: numberType, call: ([value]) => length(value) },
  matchkeys: {
    parameters: [
      parameter('values', listType(dynamicType)),
      parameter('keys', listType(dynamicType)),
      marksWhole('searchset', listType(dynamicType)),
    ],
    returns: listType(dynamicType),
    returnsFor: ([values, keys, wanted]) => checkKeys(values, keys, wanted) ?? (values && typeOf(values)),
    call: ([values, keys, wanted]) => matchKeys(values, keys, wanted),
  },
  one: {
    parameters: [{ ...collection('list'), kinds: ['list', 'set', 'tuple'] }],
    returns: dynamicType,
    mayReturnNull: true,
    call: ([values]) => {
      if (!isSequence(values)) return sequenceRequired(values)
      if (values.elements.length > 1) return fail('it must have at most one element.', 0)
      return values.elements[0] ?? nullOf()
    },
  },
  range: {
    parameters: [],
    variadic: parameter('params', numberType),
    returns: listType(numberType),
    call: (values) => range(values.map(numOf)),
  },
  reverse: {
    parameters: [{ ...collection('list'), kinds: ['list', 'set', 'tuple'] }],
    returns: dynamicType,
    call: ([values]) =>
      isSequence(values) ? sameKind(values, [...values.elements].reverse()) : sequenceRequired(values),
  },
  slice: {
    parameters: [
      { ...collection('list'), kinds: ['list', 'tuple'] },
      parameter('start_index', numberType),
      parameter('end_index', numberType),
    ],
    returns: dynamicType,
    returnsFor: typeOfSlice,
    call: ([values, from, to]) => slice(values, numberOf(from), numberOf(to)),
  },
  sort: {
    parameters: [mayBeUnknown('list', listType(stringType))],
    returns: listType(stringType),
    call: ([values]) => {
      // The length does not depend on the order.
      if (values?.kind === 'unknown') return unknownLike(values)
      const elements = elementsOf(values)
      if (elements.some((element) => element.kind === 'null')) return fail('an element of the list is null.')
      // The position of an unknown element is unknown, and therefore all positions.
      if (!elements.every(isFullyKnown))
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
  sum: {
    parameters: [parameter('list')],
    returns: numberType,
    returnsFor: ([values]) => (values?.kind === 'unknown' || isSequence(values) ? undefined : sequenceRequired(values)),
    call: ([values]) => sum(values),
  },
}
