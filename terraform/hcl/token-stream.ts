// The parser's view of the text: the next token, the rule for newlines, the limit on nesting, the ways to find back
// after an error, and the diagnostics found so far. The grammar itself is in the parse-… files.

import { type Diagnostic, errorAt, maxReportedErrors, tooManyErrors } from '../diagnostics/diagnostic.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import type { Invalid } from './ast.ts'
import { type Kind, kind, type Tokens } from './tokens.ts'
import { unsupportedTokenErrors } from './unsupported-tokens.ts'

// How high a syntax tree may grow. Trees are walked by recursion, so this keeps every walk far from the end of the
// stack; the deepest public templates stay below 40.
const maxHeight = 400

export class TokenStream {
  readonly source: Source
  readonly diagnostics: Diagnostic[] = []
  /** Of the next token. A comment up to the end of its line counts as a newline. */
  kind: Kind = kind.end
  /** How many errors were found, the ones that were not told for want of room included. */
  errorCount = 0
  /** After an error whose consequences can't be told from errors of their own, and which then are not told. */
  isRecovering = false
  readonly #tokens: Tokens
  /** The next token. */
  #at = 0
  #previous = -1
  #skipsNewlines = false
  #depth = 0
  #deepest = 0

  constructor(source: Source, tokens: Tokens) {
    this.source = source
    this.#tokens = tokens
    if (tokens.hasUnsupported) for (const diagnostic of unsupportedTokenErrors(tokens, source)) this.#add(diagnostic)
    this.#moveTo(0)
  }

  get start(): number {
    return this.#tokens.startOf(this.#at)
  }

  get end(): number {
    return this.#tokens.endOf(this.#at)
  }

  /** Where the token that was read last ends. */
  get previousEnd(): number {
    return this.#tokens.endOf(Math.max(0, this.#previous))
  }

  /** Finds the next token that counts, at or behind this one. */
  #moveTo(from: number): void {
    let at = from
    for (;;) {
      const found = this.#tokens.kindOf(at)
      if (found === kind.comment || (this.#skipsNewlines && (found === kind.newline || found === kind.lineComment)))
        at++
      else {
        this.#at = at
        this.kind = found === kind.lineComment ? kind.newline : found
        return
      }
    }
  }

  kindAfterNext(): Kind {
    return this.#tokens.kindOf(this.#at + 1)
  }

  /** Moves on and returns the token that was next, as a number that the methods here understand. */
  advance(): number {
    const passed = this.#at
    this.#previous = passed
    if (this.kind !== kind.end) this.#moveTo(passed + 1)
    return passed
  }

  /** Whether the next token is of this kind. */
  at(wanted: Kind): boolean {
    return this.kind === wanted
  }

  /** Takes the token when it is of this kind. */
  take(wanted: Kind): boolean {
    if (this.kind !== wanted) return false
    this.advance()
    return true
  }

  kindOf(token: number): Kind {
    return this.#tokens.kindOf(token)
  }

  startOf(token: number): number {
    return this.#tokens.startOf(token)
  }

  endOf(token: number): number {
    return this.#tokens.endOf(token)
  }

  textOf(token: number): string {
    return this.source.text.slice(this.#tokens.startOf(token), this.#tokens.endOf(token))
  }

  rangeOf(token: number): Range {
    return this.range(this.startOf(token), this.endOf(token))
  }

  /** Of the next token. */
  nextRange(): Range {
    return this.rangeOf(this.#at)
  }

  range(start: number, end: number): Range {
    return { file: this.source.file, start, end }
  }

  /** The next token as a message names it. */
  describeNext(): string {
    if (this.kind === kind.newline) return 'the end of the line'
    if (this.kind === kind.end) return 'the end of the file'
    return JSON.stringify(this.textOf(this.#at))
  }

  isWord(word: string): boolean {
    return (
      this.kind === kind.identifier &&
      this.end - this.start === word.length &&
      this.source.text.startsWith(word, this.start)
    )
  }

  /** Inside brackets newlines mean nothing; inside a body they end things. Returns the rule that held before. */
  skipNewlines(skips: boolean): boolean {
    const before = this.#skipsNewlines
    if (before !== skips) {
      this.#skipsNewlines = skips
      // At the end it stays.
      this.#moveTo(Math.min(this.#previous + 1, this.#tokens.count - 1))
    }
    return before
  }

  report(range: Range, summary: string, detail: string): void {
    this.#add(errorAt(range, summary, detail))
  }

  /** For what may well be a consequence of an earlier error. */
  reportUnlessRecovering(range: Range, summary: string, detail: string): void {
    if (!this.isRecovering) this.report(range, summary, detail)
  }

  #add(diagnostic: Diagnostic): void {
    this.errorCount++
    if (this.errorCount <= maxReportedErrors) this.diagnostics.push(diagnostic)
    if (this.errorCount === maxReportedErrors) this.diagnostics.push(tooManyErrors(diagnostic, 'file'))
  }

  /** Whether something is wrong since there were `errorCount` errors, and the parser has lost its place with it. */
  hasLostSyncSince(errorCount: number): boolean {
    return this.isRecovering && this.errorCount > errorCount
  }

  invalid(range: Range): Invalid {
    return { type: 'invalid', range }
  }

  /** One level deeper, or tells that there are too many and returns false. Each `true` is paired with `leave`. */
  enter(): boolean {
    if (this.#depth >= maxHeight) {
      this.#reportTooDeep()
      return false
    }
    this.#depth++
    if (this.#depth > this.#deepest) this.#deepest = this.#depth
    return true
  }

  leave(): void {
    this.#depth--
  }

  /** A chain (`a + b + c`, `a.b.c`) puts everything before each link one level deeper, although nothing is nested in
   *  the text. Returns what `endChain` wants back. */
  beginChain(): number {
    const outer = this.#deepest
    this.#deepest = this.#depth
    return outer
  }

  /** Before each link; false when the chain must end. */
  extendChain(): boolean {
    if (this.#deepest >= maxHeight) {
      this.#reportTooDeep()
      return false
    }
    this.#deepest++
    return true
  }

  endChain(outer: number): void {
    if (outer > this.#deepest) this.#deepest = outer
  }

  #reportTooDeep(): void {
    const detail = `Expressions and blocks may be nested ${maxHeight} levels deep. Split this one into local values.`
    this.reportUnlessRecovering(this.nextRange(), 'Nested too deeply', detail)
    this.isRecovering = true
  }

  /** Moves behind the next token of this kind that closes nothing opened on the way, or to the end of the text.
   *  Returns that token. */
  recoverAfter(close: Kind): number {
    this.isRecovering = true
    let nested = 0
    for (;;) {
      const token = this.advance()
      const found = this.kindOf(token)
      if (found === kind.end) return token
      if (isOpening(found, close)) nested++
      else if (found === close && nested-- === 0) return token
    }
  }

  /** Moves behind the next group in parentheses. */
  recoverAfterParentheses(): void {
    this.isRecovering = true
    for (;;) {
      const found = this.kindOf(this.advance())
      if (found === kind.openParenthesis || found === kind.end) break
    }
    this.recoverAfter(kind.closeParenthesis)
  }

  /** Moves behind the end of the line, brackets that were opened on it closed. */
  recoverAfterItem(): void {
    this.isRecovering = true
    const open: Kind[] = []
    for (;;) {
      const isNewline = this.kind === kind.newline
      const found = this.kindOf(this.advance())
      if (found === kind.end || (isNewline && open.length === 0)) return
      if (isOpener[found]) open.push(found)
      else if (isCloser[found]) closeLast(open, found)
    }
  }
}

const isOpener = new Uint8Array(64)
const isCloser = new Uint8Array(64)
const openers: readonly Kind[] = [
  kind.openBrace,
  kind.openBracket,
  kind.openParenthesis,
  kind.openQuote,
  kind.openHeredoc,
  kind.openInterpolation,
  kind.openDirective,
]
for (const opener of openers) isOpener[opener] = 1
const closers: readonly Kind[] = [
  kind.closeBrace,
  kind.closeBracket,
  kind.closeParenthesis,
  kind.closeQuote,
  kind.closeHeredoc,
  kind.closeSequence,
]
for (const closer of closers) isCloser[closer] = 1

/** Opening and closing brackets of one sort are neighbours; a sequence has two openers. */
const isOpening = (found: Kind, close: Kind): boolean =>
  isCloser[close] === 1 && (found === close - 1 || (close === kind.closeSequence && found === kind.openDirective))

function closeLast(open: Kind[], close: Kind): void {
  for (let last = open.pop(); last !== undefined; last = open.pop()) if (isOpening(last, close)) return
}
