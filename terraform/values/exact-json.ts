// JSON data with exact numbers: numbers that a JavaScript number cannot represent are raw JSON numbers.

export interface RawNumber {
  readonly rawJSON: string
}

type Reviver = (key: string, value: unknown, reading: { readonly source: string }) => unknown

// Part of ECMAScript 2025, but missing in the type definitions.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
}

export const isRawNumber = (json: unknown): json is RawNumber => isRawJSON(json)

/** A plain number if it has the same text. */
export function exactNumber(text: string): number | RawNumber {
  const number = Number(text)
  return String(number) === text ? number : rawJSON(text)
}

// Access to number sources makes parsing several times slower, and few states need it.
const mightLoseDigits = /[\s:[,]-?(?:[\d.]{16,}|[\d.]+[eE][+-]?\d+)[\s,\]}]/

/** Throws a SyntaxError. */
export function parseExactly(text: string): unknown {
  if (!mightLoseDigits.test(text)) return JSON.parse(text)
  return parse(text, (_, value, { source }) => (typeof value === 'number' ? exactNumber(source) : value))
}
