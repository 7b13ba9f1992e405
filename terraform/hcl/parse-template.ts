// Parses the contents of quoted strings, heredocs and template files: text, `${…}`, `%{ if }`, `%{ for }`. The first step
// yields a flat list of pieces and applies `~` and indentation to their text; the second builds a tree of the directives.

import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Expression, Template } from './ast.ts'
import { compact, TemplateNode, TextNode } from './nodes.ts'
import { parseForNames } from './parse-for.ts'
import { readLiteral } from './string-literal.ts'
import { type Directive, dedent, joinTexts, type Piece } from './template-pieces.ts'
import { buildTemplateTree } from './template-tree.ts'
import type { TokenStream } from './token-stream.ts'
import { type Kind, kind } from './tokens.ts'
import { trimEnd, trimStart } from './white-space.ts'

type ParseExpression = (stream: TokenStream) => Expression

/** Starts at an opening quote or at the first line of a heredoc. */
export function parseTemplate(stream: TokenStream, parseExpression: ParseExpression): Template {
  const open = stream.advance()
  const start = stream.startOf(open)
  const isQuoted = stream.kindOf(open) === kind.openQuote
  if (isQuoted && stream.at(kind.quotedText) && stream.kindAfterNext() === kind.closeQuote) {
    return parsePlainTemplate(stream, start)
  }
  const reader = new PieceReader(stream, isQuoted ? kind.closeQuote : kind.closeHeredoc, parseExpression)
  const close = reader.read()
  if (!isQuoted && stream.source.text.charCodeAt(start + 2) === 0x2d) dedent(reader.pieces)
  return buildTemplate(stream, reader.pieces, start, close)
}

/** Fast path: nearly all strings contain only text. */
function parsePlainTemplate(stream: TokenStream, start: number): Template {
  const token = stream.advance()
  const text = readLiteral(stream, token)
  return new TextNode(stream.source.file, start, stream.endOf(stream.advance()), text, true)
}

/** A template file. */
export function parseWholeTemplate(stream: TokenStream, parseExpression: ParseExpression): Template {
  const reader = new PieceReader(stream, kind.end, parseExpression)
  return buildTemplate(stream, reader.pieces, 0, reader.read())
}

function buildTemplate(stream: TokenStream, pieces: readonly Piece[], start: number, close: number): Template {
  const joined = joinTexts(pieces)
  const [first] = joined
  const end = stream.endOf(close)
  // The range of an empty template is the character after it.
  const behind = stream.range(end, Math.min(end + 1, stream.source.text.length))
  const firstText = first?.kind === 'text' || first?.kind === 'for' ? first.range : behind
  const parts = compact(buildTemplateTree(stream, joined, stream.rangeOf(close)))
  const isWrapper = joined.length === 1 && first?.kind === 'interpolation'
  return new TemplateNode(stream.source.file, start, end, parts, isWrapper, firstText.start, firstText.end)
}

class PieceReader {
  readonly pieces: Piece[] = []
  readonly #stream: TokenStream
  readonly #close: Kind
  readonly #parseExpression: ParseExpression
  readonly #firstRange: Range
  /** Whether the previous piece ended in `~}`. */
  #trimsNext = false

  constructor(stream: TokenStream, close: Kind, parseExpression: ParseExpression) {
    this.#stream = stream
    this.#close = close
    this.#parseExpression = parseExpression
    this.#firstRange = stream.nextRange()
  }

  /** Consumes and returns the closing token. */
  read(): number {
    const stream = this.#stream
    for (;;) {
      const token = stream.advance()
      switch (stream.kindOf(token)) {
        case this.#close:
          return token
        case kind.quotedText:
        case kind.plainText:
          this.#addText(token)
          break
        case kind.openInterpolation:
          this.#readSequence(token, () => this.#readInterpolation())
          break
        case kind.openDirective:
          this.#readSequence(token, () => this.#readDirective(token))
          break
        default:
          stream.reportUnlessRecovering(
            stream.rangeOf(token),
            'Unterminated template string',
            this.#unterminatedDetail(),
          )
          return stream.recoverAfter(this.#close)
      }
    }
  }

  #unterminatedDetail(): string {
    return this.#close === kind.closeHeredoc
      ? 'The closing marker of this heredoc is missing. It must be on a separate line.'
      : 'The closing quote is missing on this line. For multi-line strings, use a heredoc or \\n.'
  }

  #addText(token: number): void {
    const text = readLiteral(this.#stream, token)
    const range = this.#stream.rangeOf(token)
    this.pieces.push({ kind: 'text', text: this.#trimsNext ? trimStart(text) : text, range })
    this.#trimsNext = false
  }

  #readSequence(open: number, read: () => void): void {
    const stream = this.#stream
    // Only text directly before the sequence is trimmed.
    if (stream.endOf(open) - stream.startOf(open) === 3) this.#trimPrevious(open)
    this.#trimsNext = false
    const newlines = stream.skipNewlines(true)
    read()
    stream.skipNewlines(newlines)
  }

  #trimPrevious(open: number): void {
    const previous = this.pieces.at(-1)
    if (previous?.kind !== 'text' || previous.range.end !== this.#stream.startOf(open)) return
    this.pieces[this.pieces.length - 1] = { ...previous, text: trimEnd(previous.text) }
  }

  #readInterpolation(): void {
    const stream = this.#stream
    const expression = this.#parseExpression(stream)
    if (stream.at(kind.closeSequence)) this.#takeClose()
    else {
      this.#reportUnclosedSequence()
      stream.recoverAfter(kind.closeSequence)
    }
    this.pieces.push({ kind: 'interpolation', expression })
  }

  #takeClose(): void {
    const close = this.#stream.advance()
    this.#trimsNext = this.#stream.endOf(close) - this.#stream.startOf(close) === 2
  }

  #reportUnclosedSequence(): void {
    const stream = this.#stream
    const isQuote = stream.at(kind.openQuote) || stream.at(kind.closeQuote)
    if (stream.at(kind.end) || (isQuote && this.#close === kind.closeQuote)) {
      const detail = 'The closing brace of an interpolation in this string is missing.'
      stream.reportUnlessRecovering(this.#firstRange, 'Unclosed template interpolation sequence', detail)
      return
    }
    const detail = `Expected a closing brace, found ${stream.describeNext()}. For a literal \${, as in a shell script, use $\${.`
    stream.reportUnlessRecovering(stream.nextRange(), 'Extra characters after interpolation expression', detail)
  }

  #readDirective(open: number) {
    const stream = this.#stream
    const word = stream.at(kind.identifier) ? stream.source.text.slice(stream.start, stream.end) : undefined
    const directive = this.#parseDirective(word, open)
    if (!directive) {
      stream.recoverAfter(kind.closeSequence)
      return
    }
    this.pieces.push(directive)
    if (stream.at(kind.closeSequence)) return this.#takeClose()
    const detail = `Expected a closing brace, found ${stream.describeNext()}.`
    stream.reportUnlessRecovering(stream.nextRange(), `Extra characters in ${word} marker`, detail)
    stream.recoverAfter(kind.closeSequence)
  }

  /** Undefined after reporting an error. */
  #parseDirective(word: string | undefined, open: number): Directive | undefined {
    const stream = this.#stream
    if (word === undefined) {
      const detail = '%{ must be followed by if, else, endif, for or endfor.'
      stream.reportUnlessRecovering(stream.nextRange(), 'Invalid template directive', detail)
      return undefined
    }
    const wordRange = stream.nextRange()
    stream.advance()
    switch (word) {
      case 'if': {
        const condition = this.#parseExpression(stream)
        return { kind: word, condition, range: this.#rangeFrom(open) }
      }
      case 'for': {
        const names = parseForNames(stream, "Invalid 'for' directive")
        if (!names) return undefined
        const collection = this.#parseExpression(stream)
        return { kind: word, ...names, collection, range: this.#rangeFrom(open) }
      }
      case 'else':
      case 'endif':
      case 'endfor':
        return { kind: word, range: this.#rangeFrom(open) }
    }
    const detail = `Unknown directive "${word}".${didYouMean(word, ['if', 'else', 'endif', 'for', 'endfor'])}`
    stream.reportUnlessRecovering(wordRange, 'Invalid template control keyword', detail)
    return undefined
  }

  /** Up to and including the closing brace. */
  #rangeFrom(open: number): Range {
    return this.#stream.range(this.#stream.startOf(open), this.#stream.end)
  }
}
