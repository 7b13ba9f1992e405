// Lossless JSON: numbers keep all digits of the source.

interface Reading {
  readonly source: string
}
type Reviver = (key: string, value: unknown, reading: Reading) => unknown

// ECMAScript 2025 features that TypeScript's library does not declare yet.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): boolean
}

export const parseExactly = (text: string): unknown =>
  parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value))

/** Sorts the keys of objects. */
export const writeSorted = (value: unknown): string => JSON.stringify(sorted(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
