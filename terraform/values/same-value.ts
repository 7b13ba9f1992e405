// Identity of values, and their memory size.

import { numsEqual } from './number.ts'
import { type Type, typesEqual } from './type.ts'
import { sizeOf, type Value } from './value.ts'

/** Whether the values are indistinguishable: equal content, types and marks. */
export function isSameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.marks !== b.marks) return false
  switch (a.kind) {
    case 'unknown':
      return b.kind === 'unknown' && a.isNotNull === b.isNotNull && isSameType(a.type, b.type)
    case 'null':
      return b.kind === 'null' && isSameType(a.type, b.type)
    case 'number':
      return b.kind === 'number' && numsEqual(a.value, b.value)
    case 'string':
      return b.kind === 'string' && a.value === b.value
    case 'bool':
      return b.kind === 'bool' && a.value === b.value
    case 'list':
    case 'set':
      return b.kind === a.kind && isSameType(a.elementType, b.elementType) && areSame(a.elements, b.elements)
    case 'tuple':
      return b.kind === 'tuple' && areSame(a.elements, b.elements)
    case 'map':
      return b.kind === 'map' && isSameType(a.elementType, b.elementType) && areSameEntries(a.entries, b.entries)
    case 'object':
      return b.kind === 'object' && areSameEntries(a.entries, b.entries)
  }
}

const areSame = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((element, index) => isSameValue(element, b[index] as Value))

function areSameEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (!other || !isSameValue(value, other)) return false
  }
  return true
}

/** A type with defaults is identical only to itself. */
const isSameType = (a: Type, b: Type): boolean => a === b || (typesEqual(a, b) && !hasOptional(a) && !hasOptional(b))

function hasOptional(type: Type): boolean {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return hasOptional(type.element)
    case 'tuple':
      return type.elements.some(hasOptional)
    case 'object':
      return type.optional !== undefined || [...type.attributes.values()].some(hasOptional)
    default:
      return false
  }
}

// Measured size of an object with few fields.
const valueBytes = 56
const entryBytes = 40

/** The approximate size in bytes; infinite if certainly more than `maxBytes`. */
export function estimateBytes(value: Value, maxBytes: number): number {
  if (sizeOf(value) * valueBytes > maxBytes) return Number.POSITIVE_INFINITY
  switch (value.kind) {
    case 'string':
      return valueBytes + 2 * value.value.length
    case 'list':
    case 'set':
    case 'tuple':
      return value.elements.reduce((sum, element) => sum + estimateBytes(element, maxBytes), valueBytes)
    case 'map':
    case 'object':
      return [...value.entries].reduce(
        (sum, [key, entry]) => sum + entryBytes + 2 * key.length + estimateBytes(entry, maxBytes),
        valueBytes,
      )
    default:
      return valueBytes
  }
}
