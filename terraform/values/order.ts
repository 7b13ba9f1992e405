// The order of strings and set elements. Matches Terraform, because `for_each`, `join` and every list made
// of a set expose it.

import type { Value } from './model.ts'
import { compareNum, formatNum, isInfinite, isNegativeZero, type Num, numToJs } from './number.ts'

/** Compares by Unicode code point, as Terraform does; `<` on JavaScript strings compares UTF-16 code units. */
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

interface Keyed {
  readonly value: Value
  readonly key: string
}

/** The distinct elements in set order: primitives by value, others by their serialization. */
export function orderedSetElements(elements: readonly Value[]): readonly Value[] {
  if (elements.length === 0) return elements
  const distinct = new Map<string, Keyed>()
  for (const [index, value] of elements.entries()) {
    // Unknown elements may differ from all others.
    const key = value.kind === 'unknown' ? `? ${index}` : setKey(value)
    if (!distinct.has(key)) distinct.set(key, { value, key })
  }
  return [...distinct.values()].sort(compareElements).map(({ value }) => value)
}

const rankOf = ({ kind }: Value) => (kind === 'null' ? 2 : kind === 'unknown' ? 1 : 0)

function compareElements(a: Keyed, b: Keyed): number {
  const byRank = rankOf(a.value) - rankOf(b.value)
  if (byRank !== 0) return byRank
  if (a.value.kind === 'string' && b.value.kind === 'string') return compareStrings(a.value.value, b.value.value)
  if (a.value.kind === 'number' && b.value.kind === 'number') {
    // Zero and negative zero are equal, but distinct elements.
    return compareNum(a.value.value, b.value.value) || compareStrings(a.key, b.key)
  }
  if (a.value.kind === 'bool' && b.value.kind === 'bool') return Number(a.value.value) - Number(b.value.value)
  return compareStrings(a.key, b.key)
}

/** Equal for equal values. Sorts like Terraform's sets of lists, maps, tuples and objects. */
function setKey(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return '?'
    case 'null':
      return '~'
    case 'string':
      return JSON.stringify(value.value)
    case 'number':
      return `${tenDigits(value.value)}${exactTail(value.value)}`
    case 'bool':
      return value.value ? 'T' : 'F'
    case 'list':
    case 'set':
      return `[${value.elements.map((element) => `${setKey(element)};`).join('')}]`
    case 'tuple':
      return `<${value.elements.map((element) => `${setKey(element)};`).join('')}>`
    case 'map':
      return `{${[...value.entries].map(([key, entry]) => `${JSON.stringify(key)}:${setKey(entry)};`).join('')}}`
    case 'object':
      return `<${[...value.entries.values()].map((entry) => `${setKey(entry)};`).join('')}>`
  }
}

/** Terraform compares ten digits only. */
function tenDigits(value: Num): string {
  if (isInfinite(value) || isNegativeZero(value)) return formatNum(value)
  const number = numToJs(value)
  const rounded = Number(number.toPrecision(10))
  const magnitude = Math.abs(rounded)
  return magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e10) ? rounded.toExponential() : String(rounded)
}

/** Distinguishes numbers with the same first ten digits. */
const exactTail = (value: Num) =>
  typeof value === 'number' ? (Math.abs(value) < 1e10 ? '' : ` ${value}`) : ` ${value.mantissa}p${value.exponent}`
