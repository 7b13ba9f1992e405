// Cuts HCL text into tokens, one at a time and only when asked, because the parser reads the inside of strings and
// heredocs by other rules and then hands the position back.

export type Punctuation =
  | '{'
  | '}'
  | '['
  | ']'
  | '('
  | ')'
  | ','
  | '.'
  | '...'
  | ':'
  | '::'
  | '?'
  | '=>'
  | '='
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&&'
  | '||'
  | '!'
  | '~}'

export interface Token {
  /** `quote` is an opening quote only; `heredoc` the whole introducing line. */
  readonly kind: 'identifier' | 'number' | 'quote' | 'heredoc' | 'newline' | 'end' | 'invalid' | Punctuation
  readonly start: number
  readonly end: number
}

const identifierPattern = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const numberPattern = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const heredocPattern = /<<-?[\p{ID_Start}_][\p{ID_Continue}-]*\r?\n/uy
// Longest first, so that `==` is never read as two tokens.
const punctuationPattern = /\.\.\.|::|=>|==|!=|<=|>=|&&|\|\||~\}|[{}[\](),.:?=<>+\-*/%!]/y

/** The token at or after `position`, past blanks and comments. */
export function readToken(text: string, position: number): Token {
  const start = skipBlanks(text, position)
  if (start >= text.length) return { kind: 'end', start: text.length, end: text.length }
  const unit = text.charCodeAt(start)
  if (unit === 0x0a) return { kind: 'newline', start, end: start + 1 }
  if (unit === 0x22) return { kind: 'quote', start, end: start + 1 }
  const end = identifierEnd(text, start)
  if (end !== undefined) return { kind: 'identifier', start, end }
  return readSymbol(text, start)
}

/** Identifiers are nearly always plain ASCII, which is several times faster to look at without a pattern. */
function identifierEnd(text: string, start: number): number | undefined {
  if (!isAsciiStart(text.charCodeAt(start))) {
    return text.charCodeAt(start) < 0x80 ? undefined : matchEnd(identifierPattern, text, start)
  }
  let at = start + 1
  while (isAsciiPart(text.charCodeAt(at))) at++
  return text.charCodeAt(at) < 0x80 || at === text.length ? at : matchEnd(identifierPattern, text, start)
}

const isAsciiStart = (unit: number) => (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f
const isAsciiPart = (unit: number) => isAsciiStart(unit) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d

/** Single signs that begin no longer token, and so need no pattern either. */
const singleSigns: ReadonlySet<string> = new Set(['{', '}', '[', ']', '(', ')', ',', '?', '+', '*', '%'])

function readSymbol(text: string, start: number): Token {
  const sign = text[start] as string
  if (singleSigns.has(sign)) return { kind: sign as Punctuation, start, end: start + 1 }
  const numberEnd = matchEnd(numberPattern, text, start)
  if (numberEnd !== undefined) return { kind: 'number', start, end: numberEnd }
  const heredocEnd = matchEnd(heredocPattern, text, start)
  if (heredocEnd !== undefined) return { kind: 'heredoc', start, end: heredocEnd }
  const punctuationEnd = matchEnd(punctuationPattern, text, start)
  if (punctuationEnd !== undefined) {
    return { kind: text.slice(start, punctuationEnd) as Punctuation, start, end: punctuationEnd }
  }
  const width = (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1
  return { kind: 'invalid', start, end: start + width }
}

function matchEnd(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** Comments end before their newline, which stays a token. A carriage return counts as blank. */
function skipBlanks(text: string, position: number): number {
  let at = position
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === 0x20 || unit === 0x09 || unit === 0x0d || (unit === 0xfeff && at === 0)) at++
    else if (unit === 0x23 || (unit === 0x2f && text.charCodeAt(at + 1) === 0x2f)) at = endOfLine(text, at)
    else if (unit === 0x2f && text.charCodeAt(at + 1) === 0x2a) at = endOfComment(text, at)
    else return at
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function endOfComment(text: string, at: number): number {
  const end = text.indexOf('*/', at + 2)
  return end === -1 ? text.length : end + 2
}
