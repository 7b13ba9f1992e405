// The values of Terraform's language: immutable, each knowing whether it is unknown or null, and carrying marks
// (sensitive). Constructors maintain the invariants: map and object keys are sorted, set elements are distinct and sorted.

import type {
  BoolValue,
  Content,
  ListValue,
  MapValue,
  NullValue,
  NumberValue,
  ObjectValue,
  Refinement,
  StringValue,
  TupleValue,
  UnknownValue,
  Value,
} from './model.ts'
import { formatNum, isInfinite, type Num, numFromJs, numsEqual } from './number.ts'
import { compareStrings, orderedSetElements } from './order.ts'
import {
  boolType,
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from './type.ts'

/** Bits of `Value.marks`. */
export const sensitiveMark = 1
/** Never written into a plan or a state. */
export const ephemeralMark = 2
/** Depends on a missing module or provider: template tools report no errors about it. */
export const stubMark = 4

export type { ListValue, MapValue, ObjectValue, Refinement, TupleValue, UnknownValue, Value }
export { compareStrings }

export const unknown = (type: Type = dynamicType): UnknownValue => ({ kind: 'unknown', type, marks: 0 })
/** The value will not be null. */
export const unknownNotNull = (type: Type): UnknownValue => ({ ...unknown(type), isNotNull: true })
export const nullOf = (type: Type = dynamicType): NullValue => ({ kind: 'null', type, marks: 0 })
/** Strings are in Unicode NFC, so that strings that look equal are equal. */
export const string = (value: string): StringValue => ({
  kind: 'string',
  value: composable.test(value) ? value.normalize('NFC') : value,
  marks: 0,
})
// Lower code points never compose.
const composable = /[\u0300-\uffff]/
export const number = (value: Num): NumberValue => ({ kind: 'number', value, marks: 0 })
export const int = (value: number): NumberValue => number(numFromJs(value))
export const bool = (value: boolean): BoolValue => ({ kind: 'bool', value, marks: 0 })

export const list = (elementType: Type, elements: readonly Value[]): ListValue => ({
  kind: 'list',
  elementType,
  elements,
  marks: 0,
  ...summarize(elements),
})

/** Removes duplicates and sorts: sets are unordered, and results must be deterministic. */
export function set(elementType: Type, elements: readonly Value[]): ListValue {
  // Set membership depends on the whole element, so marks of a part apply to the whole.
  const marks = elements.reduce((all, element) => all | deepMarks(element), 0)
  const sorted = orderedSetElements(marks === 0 ? elements : elements.map(withoutAnyMarks))
  return { kind: 'set', elementType, elements: sorted, marks, ...summarize(sorted) }
}

export const tuple = (elements: readonly Value[]): TupleValue => ({
  kind: 'tuple',
  elements,
  marks: 0,
  ...summarize(elements),
})

export function map(elementType: Type, entries: Iterable<readonly [string, Value]>): MapValue {
  const sorted = sortedEntries(entries)
  return { kind: 'map', elementType, entries: sorted, marks: 0, ...summarize(sorted.values()) }
}

export function object(entries: Iterable<readonly [string, Value]>): ObjectValue {
  const sorted = sortedEntries(entries)
  return { kind: 'object', entries: sorted, marks: 0, ...summarize(sorted.values()) }
}

export const objectFrom = (record: Record<string, Value>): ObjectValue => object(Object.entries(record))

function summarize(children: Iterable<Value>): Content {
  let isKnown = true
  let innerMarks = 0
  let size = 1
  for (const child of children) {
    isKnown &&= isFullyKnown(child)
    innerMarks |= deepMarks(child)
    size += sizeOf(child)
  }
  return { isKnown, innerMarks, size }
}

/** The number of values when written out. */
export const sizeOf = (value: Value): number => ('size' in value ? value.size : 1)

function sortedEntries(entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  const sorted = [...entries]
  for (let i = 1; i < sorted.length; i++) {
    if (compareStrings((sorted[i - 1] as [string, Value])[0], (sorted[i] as [string, Value])[0]) > 0) {
      sorted.sort((a, b) => compareStrings(a[0], b[0]))
      break
    }
  }
  return new Map(sorted)
}

export function typeOf(value: Value): Type {
  switch (value.kind) {
    case 'unknown':
    case 'null':
      return value.type
    case 'string':
      return stringType
    case 'number':
      return numberType
    case 'bool':
      return boolType
    case 'list':
      return listType(value.elementType)
    case 'set':
      return setType(value.elementType)
    case 'map':
      return mapType(value.elementType)
    case 'tuple':
      return tupleType(value.elements.map(typeOf))
    case 'object':
      return objectType(new Map([...value.entries].map(([name, entry]) => [name, typeOf(entry)])))
  }
}

/** The value with the marks added. */
export function withMarks<V extends Value>(value: V, marks: number): V {
  return (value.marks | marks) === value.marks ? value : { ...value, marks: value.marks | marks }
}

/** The value without its own marks; preserves those of nested values. */
export function withoutMarks<V extends Value>(value: V): V {
  return value.marks === 0 ? value : { ...value, marks: 0 }
}

/** The value without marks, including those of nested values. */
export function withoutAnyMarks(value: Value): Value {
  if (deepMarks(value) === 0) return value
  switch (value.kind) {
    case 'list':
      return list(value.elementType, value.elements.map(withoutAnyMarks))
    case 'set':
      return withoutMarks(value)
    case 'tuple':
      return tuple(value.elements.map(withoutAnyMarks))
    case 'map':
      return map(value.elementType, unmarkedEntries(value.entries))
    case 'object':
      return object(unmarkedEntries(value.entries))
    default:
      return withoutMarks(value)
  }
}

const unmarkedEntries = (entries: ReadonlyMap<string, Value>) =>
  [...entries].map(([key, entry]) => [key, withoutAnyMarks(entry)] as const)

/** An unknown value from a missing module or provider. */
export const unknownStub = (type: Type = dynamicType): UnknownValue => ({ ...unknown(type), marks: stubMark })
/** A placeholder for a missing source may have any type. */
export const unknownIfStub = (value: Value): Value =>
  isPrimitive(value) && (value.marks & stubMark) !== 0 ? unknownStub() : value
const isPrimitive = ({ kind }: Value) => kind === 'string' || kind === 'number' || kind === 'bool'
export const isFromStub = (value: Value): boolean => (deepMarks(value) & stubMark) !== 0

export const isSensitive = (value: Value): boolean => (value.marks & sensitiveMark) !== 0

/** The marks of the value and of everything inside it. */
export const deepMarks = (value: Value): number =>
  'innerMarks' in value ? value.marks | value.innerMarks : value.marks

/** Whether the value is completely known. */
export const isFullyKnown = (value: Value): boolean => ('isKnown' in value ? value.isKnown : value.kind !== 'unknown')

/** Whether the value contains an infinity, which JSON, and so the state, cannot represent. */
export function hasInfinity(value: Value): boolean {
  if (value.kind === 'number') return isInfinite(value.value)
  if ('elements' in value) return value.elements.some(hasInfinity)
  return 'entries' in value && [...value.entries.values()].some(hasInfinity)
}

/** Compares content; unknown values equal only unknown values, marks are ignored. */
export function valuesEqual(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a.kind === 'null' || b.kind === 'null') return a.kind === b.kind
  switch (a.kind) {
    case 'number':
      return b.kind === 'number' && numsEqual(a.value, b.value)
    case 'string':
    case 'bool':
      return a.kind === b.kind && a.value === (b as StringValue | BoolValue).value
    case 'list':
    case 'set':
    case 'tuple':
      return a.kind === b.kind && elementsEqual(a.elements, (b as ListValue | TupleValue).elements)
    case 'map':
    case 'object':
      return a.kind === b.kind && entriesEqual(a.entries, (b as MapValue | ObjectValue).entries)
    default:
      return a.kind === b.kind
  }
}

const elementsEqual = (a: readonly Value[], b: readonly Value[]) =>
  a.length === b.length && a.every((element, index) => valuesEqual(element, b[index] as Value))

const entriesEqual = (a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>) =>
  a.size === b.size &&
  [...a].every(([key, value]) => {
    const other = b.get(key)
    return other !== undefined && valuesEqual(value, other)
  })

/** The text of a primitive value; undefined for null, unknown and collections. */
export function primitiveText(value: Value | undefined): string | undefined {
  switch (value?.kind) {
    case 'string':
      return value.value
    case 'number':
      return formatNum(value.value)
    case 'bool':
      return String(value.value)
    default:
      return undefined
  }
}
