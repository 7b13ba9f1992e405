// Reads attributes of an object as plain JavaScript values. Null, unknown and missing attributes are undefined or empty.

import { numToJs } from './number.ts'
import { type ObjectValue, object, primitiveText, type Value } from './value.ts'

export function textField(from: ObjectValue, name: string): string | undefined {
  const value = from.entries.get(name)
  return value?.kind === 'string' ? value.value : undefined
}

export function numberField(from: ObjectValue, name: string): number | undefined {
  const value = from.entries.get(name)
  return value?.kind === 'number' ? numToJs(value.value) : undefined
}

export function boolField(from: ObjectValue, name: string): boolean | undefined {
  const value = from.entries.get(name)
  return value?.kind === 'bool' ? value.value : undefined
}

export function listField(from: ObjectValue, name: string): readonly Value[] {
  const value = from.entries.get(name)
  return value?.kind === 'list' || value?.kind === 'set' || value?.kind === 'tuple' ? value.elements : []
}

export function textsField(from: ObjectValue, name: string): string[] {
  return listField(from, name).flatMap((value) => primitiveText(value) ?? [])
}

/** Omits entries with a null or unknown value. */
export function textMapField(from: ObjectValue, name: string): Record<string, string> {
  const value = from.entries.get(name)
  if (value?.kind !== 'map' && value?.kind !== 'object') return {}
  const texts = [...value.entries].map(([key, entry]) => [key, primitiveText(entry)] as const)
  return Object.fromEntries(texts.filter((pair): pair is readonly [string, string] => pair[1] !== undefined))
}

/** The objects of nested blocks. */
export function blocksField(from: ObjectValue, name: string): readonly ObjectValue[] {
  return listField(from, name).filter((value): value is ObjectValue => value.kind === 'object')
}

/** The object with the given attributes replaced. */
export function withFields(value: ObjectValue, fields: Readonly<Record<string, Value>>): ObjectValue {
  const entries = new Map(value.entries)
  for (const name of Object.keys(fields)) entries.set(name, fields[name] as Value)
  return object(entries)
}
