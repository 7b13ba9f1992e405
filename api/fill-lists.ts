// Lists of nothing in the answers of Coder's server, which writes null in their place or leaves the key out.

import type { TSchema } from 'typebox'

/** What of a schema says where lists are. A list that may be null by its own declaration is a union, and stays. */
interface Shape {
  readonly type?: string
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
}

/** @returns the value with a list wherever the schema has one */
export const fillLists = (schema: TSchema, value: unknown): unknown => fill(schema as Shape, value)

function fill(shape: Shape, value: unknown): unknown {
  if (shape.type === 'array') return fillList(shape, value ?? [])
  if (!shape.properties || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = value as Readonly<Record<string, unknown>>
  const filled = Object.entries(shape.properties)
    .filter(([key, inner]) => key in given || (inner.type === 'array' && shape.required?.includes(key)))
    .map(([key, inner]) => [key, fill(inner, given[key])])
  return { ...given, ...Object.fromEntries(filled) }
}

function fillList({ items }: Shape, value: unknown): unknown {
  return Array.isArray(value) && items ? value.map((one) => fill(items, one)) : value
}
