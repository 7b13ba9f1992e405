// The value of a text token: resolves escape sequences.

import type { TokenStream } from './token-stream.ts'
import { kind } from './tokens.ts'

export function readLiteral(stream: TokenStream, token: number): string {
  const text = stream.textOf(token)
  const first = text.charCodeAt(0)
  // `$${` starts a token of its own.
  if ((first === 0x24 || first === 0x25) && text.charCodeAt(1) === first && text.charCodeAt(2) === 0x7b) {
    return text.slice(1)
  }
  if (stream.kindOf(token) !== kind.quotedText || !text.includes('\\')) return text
  return resolveEscapes(stream, text, stream.startOf(token))
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }
const escapePattern = /\\(?:u([\da-fA-F]{0,4})|U([\da-fA-F]{0,8})|(.)|$)/gsu

function resolveEscapes(stream: TokenStream, text: string, start: number): string {
  return text.replace(escapePattern, (written, short?: string, long?: string, letter?: string, ...rest: unknown[]) => {
    const at = start + (rest[0] as number)
    const report = (detail: string) =>
      stream.report(stream.range(at, at + written.length), 'Invalid escape sequence', detail)
    if (short !== undefined) return decodeCodePoint(short, 4, written, report)
    if (long !== undefined) return decodeCodePoint(long, 8, written, report)
    const meant = letter === undefined ? undefined : simpleEscapes[letter]
    if (meant !== undefined) return meant
    report(
      'A backslash must be followed by n, r, t, ", another backslash, uNNNN or UNNNNNNNN. For a literal backslash, use \\\\.',
    )
    return letter ?? ''
  })
}

function decodeCodePoint(digits: string, length: 4 | 8, written: string, report: (detail: string) => void): string {
  const codePoint = Number.parseInt(digits, 16)
  if (digits.length < length) report(`${written.slice(0, 2)} must be followed by ${length} hexadecimal digits.`)
  else if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    report(`U+${digits} is not a Unicode character.`)
  } else return String.fromCodePoint(codePoint)
  return written
}
