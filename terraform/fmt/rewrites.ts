// Changes tokens as `tofu fmt` does: quotes labels, replaces `"${x}"` with `x`, and removes the quotes that old Terraform
// versions required around types.

import { type Kind, kind } from '../hcl/tokens.ts'
import type { LayoutToken } from './layout.ts'

const token = (tokenKind: Kind, text: string): LayoutToken => ({ kind: tokenKind, text, spaces: 0 })

const word = (text: string) => token(kind.identifier, text)

const typeCall = (name: string, element: string): LayoutToken[] => [
  word(name),
  token(kind.openParenthesis, '('),
  word(element),
  token(kind.closeParenthesis, ')'),
]

/** By the quoted text. Old Terraform versions had only collections of strings. */
const quotedTypes: ReadonlyMap<string, () => LayoutToken[]> = new Map([
  ['string', () => [word('string')]],
  ['list', () => typeCall('list', 'string')],
  ['map', () => typeCall('map', 'string')],
])

const collections: ReadonlySet<string> = new Set(['list', 'map', 'set'])

/** Rewrites the `type` of a variable. */
export function rewriteType(tokens: readonly LayoutToken[]): readonly LayoutToken[] {
  const [first, second, third] = tokens
  if (tokens.length === 1 && first?.kind === kind.identifier && collections.has(first.text)) {
    return typeCall(first.text, 'any')
  }
  const isQuoted =
    tokens.length === 3 &&
    first?.kind === kind.openQuote &&
    second?.kind === kind.quotedText &&
    third?.kind === kind.closeQuote
  return (isQuoted && quotedTypes.get(second.text)?.()) || tokens
}

/** Rewrites the value of any other argument. */
export function rewriteValue(tokens: readonly LayoutToken[]): readonly LayoutToken[] {
  const isWrapped =
    tokens.length >= 5 &&
    tokens[0]?.kind === kind.openQuote &&
    tokens[1]?.kind === kind.openInterpolation &&
    tokens.at(-2)?.kind === kind.closeSequence &&
    tokens.at(-1)?.kind === kind.closeQuote
  if (!isWrapped) return tokens
  const inside = tokens.slice(2, -2)
  return isOneExpression(inside) ? inParentheses(withoutOuterNewlines(inside)) : tokens
}

/** Whether the string consists of one interpolation. Strings inside its expression do not count. */
function isOneExpression(inside: readonly LayoutToken[]): boolean {
  let quotes = 0
  for (const { kind: found } of inside) {
    if (found === kind.openQuote) quotes++
    else if (found === kind.closeQuote) quotes--
    else if (quotes > 0) continue
    else if (found === kind.openInterpolation || found === kind.closeSequence || found === kind.quotedText) return false
  }
  return true
}

function withoutOuterNewlines(tokens: readonly LayoutToken[]): readonly LayoutToken[] {
  const start = tokens.findIndex((token) => token.kind !== kind.newline)
  const end = tokens.findLastIndex((token) => token.kind !== kind.newline)
  return start === -1 ? [] : tokens.slice(start, end + 1)
}

/** Without the braces of the interpolation, a multi-line expression needs parentheses. */
function inParentheses(tokens: readonly LayoutToken[]): readonly LayoutToken[] {
  if (!tokens.some((token) => token.kind === kind.newline)) return tokens
  const isParenthesized = tokens[0]?.kind === kind.openParenthesis && tokens.at(-1)?.kind === kind.closeParenthesis
  if (isParenthesized) return tokens
  return [token(kind.openParenthesis, '('), ...tokens, token(kind.closeParenthesis, ')')]
}

/** The tokens of a quoted label. */
export function quotedLabel(text: string): LayoutToken[] {
  const escaped = escapeLabel(text.normalize('NFC'))
  const inside = escaped === '' ? [] : [token(kind.quotedText, escaped)]
  return [token(kind.openQuote, '"'), ...inside, token(kind.closeQuote, '"')]
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' }

const isPrintable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const escapeLabel = (text: string): string =>
  text.replace(/[$%]\{|./gsu, (piece) => {
    if (piece.length === 2 && piece[1] === '{') return `${piece[0]}${piece}`
    return escapes[piece] ?? (isPrintable.test(piece) ? piece : escapeCodePoint(piece.codePointAt(0) ?? 0))
  })

const escapeCodePoint = (codePoint: number): string =>
  codePoint < 0x10000
    ? `\\u${codePoint.toString(16).padStart(4, '0')}`
    : `\\U${codePoint.toString(16).padStart(8, '0')}`
