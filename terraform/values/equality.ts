// Implements `==` for values that may be partly unknown.

import type { ObjectType, UnknownValue, Value } from './model.ts'
import { compareNum } from './number.ts'
import { refinementOf } from './refinement.ts'
import { hasDynamic, type Type, typesEqual } from './type.ts'
import { isFullyKnown, typeOf, valuesEqual } from './value.ts'

/** Undefined if unknown. Values of different types are never equal, but nulls always are. */
export function areEqual(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'null' || b.kind === 'null') {
    const other = a.kind === 'null' ? b : a
    return other.kind === 'null' || (other.kind === 'unknown' && !other.isNotNull ? undefined : false)
  }
  if (a.kind === 'unknown' || b.kind === 'unknown') {
    if (a.kind !== 'unknown') return b.kind === 'unknown' ? compareUnknown(b, a) : undefined
    return b.kind === 'unknown' ? undefined : compareUnknown(a, b)
  }
  if (a.kind === b.kind && !('size' in a)) return valuesEqual(a, b)
  const [typeA, typeB] = [typeOf(a), typeOf(b)]
  if (hasUntypedUnknown(a) || hasUntypedUnknown(b)) {
    return conforms(typeA, typeB) || conforms(typeB, typeA) ? undefined : false
  }
  if (!typesEqual(typeA, typeB)) return false
  return isFullyKnown(a) && isFullyKnown(b) ? valuesEqual(a, b) : partsEqual(a, b)
}

/** False if the unknown value cannot become the known one, undefined if it can. */
function compareUnknown(unknown: UnknownValue, known: Value): false | undefined {
  const type = typeOf(known)
  if (!conforms(type, unknown.type)) return false
  if (!isWithin(unknown, known)) return false
  return hasDynamic(unknown.type) || typesEqual(type, unknown.type) ? undefined : false
}

function isWithin({ prefix, min, max, minLength, maxLength }: UnknownValue, known: Value): boolean {
  if (known.kind === 'string') return prefix === undefined || known.value.startsWith(prefix)
  if (known.kind === 'number') {
    const [below, above] = [min ? compareNum(known.value, min.value) : 1, max ? compareNum(max.value, known.value) : 1]
    return (
      (below > 0 || (below === 0 && min?.isIncluded === true)) &&
      (above > 0 || (above === 0 && max?.isIncluded === true))
    )
  }
  const length = refinementOf(known)
  const isTooShort = length.maxLength !== undefined && minLength !== undefined && length.maxLength < minLength
  const isTooLong = length.minLength !== undefined && maxLength !== undefined && length.minLength > maxLength
  return !isTooShort && !isTooLong
}

/** Whether a value of the type could have the other type; dynamic parts match any type. */
function conforms(type: Type, wanted: Type): boolean {
  if (wanted.kind === 'dynamic') return true
  if (type.kind !== wanted.kind) return false
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return conforms(type.element, (wanted as typeof type).element)
    case 'tuple': {
      const others = (wanted as typeof type).elements
      return (
        type.elements.length === others.length &&
        type.elements.every((element, at) => conforms(element, others[at] as Type))
      )
    }
    case 'object': {
      const others = (wanted as ObjectType).attributes
      return (
        type.attributes.size === others.size &&
        [...type.attributes].every(([name, attribute]) => {
          const other = others.get(name)
          return other !== undefined && conforms(attribute, other)
        })
      )
    }
    default:
      return true
  }
}

function hasUntypedUnknown(value: Value): boolean {
  if (isFullyKnown(value)) return false
  if (value.kind === 'unknown') return value.type.kind === 'dynamic'
  if ('elements' in value) return value.elements.some(hasUntypedUnknown)
  return 'entries' in value && [...value.entries.values()].some(hasUntypedUnknown)
}

/** Compares values of one type part by part: the first unknown or different part decides. */
function partsEqual(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'set') return undefined
  const [left, right] = [partsOf(a), partsOf(b)]
  if (left.length !== right.length) return false
  if (a.kind === 'map' && b.kind === 'map' && [...a.entries.keys()].some((key) => !b.entries.has(key))) return false
  for (const [index, part] of left.entries()) {
    const isEqual = areEqual(part, right[index] as Value)
    if (isEqual !== true) return isEqual
  }
  return true
}

function partsOf(value: Value): readonly Value[] {
  if ('elements' in value) return value.elements
  return 'entries' in value ? [...value.entries.values()] : []
}
