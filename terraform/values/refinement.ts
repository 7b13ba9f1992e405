// Refinements of unknown values, by Terraform's rules: enough to decide some
// conditions during planning, so that `"app-${id}" == ""` is false before the id is known.

import type { Bound, Refinement, UnknownValue, Value } from './model.ts'
import { compareNum, numsEqual } from './number.ts'
import { numberType, type Type } from './type.ts'
import { isFullyKnown, list, map, number, set, unknown, withMarks } from './value.ts'

/** Refines an unknown value; a fully determined value becomes known. Has no effect on values of
 *  unknown type and on known values. */
export function refine(value: Value, more: Refinement): Value {
  if (value.kind !== 'unknown' || value.type.kind === 'dynamic') return value
  const refined: UnknownValue = { ...value, ...more }
  return exactValue(refined) ?? refined
}

export const refineNotNull = (value: Value): Value => refine(value, { isNotNull: true })

// Limits the memory of lists with unknown elements.
const maxExactListLength = 10_000

/** The only remaining value. */
function exactValue(value: UnknownValue): Value | undefined {
  const { type, isNotNull, min, max, minLength, maxLength } = value
  if (!isNotNull) return undefined
  if (min?.isIncluded && max?.isIncluded && numsEqual(min.value, max.value)) {
    return withMarks(number(min.value), value.marks)
  }
  const hasExactLength = minLength !== undefined && minLength === maxLength && minLength <= maxExactListLength
  const collection = hasExactLength ? collectionOf(type, minLength) : undefined
  return collection && withMarks(collection, value.marks)
}

function collectionOf(type: Type, length: number): Value | undefined {
  switch (type.kind) {
    case 'list':
      return list(
        type.element,
        Array.from({ length }, () => unknown(type.element)),
      )
    case 'set':
      return length < 2 ? set(type.element, length === 0 ? [] : [unknown(type.element)]) : undefined
    case 'map':
      return length === 0 ? map(type.element, []) : undefined
    default:
      return undefined
  }
}

/** The refinement that describes any value. */
export function refinementOf(value: Value): Refinement {
  switch (value.kind) {
    case 'unknown':
      return value
    case 'null':
      return {}
    case 'string':
      return { isNotNull: true, prefix: value.value }
    case 'number': {
      const bound = { value: value.value, isIncluded: true }
      return { isNotNull: true, min: bound, max: bound }
    }
    case 'list':
    case 'set':
    case 'map':
      return { isNotNull: true, ...lengthsOf(value) }
    default:
      return { isNotNull: true }
  }
}

function lengthsOf(value: Value & { kind: 'list' | 'set' | 'map' }): Refinement {
  // Unknown elements of a set may become equal.
  if (value.kind === 'set' && value.elements.length > 1 && !isFullyKnown(value)) return {}
  const length = value.kind === 'map' ? value.entries.size : value.elements.length
  return { minLength: length, maxLength: length }
}

/** The length bounds of an unknown collection. */
export function unknownLength({ minLength = 0, maxLength }: Refinement): Value {
  return refine(unknown(numberType), {
    isNotNull: true,
    min: { value: minLength, isIncluded: true },
    ...(maxLength !== undefined && { max: { value: maxLength, isIncluded: true } }),
  })
}

/** The refinement of a value that is one of two. */
export function commonRefinement(a: Refinement, b: Refinement): Refinement {
  const [min, max] = [widerBound(a.min, b.min, -1), widerBound(a.max, b.max, 1)]
  return {
    ...(a.isNotNull && b.isNotNull && { isNotNull: true }),
    ...(min && { min }),
    ...(max && { max }),
    ...(a.minLength !== undefined && b.minLength !== undefined && { minLength: Math.min(a.minLength, b.minLength) }),
    ...(a.maxLength !== undefined && b.maxLength !== undefined && { maxLength: Math.max(a.maxLength, b.maxLength) }),
  }
}

/** The wider bound: the lower one for -1, the upper one for 1. */
function widerBound(a: Bound | undefined, b: Bound | undefined, side: -1 | 1): Bound | undefined {
  if (!a || !b) return undefined
  const order = compareNum(a.value, b.value) * side
  if (order === 0) return { value: a.value, isIncluded: a.isIncluded || b.isIncluded }
  return order > 0 ? a : b
}

/** Whether the first number is less than the second; undefined if unknown. */
export function isLess(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'number' && b.kind === 'number') return compareNum(a.value, b.value) < 0
  const [left, right] = [refinementOf(a), refinementOf(b)]
  // As in Terraform, bounds are treated as exclusive.
  if (left.max && right.min && compareNum(left.max.value, right.min.value) < 0) return true
  if (left.min && right.max && compareNum(left.min.value, right.max.value) > 0) return false
  return undefined
}

// Characters that never combine with the following character.
const neverCombines = /[-_:;/\\,.(){}[\]|?!~ \t@#$%^&*+"']/
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
// Maximum prefix length.
const maxPrefixBytes = 128

/** The stable prefix of a text: the last character may still combine with an accent. */
export function safePrefix(text: string): string {
  const bytes = Buffer.from(text).subarray(0, maxPrefixBytes)
  const start = bytes
    .toString()
    .replace(/\ufffd$/, '')
    .normalize('NFC')
  const last = [...graphemes.segment(start)].at(-1)
  if (!last) return ''
  return last.segment.length === 1 && neverCombines.test(last.segment) ? start : start.slice(0, last.index)
}
