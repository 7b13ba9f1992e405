// Splits JSON text into tokens, one at a time. Accepts more numbers, words and strings than
// JSON allows, so that the parser can report precise errors.

import type { Range, Source } from '../diagnostics/source.ts'

const punctuation = ['{', '}', '[', ']', ',', ':', '='] as const

export type TokenKind = (typeof punctuation)[number] | 'string' | 'number' | 'word' | 'end' | 'invalid'

const whiteSpace = /[ \t\r\n]*/y
const numberCharacters = /[-+.\d][-+.eE\d]*/y
const words = /[a-zA-Z][a-zA-Z_]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters end a string
const quoted = /"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*\\?"?/y

export class JsonTokens {
  kind: TokenKind = 'end'
  range: Range
  readonly #source: Source
  #next = 0
  /** The end of the text to scan: that of the file, or of the first invalid character. */
  #end: number

  constructor(source: Source) {
    this.#source = source
    this.#end = source.text.length
    this.range = { file: source.file, start: 0, end: 0 }
    if (source.text.startsWith('\ufeff')) this.#next = 1
    this.#scan()
  }

  at(kind: TokenKind): boolean {
    return this.kind === kind
  }

  get text(): string {
    return this.#source.text.slice(this.range.start, this.range.end)
  }

  get length(): number {
    return this.#source.text.length
  }

  /** Advances and returns the token's range. */
  advance(): Range {
    const passed = this.range
    if (this.kind !== 'end') this.#scan()
    return passed
  }

  skipAll(): void {
    this.#next = this.#end
    this.#scan()
  }

  /** Skips past the closing bracket of the innermost open bracket, like HCL's parser. */
  recover(open: TokenKind, close: TokenKind): void {
    let depth = 1
    for (;;) {
      const { kind } = this
      this.advance()
      if (kind === 'end') return
      if (kind === open) depth++
      else if (kind === close && --depth <= 1) return
    }
  }

  #scan() {
    const { text } = this.#source
    const start = Math.min(this.#match(whiteSpace, this.#next) ?? this.#next, this.#end)
    const character = text[start]
    if (character === undefined || start >= this.#end) return this.#take('end', start, start)
    const single = punctuation.find((mark) => mark === character)
    if (single) return this.#take(single, start, start + 1)
    const string = this.#match(quoted, start)
    if (string !== undefined) return this.#take('string', start, string)
    const number = this.#match(numberCharacters, start)
    if (number !== undefined) return this.#take('number', start, number)
    const word = this.#match(words, start)
    if (word !== undefined) return this.#take('word', start, word)
    this.#take('invalid', start, start + 1)
    this.#end = start + 1
  }

  #take(kind: TokenKind, start: number, end: number) {
    this.kind = kind
    this.range = { file: this.#source.file, start, end }
    this.#next = end
  }

  #match(pattern: RegExp, at: number): number | undefined {
    pattern.lastIndex = at
    return pattern.test(this.#source.text) ? pattern.lastIndex : undefined
  }
}
