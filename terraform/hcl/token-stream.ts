// The parser's view of the text: the current token, the rule for newlines, the limit on nesting and the diagnostics
// found so far. The grammar itself is in the parse-… files.

import { type Diagnostic, errorAt } from '../diagnostics.ts'
import type { Invalid } from './ast.ts'
import { readToken, type Token } from './lexer.ts'
import type { Range, Source } from './source.ts'

// How high a syntax tree may grow. Trees are walked by recursion, so this keeps every walk far from the end of the
// stack; the deepest public templates stay below 40.
const maxHeight = 400

const wordsFor: Readonly<Record<string, string>> = {
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  '^': 'Use the function pow for powers.',
  '~': 'It may only stand inside the braces of a template sequence.',
}

export class TokenStream {
  readonly source: Source
  readonly diagnostics: Diagnostic[] = []
  token: Token
  #skipsNewlines = false
  #depth = 0
  #deepest = 0
  #tooDeepTold = false
  // After an error, what follows on the same line is most likely its consequence and is not told.
  #quietUntil = -1

  constructor(source: Source, position = 0) {
    this.source = source
    this.token = readToken(source.text, position)
  }

  /** Moves on and returns the token that was current. */
  advance(): Token {
    const passed = this.token
    this.resumeAt(passed.end)
    return passed
  }

  /** Continues with the first token at or after `position`. */
  resumeAt(position: number): void {
    let next = readToken(this.source.text, position)
    while (this.#skipsNewlines && next.kind === 'newline') next = readToken(this.source.text, next.end)
    this.token = next
    if (next.kind === 'invalid') this.#tellInvalid(next)
  }

  /** Inside brackets newlines mean nothing; inside a body they end things. Read the opening token in `parse`. */
  withNewlines<T>(skips: boolean, parse: () => T, close: () => void): T {
    const outer = this.#skipsNewlines
    this.#skipsNewlines = skips
    const result = parse()
    this.#skipsNewlines = outer
    close()
    return result
  }

  textOf(token: Token): string {
    return this.source.text.slice(token.start, token.end)
  }

  rangeOf(token: Token): Range {
    return this.range(token.start, token.end)
  }

  range(start: number, end: number): Range {
    return { file: this.source.file, start, end }
  }

  isIdentifier(word: string): boolean {
    return this.token.kind === 'identifier' && this.textOf(this.token) === word
  }

  at(kind: Token['kind']): boolean {
    return this.token.kind === kind
  }

  /** Takes the token when it is of this kind. */
  take(kind: Token['kind']): Token | undefined {
    return this.token.kind === kind ? this.advance() : undefined
  }

  report(range: Range, summary: string, detail: string): void {
    if (range.start < this.#quietUntil) return
    this.diagnostics.push(errorAt(range, summary, detail))
    const lineEnd = this.source.text.indexOf('\n', range.start)
    this.#quietUntil = lineEnd === -1 ? this.source.text.length + 1 : lineEnd
  }

  invalid(range: Range): Invalid {
    return { type: 'invalid', range }
  }

  /** Parses one level deeper, or tells that there are too many and returns undefined. */
  nested<T>(parse: () => T): T | undefined {
    if (this.#depth >= maxHeight) return this.#tellTooDeep()
    this.#depth++
    this.#deepest = Math.max(this.#deepest, this.#depth)
    const result = parse()
    this.#depth--
    return result
  }

  /** A chain (`a + b + c`, `a.b.c`) puts everything before each link one level deeper, although nothing is nested in
   *  the text. `parse` gets a function to call before each link; it returns false when the chain must end. */
  chain<T>(parse: (link: () => boolean) => T): T {
    const outer = this.#deepest
    this.#deepest = this.#depth
    const result = parse(() => {
      if (this.#deepest >= maxHeight) this.#tellTooDeep()
      return ++this.#deepest <= maxHeight
    })
    this.#deepest = Math.max(outer, this.#deepest)
    return result
  }

  #tellInvalid(token: Token): void {
    const sign = this.textOf(token)
    const hint = wordsFor[sign]
    if (hint) this.report(this.rangeOf(token), 'Unsupported operator', `There is no operator ${sign}. ${hint}`)
    else this.report(this.rangeOf(token), 'Invalid character', `${JSON.stringify(sign)} has no meaning here.`)
  }

  #tellTooDeep(): undefined {
    if (this.#tooDeepTold) return
    this.#tooDeepTold = true
    this.report(
      this.rangeOf(this.token),
      'Nested too deeply',
      `Expressions and blocks may be nested ${maxHeight} levels deep. Split this one into local values.`,
    )
  }

  /** Skips the rest of the line, with whatever brackets opened on it. Stops before the newline or a closing brace. */
  skipLine(): void {
    let open = 0
    while (this.token.kind !== 'end') {
      const kind = this.token.kind
      if (open === 0 && (kind === 'newline' || kind === '}')) return
      if (kind === '{' || kind === '[' || kind === '(') open++
      if ((kind === '}' || kind === ']' || kind === ')') && open > 0) open--
      if (kind === 'quote') this.#skipString()
      else this.advance()
    }
  }

  #skipString(): void {
    const { text } = this.source
    let at = this.token.end
    while (at < text.length && text[at] !== '"' && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
    this.resumeAt(text[at] === '"' ? at + 1 : at)
  }
}
