// Scans a source text into tokens. The modes for quoted strings, heredocs and template files have rules of their own; `${`
// returns to code mode. A stack holds the outer modes.

import { type Kind, kind, Tokens } from './tokens.ts'
import { trimEnd, trimStart } from './white-space.ts'

type Mode = 'code' | 'quoted' | 'heredoc' | 'template'

interface Heredoc {
  readonly marker: string
  /** The closing marker is recognized only at the start of a line. */
  isAtLineStart: boolean
}

/** The tokens of a configuration file or an expression. */
export const scanCode = (text: string): Tokens => new Scanner(text, 'code').scan()

/** The tokens of a template file, which starts in text. */
export const scanTemplate = (text: string): Tokens => new Scanner(text, 'template').scan()

const newline = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const dollar = 0x24
const percent = 0x25
const backslash = 0x5c
const openBrace = 0x7b
const tilde = 0x7e
const byteOrderMark = 0xfeff

// Classes of ASCII characters, by the token that they start.
const other = 0
const blank = 1
const word = 2
const digit = 3
const punctuation = 4
const longToken = 5

const characterClasses = new Uint8Array(128)
const isWordPart = new Uint8Array(128)
/** The kinds of single-character tokens. */
const punctuationKinds = new Uint8Array(128)

function classify(characters: string, to: number): void {
  for (const character of characters) characterClasses[character.charCodeAt(0)] = to
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'
classify(' \t', blank)
classify(letters, word)
classify('0123456789', digit)
classify('"#/.=!<>&|:~{}\r', longToken)
for (const character of `${letters}0123456789-`) isWordPart[character.charCodeAt(0)] = 1

const punctuationTokens: Readonly<Record<string, Kind>> = {
  '\n': kind.newline,
  '[': kind.openBracket,
  ']': kind.closeBracket,
  '(': kind.openParenthesis,
  ')': kind.closeParenthesis,
  ',': kind.comma,
  '?': kind.question,
  '+': kind.plus,
  '-': kind.minus,
  '*': kind.star,
  '%': kind.percent,
  '^': kind.bitwise,
  '`': kind.backtick,
  "'": kind.apostrophe,
  ';': kind.semicolon,
}
for (const [character, meaning] of Object.entries(punctuationTokens)) {
  classify(character, punctuation)
  punctuationKinds[character.charCodeAt(0)] = meaning
}

const identifierStart = /[\p{ID_Start}]/u
const identifierParts = /[\p{ID_Continue}-]*/uy

class Scanner {
  readonly #text: string
  readonly #tokens: Tokens
  #at = 0
  #mode: Mode
  readonly #outerModes: Mode[] = []
  #braces = 0
  /** The number of open braces at each open `${` and `%{`; the brace at the same count closes the sequence. */
  readonly #sequences: number[] = []
  readonly #heredocs: Heredoc[] = []

  constructor(text: string, mode: Mode) {
    this.#text = text
    this.#mode = mode
    // Only very dense texts have more than one token per three characters.
    this.#tokens = new Tokens(Math.ceil(text.length / 3) + 16)
    if (text.charCodeAt(0) === byteOrderMark) this.#at = 1
  }

  scan(): Tokens {
    const { length } = this.#text
    while (this.#at < length) this.#scanMode()
    this.#tokens.add(kind.end, length, length)
    return this.#tokens
  }

  /** Scans up to the next change of mode. */
  #scanMode() {
    switch (this.#mode) {
      case 'code':
        return this.#scanCode()
      case 'quoted':
        return this.#scanQuoted()
      case 'heredoc':
        return this.#scanHeredoc()
      case 'template':
        return this.#scanTemplate()
    }
  }

  #enter(mode: Mode): void {
    this.#outerModes.push(this.#mode)
    this.#mode = mode
  }

  #leave(): void {
    this.#mode = this.#outerModes.pop() ?? 'code'
  }

  #take(tokenKind: Kind, end: number): void {
    this.#tokens.add(tokenKind, this.#at, end)
    this.#at = end
  }

  #scanCode(): void {
    const text = this.#text
    const tokens = this.#tokens
    const { length } = text
    let at = this.#at
    while (at < length) {
      const unit = text.charCodeAt(at)
      switch (unit < 128 ? characterClasses[unit] : other) {
        case blank:
          at++
          continue
        case word: {
          const start = at++
          while (at < length && isWordPart[text.charCodeAt(at)] === 1) at++
          if (at < length && text.charCodeAt(at) >= 128) at = endOfIdentifier(text, at)
          tokens.add(kind.identifier, start, at)
          continue
        }
        case punctuation:
          tokens.add(punctuationKinds[unit] as Kind, at, ++at)
          continue
        case digit: {
          const end = endOfNumber(text, at)
          tokens.add(kind.number, at, end)
          at = end
          continue
        }
        default:
          this.#at = at
          if (this.#scanLongToken(unit)) return
          at = this.#at
      }
    }
    this.#at = at
  }

  /** Scans a token that its first character does not determine. Returns whether the mode changed. */
  #scanLongToken(unit: number): boolean {
    const text = this.#text
    const at = this.#at
    const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0
    switch (unit) {
      case quote:
        this.#take(kind.openQuote, at + 1)
        this.#enter('quoted')
        return true
      case openBrace:
        this.#take(kind.openBrace, at + 1)
        this.#braces++
        return false
      case 0x7d: // }
        return this.#scanClosingBrace(at + 1, kind.closeBrace)
      case tilde:
        if (next === 0x7d) return this.#scanClosingBrace(at + 2, kind.closeSequence)
        this.#take(kind.bitwise, at + 1)
        return false
      case 0x3c: // <
        if (next === 0x3c && this.#scanHeredocStart()) return true
        this.#takeEither(next === 0x3d, kind.lessOrEqual, kind.less)
        return false
      case 0x23: // #
        this.#takeLineComment()
        return false
      case 0x2f: // /
        this.#scanSlash(next)
        return false
      case 0x2e: // .
        if (next === 0x2e && text.charCodeAt(at + 2) === 0x2e) this.#take(kind.ellipsis, at + 3)
        else this.#take(kind.dot, at + 1)
        return false
      case 0x3d: // =
        if (next === 0x3e) this.#take(kind.arrow, at + 2)
        else this.#takeEither(next === 0x3d, kind.equal, kind.assign)
        return false
      case 0x21: // !
        this.#takeEither(next === 0x3d, kind.notEqual, kind.not)
        return false
      case 0x3e: // >
        this.#takeEither(next === 0x3d, kind.greaterOrEqual, kind.greater)
        return false
      case 0x26: // &
        this.#takeEither(next === 0x26, kind.and, kind.bitwise)
        return false
      case 0x7c: // |
        this.#takeEither(next === 0x7c, kind.or, kind.bitwise)
        return false
      case 0x3a: // :
        this.#takeEither(next === 0x3a, kind.doubleColon, kind.colon)
        return false
      case carriageReturn:
        this.#takeEither(next === newline, kind.newline, kind.invalid)
        return false
      default:
        this.#scanNonAscii(unit)
        return false
    }
  }

  #takeEither(isLong: boolean, long: Kind, short: Kind): void {
    if (isLong) this.#take(long, this.#at + 2)
    else this.#take(short, this.#at + 1)
  }

  /** The brace that closes a sequence restores the outer mode. */
  #scanClosingBrace(end: number, otherwise: Kind): boolean {
    const endsSequence = this.#sequences.at(-1) === this.#braces
    this.#take(endsSequence ? kind.closeSequence : otherwise, end)
    this.#braces--
    if (!endsSequence) return false
    this.#sequences.pop()
    this.#leave()
    return true
  }

  #takeLineComment(): void {
    const end = this.#text.indexOf('\n', this.#at)
    if (end === -1) this.#take(kind.comment, this.#text.length)
    else this.#take(kind.lineComment, end + 1)
  }

  #scanSlash(next: number) {
    if (next === 0x2f) return this.#takeLineComment()
    const end = next === 0x2a ? this.#text.indexOf('*/', this.#at + 2) : -1
    if (end === -1) this.#take(kind.slash, this.#at + 1)
    else this.#take(kind.comment, end + 2)
  }

  /** `<<EOT` or `<<-EOT`, followed by a line break. */
  #scanHeredocStart(): boolean {
    const text = this.#text
    const start = this.#at + 2 + (text.charCodeAt(this.#at + 2) === 0x2d ? 1 : 0)
    if (!startsIdentifier(text, start)) return false
    const end = endOfIdentifier(text, start)
    const lineBreak = text.charCodeAt(end) === carriageReturn ? end + 1 : end
    if (text.charCodeAt(lineBreak) !== newline) return false
    this.#take(kind.openHeredoc, lineBreak + 1)
    this.#heredocs.push({ marker: text.slice(start, end), isAtLineStart: true })
    this.#enter('heredoc')
    return true
  }

  /** Non-ASCII characters are only valid in identifiers. */
  #scanNonAscii(unit: number) {
    const text = this.#text
    if (startsIdentifier(text, this.#at)) return this.#take(kind.identifier, endOfIdentifier(text, this.#at))
    if (isLoneSurrogate(text, this.#at)) return this.#take(kind.invalidUtf8, this.#at + 1)
    this.#take(kind.invalid, this.#at + (unit >= 0xd800 && unit < 0xdc00 ? 2 : 1))
  }

  #scanQuoted() {
    const text = this.#text
    const unit = text.charCodeAt(this.#at)
    if (unit === quote) {
      this.#take(kind.closeQuote, this.#at + 1)
      return this.#leave()
    }
    if (unit === dollar || unit === percent) return this.#scanSequenceStart(kind.quotedText)
    if (unit === newline || unit === carriageReturn)
      return this.#take(kind.quotedNewline, endOfNewlines(text, this.#at))
    const end = endOfQuotedText(text, this.#at)
    if (end > this.#at) return this.#take(kind.quotedText, end)
    this.#take(isLoneSurrogate(text, this.#at) ? kind.invalidUtf8 : kind.invalid, this.#at + 1)
  }

  /** At `$` or `%`: the start of a sequence, an escaped one, or plain text. */
  #scanSequenceStart(textKind: Kind): void {
    const text = this.#text
    const at = this.#at
    const unit = text.charCodeAt(at)
    const next = text.charCodeAt(at + 1)
    if (next === openBrace) {
      const end = text.charCodeAt(at + 2) === tilde ? at + 3 : at + 2
      this.#beginSequence(unit === dollar ? kind.openInterpolation : kind.openDirective, end)
    } else if (next === unit && text.charCodeAt(at + 2) === openBrace) {
      this.#take(textKind, text.charCodeAt(at + 3) === tilde ? at + 4 : at + 3)
    } else {
      this.#take(at + 1 < text.length || this.#mode === 'template' ? textKind : kind.invalid, at + 1)
    }
  }

  #beginSequence(tokenKind: Kind, end: number): void {
    this.#take(tokenKind, end)
    this.#braces++
    this.#sequences.push(this.#braces)
    const heredoc = this.#heredocs.at(-1)
    if (heredoc) heredoc.isAtLineStart = false
    this.#enter('code')
  }

  #scanHeredoc() {
    const text = this.#text
    const heredoc = this.#heredocs.at(-1) as Heredoc
    const start = this.#at
    const unit = text.charCodeAt(start)
    if (unit === dollar || unit === percent) return this.#scanHeredocSequence(heredoc)
    const end = endOfLiteral(text, start)
    const lineBreak = endOfLineBreak(text, end)
    if (lineBreak > end) return this.#takeHeredocLine(heredoc, end, lineBreak)
    if (end > start) {
      heredoc.isAtLineStart = false
      return this.#take(kind.plainText, end)
    }
    if (isLoneSurrogate(text, start)) return this.#take(kind.invalidUtf8, start + 1)
    // After a lone carriage return, Terraform cannot scan the rest either.
    this.#take(kind.invalid, text.length)
  }

  #scanHeredocSequence(heredoc: Heredoc): void {
    const before = this.#at
    this.#scanSequenceStart(kind.plainText)
    if (this.#mode === 'heredoc') heredoc.isAtLineStart = this.#joinWithLineBreak(before)
  }

  /**
   * After `$` or `%` as text, extends the token as Terraform does: an escaped sequence with the line break, a lone `$` or `%`
   * with the last character of the line. It matters because `${~` trims only one token. Returns whether it was extended.
   */
  #joinWithLineBreak(before: number): boolean {
    const text = this.#text
    const end = this.#at > before + 1 ? endOfLineBreak(text, this.#at) : this.#at + 1
    const isJoined =
      this.#at > before + 1 ? end > this.#at : text.charCodeAt(this.#at) < 128 && endOfNewlines(text, end) > end
    if (!isJoined) return false
    this.#tokens.extendLast(end)
    this.#at = end
    return true
  }

  #takeHeredocLine(heredoc: Heredoc, end: number, lineBreak: number) {
    if (heredoc.isAtLineStart && isMarker(this.#text, this.#at, end, heredoc.marker)) {
      this.#take(kind.closeHeredoc, end)
      this.#take(kind.newline, lineBreak)
      this.#heredocs.pop()
      return this.#leave()
    }
    heredoc.isAtLineStart = true
    this.#take(kind.plainText, lineBreak)
  }

  #scanTemplate() {
    const text = this.#text
    const start = this.#at
    const unit = text.charCodeAt(start)
    if (unit === dollar || unit === percent) {
      this.#scanSequenceStart(kind.plainText)
      if (this.#mode === 'template') this.#joinWithLineBreak(start)
      return
    }
    const end = endOfLineBreak(text, endOfLiteral(text, start))
    if (end > start) return this.#take(kind.plainText, end)
    if (isLoneSurrogate(text, start)) return this.#take(kind.invalidUtf8, start + 1)
    // After a lone carriage return, Terraform finds no more sequences.
    this.#take(kind.plainText, text.length)
  }
}

function startsIdentifier(text: string, at: number): boolean {
  if (at >= text.length) return false
  const unit = text.charCodeAt(at)
  return unit < 128
    ? characterClasses[unit] === word
    : identifierStart.test(String.fromCodePoint(text.codePointAt(at) as number))
}

function endOfIdentifier(text: string, start: number): number {
  let at = start
  while (at < text.length && isWordPart[text.charCodeAt(at)] === 1) at++
  if (at === text.length || text.charCodeAt(at) < 128) return at
  identifierParts.lastIndex = at
  identifierParts.test(text)
  return identifierParts.lastIndex
}

const isDigit = (unit: number) => unit >= 0x30 && unit <= 0x39

/** Accepts digits, dots and exponents in any order, but no final dot; the parser reports invalid numbers. */
function endOfNumber(text: string, start: number): number {
  const { length } = text
  let at = start + 1
  let end = at
  while (at < length) {
    const unit = text.charCodeAt(at)
    if (isDigit(unit)) end = ++at
    else if (unit === 0x2e) at++
    else if (unit === 0x65 || unit === 0x45) {
      const afterSign = endOfSign(text, at + 1)
      if (afterSign >= length || !isDigit(text.charCodeAt(afterSign))) break
      end = at = afterSign + 1
    } else break
  }
  return end
}

function endOfSign(text: string, at: number): number {
  const unit = at < text.length ? text.charCodeAt(at) : 0
  return unit === 0x2b || unit === 0x2d ? at + 1 : at
}

function endOfNewlines(text: string, start: number): number {
  let at = start
  while (at < text.length && (text.charCodeAt(at) === newline || text.charCodeAt(at) === carriageReturn)) at++
  return at
}

/** The end of plain text in a quoted string; any escape sequence is text. */
function endOfQuotedText(text: string, start: number): number {
  const { length } = text
  let at = start
  while (at < length) {
    const unit = text.charCodeAt(at)
    if (unit === quote || unit === dollar || unit === percent || unit === newline || unit === carriageReturn) break
    if (unit === backslash) {
      const escaped = at + 1 < length ? text.charCodeAt(at + 1) : newline
      if (escaped === newline || escaped === carriageReturn || isLoneSurrogate(text, at + 1)) break
      at += escaped >= 0xd800 && escaped < 0xdc00 ? 3 : 2
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      if (isLoneSurrogate(text, at)) break
      at += 2
    } else at++
  }
  return at
}

/** The end of the line, or the next `$` or `%`. */
function endOfLiteral(text: string, start: number): number {
  const { length } = text
  let at = start
  while (at < length) {
    const unit = text.charCodeAt(at)
    if (unit === newline || unit === dollar || unit === percent || unit === carriageReturn) break
    if (unit >= 0xd800 && unit <= 0xdfff) {
      if (isLoneSurrogate(text, at)) break
      at += 2
    } else at++
  }
  return at
}

/** The offset after a line break at `at`; `at` if there is none. */
function endOfLineBreak(text: string, at: number): number {
  if (at >= text.length) return at
  const unit = text.charCodeAt(at)
  if (unit === newline) return at + 1
  return unit === carriageReturn && text.charCodeAt(at + 1) === newline ? at + 2 : at
}

function isMarker(text: string, start: number, end: number, marker: string): boolean {
  let at = start
  while (at < end && characterClasses[text.charCodeAt(at)] === blank) at++
  // Fast path: the first character differs in nearly all lines.
  const isOther = at < end && isWordPart[text.charCodeAt(at)] === 1 && !text.startsWith(marker, at)
  return !isOther && end - at >= marker.length && trimEnd(trimStart(text.slice(at, end))) === marker
}

/** Whether a lone surrogate is at `at`: an escaped byte of invalid UTF-8. */
function isLoneSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (!(unit >= 0xd800 && unit <= 0xdfff)) return false
  if (unit >= 0xdc00) return true
  const next = text.charCodeAt(at + 1)
  return !(next >= 0xdc00 && next <= 0xdfff)
}
