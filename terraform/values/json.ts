// Converts values to and from JSON: for `jsonencode`, `jsondecode` and attributes in the state.

import { exactNumber, isRawNumber, parseExactly } from './exact-json.ts'
import { formatNum, type Num, parseNum, zero } from './number.ts'
import { dynamicType, type Type } from './type.ts'
import { bool, list, map, nullOf, number, object, set, string, tuple, type Value } from './value.ts'

/** JSON data with exact numbers; unknown values become null. JSON has no infinity: see `hasInfinity`. */
export function valueToJson(value: Value): unknown {
  switch (value.kind) {
    case 'unknown':
    case 'null':
      return null
    case 'string':
    case 'bool':
      return value.value
    case 'number':
      // The sign of a zero is lost.
      return typeof value.value === 'number' ? value.value : exactNumber(formatNum(value.value))
    case 'list':
    case 'set':
    case 'tuple':
      return value.elements.map(valueToJson)
    case 'map':
    case 'object':
      return Object.fromEntries([...value.entries].map(([key, entry]) => [key, valueToJson(entry)]))
  }
}

/** The JSON text of `jsonencode`: no whitespace, and HTML characters escaped. */
export function encodeJson(value: Value): string {
  switch (value.kind) {
    case 'unknown':
    case 'null':
      return 'null'
    case 'string':
      return encodeText(value.value)
    case 'number':
      return formatNum(value.value)
    case 'bool':
      return String(value.value)
    case 'list':
    case 'set':
    case 'tuple':
      return `[${value.elements.map(encodeJson).join(',')}]`
    case 'map':
    case 'object':
      return `{${[...value.entries].map(([key, entry]) => `${encodeText(key)}:${encodeJson(entry)}`).join(',')}}`
  }
}

/** The error for a value with an infinity, which has no JSON text. */
export const infinityInJson = 'it contains an infinite number, which JSON cannot represent.'

const encodeText = (text: string) => escapeHtml(JSON.stringify(text))

/** Escapes HTML characters in JSON text, like Go. */
export const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Parses JSON text for `jsondecode`, with exact numbers. Throws a SyntaxError. */
export const parseJson = (text: string): Value => valueFromJson(parseExactly(text))

function numberFromJson(json: unknown): Value | undefined {
  if (typeof json === 'number') return number(Number.isSafeInteger(json) ? json : readNum(String(json)))
  return isRawNumber(json) ? number(readNum(json.rawJSON)) : undefined
}

/** The decimal value: 0.1 in JSON is one tenth, not the nearest double. */
const readNum = (text: string): Num => parseNum(text) ?? readLongNum(text)

// Exceeds the precision of every number.
const maxFractionLength = 10_000

/** Numbers beyond the limits: rounds to zero, truncates the fraction, or returns infinity. */
function readLongNum(text: string): Num {
  if (/e-/i.test(text)) return zero
  const isFraction = !/e/i.test(text) && text.slice(0, maxFractionLength).includes('.')
  const truncated = isFraction ? parseNum(text.slice(0, maxFractionLength)) : undefined
  return truncated ?? (text.startsWith('-') ? -Infinity : Infinity)
}

/** Converts JSON data to the values of `jsondecode`: tuples and objects. */
function valueFromJson(json: unknown): Value {
  if (typeof json === 'string') return string(json)
  const numeric = numberFromJson(json)
  if (numeric) return numeric
  if (typeof json === 'boolean') return bool(json)
  if (Array.isArray(json)) return tuple(json.map(valueFromJson))
  if (typeof json === 'object' && json !== null) {
    return object(Object.entries(json).map(([key, entry]) => [key, valueFromJson(entry)]))
  }
  return nullOf()
}

/** Converts JSON data by a schema's type. Mismatches become null: the provider refreshes the object anyway. */
export function valueFromTypedJson(json: unknown, type: Type): Value {
  if (json === null || json === undefined) return nullOf(type)
  switch (type.kind) {
    case 'dynamic':
      return valueFromDynamicJson(json)
    case 'string':
      return typeof json === 'string' ? string(json) : nullOf(type)
    case 'number':
      return numberFromJson(json) ?? nullOf(type)
    case 'bool':
      return typeof json === 'boolean' ? bool(json) : nullOf(type)
    case 'list':
    case 'set': {
      if (!Array.isArray(json)) return nullOf(type)
      const elements = json.map((element) => valueFromTypedJson(element, type.element))
      return type.kind === 'list' ? list(type.element, elements) : set(type.element, elements)
    }
    case 'tuple':
      return Array.isArray(json)
        ? tuple(type.elements.map((element, index) => valueFromTypedJson(json[index], element)))
        : nullOf(type)
    case 'map':
      return isRecord(json)
        ? map(
            type.element,
            Object.entries(json).map(([key, entry]) => [key, valueFromTypedJson(entry, type.element)]),
          )
        : nullOf(type)
    case 'object':
      return isRecord(json)
        ? object([...type.attributes].map(([name, attribute]) => [name, valueFromTypedJson(json[name], attribute)]))
        : nullOf(type)
  }
}

const isRecord = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** An attribute of dynamic type is stored with its type: `{"value": …, "type": …}`. */
function valueFromDynamicJson(json: unknown): Value {
  if (!isRecord(json) || !('type' in json) || !('value' in json)) return valueFromJson(json)
  const type = typeFromJson(json.type)
  return type ? valueFromTypedJson(json.value, type) : valueFromJson(json.value)
}

/** The inverse of `typeToJson`; undefined if invalid. */
function typeFromJson(json: unknown): Type | undefined {
  if (json === 'dynamic') return dynamicType
  if (json === 'string' || json === 'number' || json === 'bool') return { kind: json }
  if (!Array.isArray(json)) return undefined
  const [kind, inner] = json as unknown[]
  if (kind === 'list' || kind === 'set') return withElement(inner, (element) => ({ kind, element }))
  if (kind === 'map') return withElement(inner, (element) => ({ kind, element }))
  if (kind === 'tuple' && Array.isArray(inner)) {
    const elements = inner.map(typeFromJson)
    return elements.every((element) => element !== undefined) ? { kind, elements } : undefined
  }
  return kind === 'object' && isRecord(inner) ? objectTypeFromJson(inner) : undefined
}

function withElement(json: unknown, make: (element: Type) => Type): Type | undefined {
  const element = typeFromJson(json)
  return element && make(element)
}

function objectTypeFromJson(json: Record<string, unknown>): Type | undefined {
  const attributes = new Map<string, Type>()
  for (const [name, attribute] of Object.entries(json)) {
    const type = typeFromJson(attribute)
    if (!type) return undefined
    attributes.set(name, type)
  }
  return { kind: 'object', attributes }
}
