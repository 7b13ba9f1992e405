// A JSON parser that knows the place of everything it reads. Tells what is wrong and gives up: half a JSON file means
// nothing.

import { type Diagnostic, errorAt, type Range, type Source } from '../diagnostics.ts'

export interface JsonString {
  readonly kind: 'string'
  /** Without quotes, escapes resolved. */
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

// Deeper ones would exhaust the stack of whoever walks the tree.
const maxDepth = 250

class InvalidJson extends Error {}

export class JsonReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #file: string
  readonly #text: string
  #at = 0
  #depth = 0

  constructor({ file, text }: Source) {
    this.#file = file
    this.#text = text
    if (text.startsWith('\ufeff')) this.#at = 1
  }

  report(range: Range, summary: string, detail: string): void {
    this.diagnostics.push(errorAt(range, summary, detail))
  }

  /** Undefined when the text is no JSON, which then was told. */
  read(): JsonNode | undefined {
    try {
      const node = this.#value()
      this.#blanks()
      if (this.#at < this.#text.length) this.#fail('After the value nothing more may stand.')
      return node
    } catch (error) {
      if (error instanceof InvalidJson) return undefined
      throw error
    }
  }

  #range(start: number, end = this.#at): Range {
    return { file: this.#file, start, end }
  }

  #fail(detail: string): never {
    const end = Math.min(this.#at + 1, this.#text.length)
    this.report(this.#range(Math.min(this.#at, end), end), 'Invalid JSON', detail)
    throw new InvalidJson(detail)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #blanks(): void {
    this.#match(/[ \t\r\n]*/y)
  }

  #take(sign: string): boolean {
    this.#blanks()
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }

  #value(): JsonNode {
    this.#blanks()
    const start = this.#at
    const sign = this.#text[start]
    if (sign === '{' || sign === '[') return this.#nested(sign)
    if (sign === '"') return this.#string()
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    if (number !== undefined) return { kind: 'number', text: number, range: this.#range(start) }
    const word = this.#match(/(?:true|false|null)\b/y)
    if (word === 'null') return { kind: 'null', range: this.#range(start) }
    if (word !== undefined) return { kind: 'bool', value: word === 'true', range: this.#range(start) }
    return this.#fail('A value is expected: an object, an array, a string, a number, true, false or null.')
  }

  #nested(sign: '{' | '['): JsonNode {
    if (++this.#depth > maxDepth) this.#fail(`Values are nested more than ${maxDepth} levels deep.`)
    const node = sign === '{' ? this.#object() : this.#array()
    this.#depth--
    return node
  }

  #array(): JsonNode {
    const start = this.#at++
    const elements: JsonNode[] = []
    if (!this.#take(']')) {
      do elements.push(this.#value())
      while (this.#take(','))
      if (!this.#take(']')) this.#fail('A comma or the closing bracket is expected.')
    }
    return { kind: 'array', elements, range: this.#range(start) }
  }

  #object(): JsonNode {
    const start = this.#at++
    const members: JsonMember[] = []
    if (!this.#take('}')) {
      do members.push(this.#member())
      while (this.#take(','))
      if (!this.#take('}')) this.#fail('A comma or the closing brace is expected.')
    }
    return { kind: 'object', members, range: this.#range(start) }
  }

  #member(): JsonMember {
    this.#blanks()
    if (this.#text[this.#at] !== '"') this.#fail('The name of a member is expected, in quotes.')
    const { text: name, range: nameRange } = this.#string()
    if (!this.#take(':')) this.#fail('A colon is expected after the name.')
    return { name, nameRange, value: this.#value() }
  }

  #string(): JsonString {
    const start = this.#at
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in strings
    const written = this.#match(/"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y)
    if (written === undefined) this.#fail('The string is not closed, or holds a line end or an unknown escape.')
    return { kind: 'string', text: JSON.parse(written) as string, range: this.#range(start) }
  }
}
