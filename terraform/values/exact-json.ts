// JSON data whose numbers keep every digit: one that a JavaScript number would change stands as a raw JSON number.

export interface RawNumber {
  readonly rawJSON: string
}

type Reviver = (key: string, value: unknown, reading: { readonly source: string }) => unknown

// ECMAScript 2025 has these, and the types do not know them yet.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
}

export const isRawNumber = (json: unknown): json is RawNumber => isRawJSON(json)

/** A plain number where that is written the same. */
export function exactNumber(text: string): number | RawNumber {
  const number = Number(text)
  return String(number) === text ? number : rawJSON(text)
}

// Asking for the source of every number makes parsing several times slower, and nearly no state has one that needs it.
const mightLoseDigits = /[\s:[,]-?(?:[\d.]{16,}|[\d.]+[eE][+-]?\d+)[\s,\]}]/

/** Throws a SyntaxError. */
export function parseExactly(text: string): unknown {
  if (!mightLoseDigits.test(text)) return JSON.parse(text)
  return parse(text, (_, value, { source }) => (typeof value === 'number' ? exactNumber(source) : value))
}
