// Parses what stands between quotes, in a heredoc or in a template file: text, `${…}`, `%{ if }`, `%{ for }`.
// First a flat list of pieces, then `~` and indentation are applied to their text, then directives become a tree.

import type { Expression, Template, TemplatePart } from './ast.ts'
import type { Range } from './source.ts'
import type { TokenStream } from './token-stream.ts'

type ParseExpression = (stream: TokenStream) => Expression

interface Text {
  readonly kind: 'text'
  readonly range: Range
  text: string
}
interface Interpolation {
  readonly kind: 'interpolation'
  readonly expression: Expression
}
interface Directive {
  readonly kind: 'directive'
  readonly word: 'if' | 'else' | 'endif' | 'for' | 'endfor' | 'invalid'
  readonly range: Range
  readonly expression?: Expression
  readonly keyName?: string | undefined
  readonly valueName?: string
}
type Piece = (Text | Interpolation | Directive) & { trimsBefore?: boolean; trimsAfter?: boolean }

/** The rules of the place the template stands in. */
interface Surroundings {
  /** Where the template ends if it ends at `at`, else undefined. Asked outside of interpolations only. */
  endsAt(text: string, at: number): { readonly resumeAt: number } | undefined
  readonly hasEscapes: boolean
  readonly mayHoldNewlines: boolean
}

/** At a `quote` token. */
export function parseQuotedTemplate(stream: TokenStream, parseExpression: ParseExpression): Template {
  const start = stream.token.start
  const pieces = scan(stream, stream.token.end, parseExpression, {
    endsAt: (text, at) => (text[at] === '"' ? { resumeAt: at + 1 } : undefined),
    hasEscapes: true,
    mayHoldNewlines: false,
  })
  return finish(stream, pieces.list, stream.range(start, pieces.end))
}

/** At a `heredoc` token. The closing line's newline stays, to end the argument. */
export function parseHeredoc(stream: TokenStream, parseExpression: ParseExpression): Template {
  const { start, end } = stream.token
  const [, flush, marker = ''] = /^<<(-?)(.*?)\r?\n$/.exec(stream.textOf(stream.token)) ?? []
  const pieces = scan(stream, end, parseExpression, {
    endsAt: (text, at) => closingLine(text, at, end, marker),
    hasEscapes: false,
    mayHoldNewlines: true,
  })
  return finish(stream, pieces.list, stream.range(start, pieces.end), flush !== '')
}

/** The whole source, as `templatefile` reads it. */
export function parseWholeTemplate(stream: TokenStream, parseExpression: ParseExpression): Template {
  const { text } = stream.source
  const pieces = scan(stream, 0, parseExpression, {
    endsAt: (_, at) => (at >= text.length ? { resumeAt: at } : undefined),
    hasEscapes: false,
    mayHoldNewlines: true,
  })
  return finish(stream, pieces.list, stream.range(0, text.length))
}

function closingLine(text: string, at: number, bodyStart: number, marker: string) {
  if (at !== bodyStart && text[at - 1] !== '\n') return undefined
  const newline = text.indexOf('\n', at)
  const lineEnd = newline === -1 ? text.length : newline
  return text.slice(at, lineEnd).trim() === marker ? { resumeAt: lineEnd } : undefined
}

function scan(stream: TokenStream, from: number, parseExpression: ParseExpression, rules: Surroundings) {
  const { text } = stream.source
  const list: Piece[] = []
  let at = from
  for (;;) {
    const end = rules.endsAt(text, at)
    if (end) {
      stream.resumeAt(end.resumeAt)
      return { list, end: end.resumeAt }
    }
    if (at >= text.length || (!rules.mayHoldNewlines && text[at] === '\n')) {
      if (rules.mayHoldNewlines) {
        stream.report(stream.range(at, at + 1), 'Unterminated template string', unterminatedDetail(rules))
      } else {
        stream.report(stream.range(at, at + 1), 'Invalid multi-line string', unterminatedDetail(rules))
      }
      stream.resumeAt(at)
      return { list, end: at }
    }
    if ((text[at] === '$' || text[at] === '%') && text[at + 1] === '{') {
      const piece = scanSequence(stream, at, parseExpression)
      list.push(piece)
      at = piece.end
    } else {
      const literal = scanText(stream, at, rules)
      list.push({ kind: 'text', text: literal.text, range: stream.range(at, literal.end) })
      at = literal.end
    }
  }
}

const unterminatedDetail = (rules: Surroundings) =>
  rules.mayHoldNewlines
    ? 'The closing marker of this heredoc is missing. Write it alone on a line of its own.'
    : 'The closing quote is missing on this line. Use a heredoc or \\n for text of several lines.'

// Plain text up to the next character that could mean something.
const plainText = /[^"\\$%\n]+/y

/** One run of text: to the end of its line at most, so that indentation can be taken off line by line. */
function scanText(stream: TokenStream, from: number, rules: Surroundings): { text: string; end: number } {
  const source = stream.source.text
  let text = ''
  let at = from
  while (at < source.length) {
    const character = source[at] as string
    const next = source[at + 1]
    if (character === '\n') {
      if (rules.mayHoldNewlines) return { text: `${text}\n`, end: at + 1 }
      break
    }
    if (character === '"' && !rules.mayHoldNewlines) break
    if ((character === '$' || character === '%') && next === '{') break
    if (character === next && (character === '$' || character === '%') && source[at + 2] === '{') {
      text += `${character}{`
      at += 3
    } else if (character === '\\' && rules.hasEscapes) {
      const escaped = readEscape(stream, at)
      text += escaped.text
      at = escaped.end
    } else {
      plainText.lastIndex = at
      const run = plainText.exec(source)?.[0] ?? character
      text += run
      at += run.length
    }
  }
  return { text, end: at }
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

function readEscape(stream: TokenStream, at: number): { text: string; end: number } {
  const source = stream.source.text
  const letter = source[at + 1] ?? ''
  const simple = simpleEscapes[letter]
  if (simple !== undefined) return { text: simple, end: at + 2 }
  const digits = letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  const hex = source.slice(at + 2, at + 2 + digits)
  const codePoint = Number.parseInt(hex, 16)
  if (digits > 0 && hex.length === digits && /^[\da-fA-F]+$/.test(hex) && codePoint <= 0x10ffff) {
    return { text: String.fromCodePoint(codePoint), end: at + 2 + digits }
  }
  const end = Math.min(at + 2, source.length)
  const wrongDigits = /^[\da-fA-F]*/.exec(hex)?.[0].length ?? 0
  stream.report(
    stream.range(at, end + wrongDigits),
    'Invalid escape sequence',
    'After a backslash may stand n, r, t, ", another backslash, uNNNN or UNNNNNNNN. Write \\\\ for a backslash itself.',
  )
  return { text: '', end: letter === '\n' || letter === '' ? at + 1 : end }
}

/** At `${` or `%{`. */
function scanSequence(stream: TokenStream, at: number, parseExpression: ParseExpression): Piece & { end: number } {
  const source = stream.source.text
  const isDirective = source[at] === '%'
  const trimsBefore = source[at + 2] === '~'
  let closing = { end: at + 2, trims: false }
  const piece = stream.withNewlines<Piece>(
    true,
    () => {
      stream.resumeAt(at + (trimsBefore ? 3 : 2))
      const parsed: Piece = isDirective
        ? parseDirective(stream, at, parseExpression)
        : { kind: 'interpolation', expression: parseExpression(stream) }
      closing = closeSequence(stream, at)
      return parsed
    },
    () => undefined,
  )
  const whole = piece.kind === 'directive' ? { ...piece, range: stream.range(at, closing.end) } : piece
  return { ...whole, trimsBefore, trimsAfter: closing.trims, end: closing.end }
}

function closeSequence(stream: TokenStream, start: number): { end: number; trims: boolean } {
  const { token } = stream
  if (token.kind === '}' || token.kind === '~}') return { end: token.end, trims: token.kind === '~}' }
  if (token.kind === 'end' || token.kind === 'quote') {
    const detail = 'The closing brace of this sequence is missing on its line.'
    stream.report(stream.range(start, start + 2), 'Unclosed template interpolation sequence', detail)
  } else {
    const detail = 'The expression has ended, so the closing brace is expected here.'
    stream.report(stream.rangeOf(token), 'Extra characters after interpolation expression', detail)
  }
  return { end: recoveryPoint(stream.source.text, token.start), trims: false }
}

/** Behind the next closing brace on the line, or else the end of the line. */
function recoveryPoint(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  const lineEnd = newline === -1 ? text.length : newline
  const brace = text.indexOf('}', from)
  return brace !== -1 && brace < lineEnd ? brace + 1 : lineEnd
}

function parseDirective(stream: TokenStream, start: number, parseExpression: ParseExpression): Piece {
  const word = stream.token.kind === 'identifier' ? stream.textOf(stream.token) : ''
  const range = stream.range(start, stream.token.end)
  switch (word) {
    case 'if':
      stream.advance()
      return { kind: 'directive', word, range, expression: parseExpression(stream) }
    case 'else':
    case 'endif':
    case 'endfor':
      stream.advance()
      return { kind: 'directive', word, range }
    case 'for':
      stream.advance()
      return parseForDirective(stream, range, parseExpression)
  }
  const keyword = stream.rangeOf(stream.token)
  stream.report(keyword, 'Invalid template control keyword', 'A directive begins with if, else, endif, for or endfor.')
  return { kind: 'directive', word: 'invalid', range }
}

function parseForDirective(stream: TokenStream, range: Range, parseExpression: ParseExpression): Piece {
  const first = stream.take('identifier')
  const second = stream.take(',') && stream.take('identifier')
  if (!first || !stream.isIdentifier('in')) {
    const detail = 'It is written %{ for value in list } or %{ for key, value in map }.'
    stream.report(stream.rangeOf(stream.token), "Invalid 'for' directive", detail)
    return { kind: 'directive', word: 'invalid', range }
  }
  stream.advance()
  return {
    kind: 'directive',
    word: 'for',
    range,
    keyName: second ? stream.textOf(first) : undefined,
    valueName: stream.textOf(second ?? first),
    expression: parseExpression(stream),
  }
}

/** `<<-`: takes off as many blanks as the least indented line has; blank lines don't count. */
function dedent(pieces: readonly Piece[]): void {
  const adjusted: Text[] = []
  let least = Number.POSITIVE_INFINITY
  let atLineStart = true
  for (const piece of pieces) {
    if (atLineStart) {
      const indent = piece.kind === 'text' ? indentOf(piece.text) : 0
      least = Math.min(least, indent)
      if (piece.kind === 'text' && Number.isFinite(indent)) adjusted.push(piece)
    }
    atLineStart = piece.kind === 'text' && piece.text.endsWith('\n')
  }
  for (const text of adjusted) text.text = text.text.slice(least)
}

function indentOf(line: string): number {
  const trimmed = line.trimStart()
  return trimmed === '' && line.endsWith('\n') ? Number.POSITIVE_INFINITY : line.length - trimmed.length
}

/** `~` takes off the blanks between it and the next text or sequence, newlines included. */
function trim(pieces: readonly Piece[]): void {
  pieces.forEach((piece, index) => {
    if (piece.trimsBefore) {
      const before = pieces[index - 1]
      if (before?.kind === 'text') before.text = before.text.trimEnd()
    }
    if (piece.trimsAfter) {
      const after = pieces[index + 1]
      if (after?.kind === 'text') after.text = after.text.trimStart()
    }
  })
}

function finish(stream: TokenStream, pieces: readonly Piece[], range: Range, isFlush = false): Template {
  const [first] = pieces
  const firstText = first?.kind === 'text' ? first.range : undefined
  // In this order: a line end that was trimmed away begins no line whose indentation could be taken off.
  trim(pieces)
  if (isFlush) dedent(pieces)
  const tree = new TreeBuilder(stream, pieces, endOf(stream, range))
  const parts = tree.build()
  const isWrapper = parts.length === 1 && parts[0]?.type === 'interpolation'
  return { type: 'template', parts, isWrapper, firstText, range }
}

/** The closing quote or marker, or the place behind the template. */
function endOf(stream: TokenStream, { start, end }: Range): Range {
  const { text } = stream.source
  if (text[start] === '"') return stream.range(end - 1, end)
  const marker = text.startsWith('<<', start) ? text.slice(text.lastIndexOf('\n', end - 1) + 1, end).trim() : ''
  return marker === '' ? stream.range(end, end + 1) : stream.range(end - marker.length, end)
}

/** Pairs `if` with `endif` and `for` with `endfor`. */
class TreeBuilder {
  readonly #stream: TokenStream
  readonly #pieces: readonly Piece[]
  readonly #endRange: Range
  #next = 0

  constructor(stream: TokenStream, pieces: readonly Piece[], endRange: Range) {
    this.#stream = stream
    this.#pieces = pieces
    this.#endRange = endRange
  }

  build(): TemplatePart[] {
    const parts = this.#partsUntil([])
    for (let stray = this.#peek(); stray; stray = this.#peek()) {
      this.#next++
      if (stray.kind === 'directive') {
        this.#stream.report(
          stray.range,
          `Unexpected ${stray.word} directive`,
          `There is no open block that ${stray.word} could end.`,
        )
      }
      parts.push(...this.#partsUntil([]))
    }
    return parts
  }

  #peek(): Piece | undefined {
    return this.#pieces[this.#next]
  }

  /** Parts up to a directive that this level does not open; it is left to the caller. */
  #partsUntil(ends: readonly string[]): TemplatePart[] {
    const parts: TemplatePart[] = []
    for (let piece = this.#peek(); piece; piece = this.#peek()) {
      if (piece.kind === 'directive' && piece.word !== 'if' && piece.word !== 'for') {
        if (piece.word !== 'invalid' || ends.length === 0) return parts
        this.#next++
        continue
      }
      this.#next++
      addPart(parts, piece.kind === 'directive' ? this.#block(piece) : piece)
    }
    return parts
  }

  #block(opening: Directive): TemplatePart {
    const inner = this.#stream.nested(() => (opening.word === 'if' ? this.#ifBlock(opening) : this.#forBlock(opening)))
    return inner ?? { type: 'text', text: '' }
  }

  #ifBlock(opening: Directive): TemplatePart {
    const then = this.#partsUntil(['else', 'endif'])
    const otherwise = this.#takeDirective('else') ? this.#partsUntil(['endif']) : []
    this.#expect('endif', opening)
    return { type: 'if', condition: this.#expressionOf(opening), then, otherwise }
  }

  #forBlock(opening: Directive): TemplatePart {
    const body = this.#partsUntil(['endfor'])
    this.#expect('endfor', opening)
    const { keyName, valueName = '' } = opening
    return { type: 'for', keyName, valueName, collection: this.#expressionOf(opening), body }
  }

  #expressionOf(opening: Directive): Expression {
    return opening.expression ?? this.#stream.invalid(opening.range)
  }

  #takeDirective(word: Directive['word']): boolean {
    const piece = this.#peek()
    const isNext = piece?.kind === 'directive' && piece.word === word
    if (isNext) this.#next++
    return isNext
  }

  #expect(word: Directive['word'], opening: Directive): void {
    if (this.#takeDirective(word)) return
    const found = this.#peek()
    if (found?.kind === 'directive') {
      const detail = `A %{ ${opening.word} } is open here, which %{ ${word} } ends.`
      this.#stream.report(found.range, `Unexpected ${found.word} directive`, detail)
      this.#next++
    } else {
      const detail = `The template ends, but a %{ ${opening.word} } in it is still open. It needs a %{ ${word} }.`
      this.#stream.report(this.#endRange, 'Unexpected end of template', detail)
    }
  }
}

function addPart(parts: TemplatePart[], piece: Text | Interpolation | TemplatePart): void {
  if ('type' in piece) {
    parts.push(piece)
  } else if (piece.kind === 'interpolation') {
    parts.push({ type: 'interpolation', expression: piece.expression })
  } else if (piece.text !== '') {
    const last = parts.at(-1)
    if (last?.type === 'text') parts[parts.length - 1] = { type: 'text', text: last.text + piece.text }
    else parts.push({ type: 'text', text: piece.text })
  }
}
