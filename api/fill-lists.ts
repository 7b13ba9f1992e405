// Empty lists in responses of Coder's server, which sends null for them or omits the key.

import type { TSchema } from 'typebox'

/** The parts of a schema that locate lists. A nullable list is declared as a union and stays null. */
interface Shape {
  readonly type?: string
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
}

/** @returns the value with an empty list for each absent list of the schema */
export const fillLists = (schema: TSchema, value: unknown): unknown => fill(schema as Shape, value)

function fill(shape: Shape, value: unknown): unknown {
  if (shape.type === 'array') return fillList(shape, value ?? [])
  if (!shape.properties || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const input = value as Readonly<Record<string, unknown>>
  const filled = Object.entries(shape.properties)
    .filter(([key, inner]) => key in input || (inner.type === 'array' && shape.required?.includes(key)))
    .map(([key, inner]) => [key, fill(inner, input[key])])
  return { ...input, ...Object.fromEntries(filled) }
}

function fillList({ items }: Shape, value: unknown): unknown {
  return Array.isArray(value) && items ? value.map((item) => fill(items, item)) : value
}
