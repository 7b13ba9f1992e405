// JSON whose numbers keep every digit they were written with.

interface Reading {
  readonly source: string
}
type Reviver = (key: string, value: unknown, reading: Reading) => unknown

// The types of this TypeScript's library end before these two.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

export const parseExactly = (text: string): unknown =>
  parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value))
