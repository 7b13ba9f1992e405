// JSON data with exact numbers: numbers that a JavaScript number cannot represent are raw JSON numbers. The only
// declarations of ECMAScript's raw JSON and source text access, which TypeScript's library lacks.

export interface RawNumber {
  readonly rawJSON: string
}

type Reviver = (key: string, value: unknown, context: { readonly source: string }) => unknown

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

// Access to number sources makes parsing several times slower, and few texts need it.
const mayLoseDigits = /(?:^|[\s:[,])-?(?:[\d.]{16,}|[\d.]+[eE][+-]?\d+)(?:[\s,\]}]|$)/

/** Throws a SyntaxError. */
export function parseExactly(text: string): unknown {
  if (!mayLoseDigits.test(text)) return JSON.parse(text)
  return parse(text, (_, value, { source }) => (typeof value === 'number' ? exactNumber(source) : value))
}

/** Parses every number as a raw number, which keeps its spelling. Throws a SyntaxError. */
export const parseWithRawNumbers = (text: string): unknown =>
  parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value))
