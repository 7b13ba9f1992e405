// The parser's state: next token, newline mode, nesting limit, error recovery and diagnostics. The grammar is in the
// parse-… files.

import { type Diagnostic, errorAt, maxReportedErrors, tooManyErrors } from '../diagnostics/diagnostic.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import type { Invalid } from './ast.ts'
import { type Kind, kind, type Tokens } from './tokens.ts'
import { unsupportedTokenErrors } from './unsupported-tokens.ts'

// The maximum height of a syntax tree. It keeps recursive traversals far from a stack overflow; the deepest public
// templates stay below 40.
const maxHeight = 400

export class TokenStream {
  readonly source: Source
  readonly diagnostics: Diagnostic[] = []
  /** The kind of the next token. A line comment counts as a newline. */
  kind: Kind = kind.end
  /** Includes errors beyond the report limit. */
  errorCount = 0
  /** Set after an error that may cause further ones, which are then not reported. */
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

  /** The end of the last consumed token. */
  get previousEnd(): number {
    return this.#tokens.endOf(Math.max(0, this.#previous))
  }

  /** Moves to the first significant token at or after `from`. */
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

  /** Consumes the next token and returns its index. */
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

  /** Consumes the next token if it is of this kind. */
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

  /** The range of the next token. */
  nextRange(): Range {
    return this.rangeOf(this.#at)
  }

  range(start: number, end: number): Range {
    return { file: this.source.file, start, end }
  }

  /** The next token for messages. */
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

  /** Sets whether newlines are skipped, as inside brackets. Returns the previous setting. */
  skipNewlines(skips: boolean): boolean {
    const before = this.#skipsNewlines
    if (before !== skips) {
      this.#skipsNewlines = skips
      // The end token stays the next one.
      this.#moveTo(Math.min(this.#previous + 1, this.#tokens.count - 1))
    }
    return before
  }

  report(range: Range, summary: string, detail: string): void {
    this.#add(errorAt(range, summary, detail))
  }

  /** Reports an error unless it may be a consequence of an earlier one. */
  reportUnlessRecovering(range: Range, summary: string, detail: string): void {
    if (!this.isRecovering) this.report(range, summary, detail)
  }

  #add(diagnostic: Diagnostic): void {
    this.errorCount++
    if (this.errorCount <= maxReportedErrors) this.diagnostics.push(diagnostic)
    if (this.errorCount === maxReportedErrors) this.diagnostics.push(tooManyErrors(diagnostic, 'file'))
  }

  /** Whether the parser needs to recover from an error that followed the first `errorCount` ones. */
  hasLostSyncSince(errorCount: number): boolean {
    return this.isRecovering && this.errorCount > errorCount
  }

  invalid(range: Range): Invalid {
    return { type: 'invalid', range }
  }

  /** Enters a nesting level. Returns false after reporting that the limit is reached; call `leave` only after true. */
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

  /**
   * A chain such as `a + b + c` or `a.b.c` adds one tree level per link, without nesting in the text. Returns the argument
   * of `endChain`.
   */
  beginChain(): number {
    const outer = this.#deepest
    this.#deepest = this.#depth
    return outer
  }

  /** Adds a link. Returns false after reporting that the limit is reached. */
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
    const detail = `Expressions and blocks can be nested up to ${maxHeight} levels. Split this one into local values.`
    this.reportUnlessRecovering(this.nextRange(), 'Nested too deeply', detail)
    this.isRecovering = true
  }

  /** Skips to the matching closing token, or to the end of the text. Consumes and returns it. */
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

  /** Skips the next group in parentheses. */
  recoverAfterParentheses(): void {
    this.isRecovering = true
    for (;;) {
      const found = this.kindOf(this.advance())
      if (found === kind.openParenthesis || found === kind.end) break
    }
    this.recoverAfter(kind.closeParenthesis)
  }

  /** Skips the rest of the line, including brackets that it opens. */
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

/** The kinds of an opening bracket and its closing one are adjacent; template sequences have two opening kinds. */
const isOpening = (found: Kind, close: Kind): boolean =>
  isCloser[close] === 1 && (found === close - 1 || (close === kind.closeSequence && found === kind.openDirective))

function closeLast(open: Kind[], close: Kind): void {
  for (let last = open.pop(); last !== undefined; last = open.pop()) if (isOpening(last, close)) return
}
