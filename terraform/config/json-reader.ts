// A JSON parser with source ranges. Reports errors at the same positions as HCL's parser;
// an invalid file has no value, since partial JSON is not usable.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import { JsonTokens, type TokenKind } from './json-tokens.ts'

export interface JsonString {
  readonly kind: 'string'
  /** Without quotes; escapes resolved. */
  readonly text: string
  /** With the quotes. */
  readonly range: Range
}

export interface JsonMember {
  readonly name: string
  readonly nameRange: Range
  readonly value: JsonNode
}

export type JsonNode =
  | JsonString
  | { readonly kind: 'object'; readonly members: readonly JsonMember[]; readonly range: Range }
  | { readonly kind: 'array'; readonly elements: readonly JsonNode[]; readonly range: Range }
  | { readonly kind: 'number'; readonly text: string; readonly range: Range }
  | { readonly kind: 'bool'; readonly value: boolean; readonly range: Range }
  | { readonly kind: 'null'; readonly range: Range }

// Maximum nesting depth: protects recursive callers from stack overflow.
const maxDepth = 250

/** A missing value, already reported. */
interface InvalidNode {
  readonly kind: 'invalid'
  readonly range: Range
}

export class JsonReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #tokens: JsonTokens
  #depth = 0

  constructor(source: Source) {
    this.#tokens = new JsonTokens(source)
  }

  report(range: Range, summary: string, detail: string): void {
    this.diagnostics.push(errorAt(range, summary, detail))
  }

  /** Undefined for invalid JSON, after reporting errors. */
  read(): JsonNode | undefined {
    const node = this.#readValue()
    const isRead = this.diagnostics.length === 0
    if (isRead && !this.#tokens.at('end')) {
      this.report(this.#tokens.range, 'Extraneous data after value', 'Nothing is allowed after the value.')
    }
    if (node.kind !== 'object' && node.kind !== 'array') {
      this.report(
        node.range,
        'Root value must be object',
        'JSON configuration must be an object or an array of objects.',
      )
    }
    return node.kind === 'invalid' || this.diagnostics.length > 0 ? undefined : node
  }

  #fail(range: Range, summary: string, detail: string, at = range): InvalidNode {
    this.report(range, summary, detail)
    return { kind: 'invalid', range: at }
  }

  #readValue(): JsonNode | InvalidNode {
    const { kind, range } = this.#tokens
    switch (kind) {
      case '{':
        return this.#readNested(() => this.#readObject())
      case '[':
        return this.#readNested(() => this.#readArray())
      case 'string':
        return this.#readString()
      case 'number':
        return this.#readNumber()
      case 'word':
        return this.#readWord()
      default:
        return this.#fail(range, missingValues[kind] ?? 'Invalid start of value', valueExpected)
    }
  }

  #readNested(read: () => JsonNode | InvalidNode): JsonNode | InvalidNode {
    if (this.#depth >= maxDepth) {
      const { range } = this.#tokens
      this.#tokens.skipAll()
      return this.#fail(range, 'Nested too deeply', `Values can be nested at most ${maxDepth} levels deep.`)
    }
    this.#depth++
    const node = read()
    this.#depth--
    return node
  }

  #readObject(): JsonNode | InvalidNode {
    const tokens = this.#tokens
    const open = tokens.advance()
    const members: JsonMember[] = []
    const fail = (range: Range, summary: string, detail: string) => this.#fail(range, summary, detail, open)
    while (!tokens.at('}')) {
      const key = this.#readValue()
      if (key.kind !== 'string') {
        const { range } = key
        const start = key.kind === 'object' || key.kind === 'array' ? { ...range, end: range.start + 1 } : range
        return fail(start, 'Invalid object property name', 'The name of a property must be a string.')
      }
      const separator = tokens.kind
      const colon = tokens.range
      if (separator !== ':') {
        tokens.recover('{', '}')
        const isValueMissing = separator === '}' || separator === ','
        const summary = isValueMissing ? 'Missing object value' : 'Missing property value colon'
        return fail(colon, summary, 'The name of a property must be followed by a colon and a value.')
      }
      tokens.advance()
      const value = this.#readValue()
      if (value.kind !== 'invalid') members.push({ name: key.text, nameRange: key.range, value })
      if (tokens.at(',')) {
        const comma = tokens.advance()
        if (tokens.at('}'))
          return fail(comma, 'Trailing comma in object', 'A comma is not allowed after the last property.')
      } else if (tokens.at('end')) {
        return fail(open, 'Unclosed object', 'The closing brace of this object is missing.')
      } else if (tokens.at(']')) {
        tokens.advance()
        return fail(tokens.range, 'Mismatched braces', 'Close the object with a brace instead of a bracket.')
      } else if (!tokens.at('}')) {
        tokens.recover('{', '}')
        return fail(tokens.range, missingComma, 'A comma is expected between properties.')
      }
    }
    const close = tokens.advance()
    return { kind: 'object', members, range: { ...open, end: close.end } }
  }

  #readArray(): JsonNode | InvalidNode {
    const tokens = this.#tokens
    const open = tokens.advance()
    const elements: JsonNode[] = []
    const fail = (range: Range, summary: string, detail: string) => this.#fail(range, summary, detail, open)
    while (!tokens.at(']')) {
      const element = this.#readValue()
      if (element.kind !== 'invalid') elements.push(element)
      if (tokens.at(',')) {
        const comma = tokens.advance()
        if (tokens.at(']'))
          return fail(comma, 'Trailing comma in array', 'A comma is not allowed after the last value.')
      } else if (tokens.at('end')) {
        return fail(open, 'Unclosed object', 'The closing bracket of this array is missing.')
      } else if (!tokens.at(']')) {
        const [summary, detail] = arrayProblems[tokens.kind] ?? [missingComma, 'A comma is expected between values.']
        tokens.recover('[', ']')
        return fail(tokens.range, summary, detail)
      }
    }
    const close = tokens.advance()
    return { kind: 'array', elements, range: { ...open, end: close.end } }
  }

  #readNumber(): JsonNode | InvalidNode {
    const { text } = this.#tokens
    const range = this.#tokens.advance()
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return { kind: 'number', text, range }
    return this.#fail(range, 'Invalid JSON number', 'This is not a valid number.')
  }

  #readWord(): JsonNode | InvalidNode {
    const { text } = this.#tokens
    const range = this.#tokens.advance()
    if (text === 'null') return { kind: 'null', range }
    if (text === 'true' || text === 'false') return { kind: 'bool', value: text === 'true', range }
    const detail = `JSON has no keyword "${text}".${didYouMean(text, ['true', 'false', 'null'])}`
    return this.#fail(range, 'Invalid JSON keyword', detail)
  }

  #readString(): JsonString | InvalidNode {
    const { text } = this.#tokens
    const range = this.#tokens.advance()
    const invalidAt = findInvalidCharacter(text)
    if (invalidAt === undefined) return { kind: 'string', text: JSON.parse(text) as string, range }
    const start = Math.min(range.start + invalidAt, this.#tokens.length)
    const errorRange = { ...range, start, end: Math.min(start + 1, this.#tokens.length) }
    const detail = 'The string is not closed on this line, or it contains an unknown escape sequence.'
    return this.#fail(errorRange, 'Invalid JSON string', detail, range)
  }
}

const valueExpected = 'A value is expected: an object, an array, a string, a number, true, false or null.'
// Misspelled as in HCL, whose summary it is.
const missingComma = 'Missing attribute seperator comma'

const missingValues: Partial<Record<TokenKind, string>> = {
  '}': 'Missing JSON value',
  ']': 'Missing array element value',
  end: 'Missing value',
}

const arrayProblems: Partial<Record<TokenKind, readonly [summary: string, detail: string]>> = {
  ':': ['Invalid array value', 'A colon is not allowed in an array.'],
  '}': ['Mismatched brackets', 'Close the array with a bracket instead of a brace.'],
}

/** The number of characters, including quotes, up to the error in a string; undefined for a valid string. */
function findInvalidCharacter(written: string): number | undefined {
  for (let at = 1; at < written.length; at++) {
    if (written[at] === '"') return undefined
    if (written[at] !== '\\') continue
    at++
    if (at < written.length && !'"\\/bfnrtu'.includes(written[at] as string)) return at + 1
    if (written[at] !== 'u') continue
    for (let digits = 0; digits < 4; digits++) {
      at++
      if (at < written.length && !/[\da-fA-F]/.test(written[at] as string)) return at + 1
    }
  }
  return written.length
}
