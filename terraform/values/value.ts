// The values of Terraform's language: immutable, each knowing whether it is unknown or null, and carrying marks
// (sensitive). Constructors keep the invariants: map and object keys are sorted, set elements are distinct and sorted.

import type {
  BoolValue,
  Content,
  ListValue,
  MapValue,
  NullValue,
  NumberValue,
  ObjectValue,
  StringValue,
  TupleValue,
  UnknownValue,
  Value,
} from './model.ts'
import { formatNum, type Num, numFromJs } from './number.ts'
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

/** A bit of `Value.marks`. */
export const sensitiveMark = 1

export type { ListValue, MapValue, ObjectValue, TupleValue, Value } from './model.ts'

export const unknown = (type: Type = dynamicType): UnknownValue => ({ kind: 'unknown', type, marks: 0 })
export const nullOf = (type: Type = dynamicType): NullValue => ({ kind: 'null', type, marks: 0 })
export const string = (value: string): StringValue => ({ kind: 'string', value, marks: 0 })
export const number = (value: Num): NumberValue => ({ kind: 'number', value, marks: 0 })
export const int = (value: number): NumberValue => number(numFromJs(value))
export const bool = (value: boolean): BoolValue => ({ kind: 'bool', value, marks: 0 })

export const list = (elementType: Type, elements: readonly Value[]): ListValue => ({
  kind: 'list',
  elementType,
  elements,
  marks: 0,
  ...sumUp(elements),
})

/** Drops duplicates and sorts, since a set has no order of its own and results must not depend on its making. */
export function set(elementType: Type, elements: readonly Value[]): ListValue {
  const distinct = new Map<string, Value>()
  for (const element of elements) distinct.set(sortKey(element), element)
  const keys = [...distinct.keys()].sort(compareStrings)
  const sorted = keys.map((key) => distinct.get(key) as Value)
  return { kind: 'set', elementType, elements: sorted, marks: 0, ...sumUp(sorted) }
}

export const tuple = (elements: readonly Value[]): TupleValue => ({
  kind: 'tuple',
  elements,
  marks: 0,
  ...sumUp(elements),
})

export function map(elementType: Type, entries: Iterable<readonly [string, Value]>): MapValue {
  const sorted = sortedEntries(entries)
  return { kind: 'map', elementType, entries: sorted, marks: 0, ...sumUp(sorted.values()) }
}

export function object(entries: Iterable<readonly [string, Value]>): ObjectValue {
  const sorted = sortedEntries(entries)
  return { kind: 'object', entries: sorted, marks: 0, ...sumUp(sorted.values()) }
}

export const objectFrom = (record: Record<string, Value>): ObjectValue => object(Object.entries(record))

function sumUp(children: Iterable<Value>): Content {
  let isKnown = true
  let innerMarks = 0
  let size = 1
  for (const child of children) {
    isKnown &&= isWhollyKnown(child)
    innerMarks |= deepMarks(child)
    size += sizeOf(child)
  }
  return { isKnown, innerMarks, size }
}

/** How many values it would take to write the value out. */
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

/** Orders by Unicode code point, as Terraform does, where `<` on JavaScript strings orders by UTF-16 unit. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return isSurrogate(x) !== isSurrogate(y) ? (isSurrogate(x) ? 1 : -1) : x - y
  }
  return a.length - b.length
}

const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff

/** A text that is equal for equal values; numbers sort by size among themselves, strings by code point. */
function sortKey(value: Value): string {
  switch (value.kind) {
    case 'string':
      return `s${value.value}`
    case 'number':
      return numberSortKey(value.value)
    case 'bool':
      return value.value ? 'b1' : 'b0'
    case 'null':
      return 'z'
    case 'unknown':
      return '~'
    case 'list':
    case 'set':
    case 'tuple':
      return `[${value.elements.map((element) => JSON.stringify(sortKey(element))).join(',')}]`
    case 'map':
    case 'object':
      return `{${[...value.entries].map(([k, v]) => JSON.stringify([k, sortKey(v)])).join(',')}}`
  }
}

function numberSortKey(value: Num): string {
  const buffer = new DataView(new ArrayBuffer(8))
  buffer.setFloat64(0, value)
  const bits = buffer.getBigUint64(0)
  const negative = bits >> 63n === 1n
  const ordered = negative ? bits ^ 0xffffffffffffffffn : bits | (1n << 63n)
  return `n${ordered.toString(16).padStart(16, '0')}`
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

/** The same value with the marks added. */
export function withMarks<V extends Value>(value: V, marks: number): V {
  return (value.marks | marks) === value.marks ? value : { ...value, marks: value.marks | marks }
}

/** The same value without any marks of its own (those of nested values stay). */
export function withoutMarks<V extends Value>(value: V): V {
  return value.marks === 0 ? value : { ...value, marks: 0 }
}

export const isSensitive = (value: Value): boolean => (value.marks & sensitiveMark) !== 0

/** The marks of the value and of everything inside it. */
export const deepMarks = (value: Value): number =>
  'innerMarks' in value ? value.marks | value.innerMarks : value.marks

/** Whether nothing inside is unknown. */
export const isWhollyKnown = (value: Value): boolean => ('isKnown' in value ? value.isKnown : value.kind !== 'unknown')

/** Equality of content; unknowns are equal to unknowns only, marks are ignored. */
export function valuesEqual(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a.kind === 'null' || b.kind === 'null') return a.kind === b.kind
  switch (a.kind) {
    case 'string':
    case 'number':
    case 'bool':
      return a.kind === b.kind && a.value === (b as StringValue | NumberValue | BoolValue).value
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
