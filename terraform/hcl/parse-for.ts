// The grammar of `for` expressions: `[for v in list : v]`, `{for k, v in map : k => v...}`.

import type { Expression, For, Invalid } from './ast.ts'
import type { TokenStream } from './token-stream.ts'
import { type Kind, kind } from './tokens.ts'

type ParseExpression = (stream: TokenStream) => Expression

export interface ForNames {
  readonly keyName: string | undefined
  readonly valueName: string
}

/** `k, v in`, behind the word `for`. Undefined when that is not what stands there, which then was told. */
export function parseForNames(stream: TokenStream, summary: string): ForNames | undefined {
  const report = (detail: string) => {
    stream.reportUnlessRecovering(stream.nextRange(), summary, `Found ${stream.describeNext()}. ${detail}`)
    return undefined
  }
  if (!stream.at(kind.identifier)) return report('After for stands the name that each element gets.')
  const first = stream.textOf(stream.advance())
  let second: string | undefined
  if (stream.take(kind.comma)) {
    if (!stream.at(kind.identifier)) return report('After the comma stands the name that each value gets.')
    second = stream.textOf(stream.advance())
  }
  if (!stream.isWord('in')) return report('After the names stands the word in.')
  stream.advance()
  return { keyName: second === undefined ? undefined : first, valueName: second ?? first }
}

const summary = "Invalid 'for' expression"

/** At the word `for`, with newlines skipped. `open` is the bracket before it. */
export function parseFor(stream: TokenStream, open: number, parseExpression: ParseExpression): For | Invalid {
  const isObject = stream.kindOf(open) === kind.openBrace
  const close: Kind = isObject ? kind.closeBrace : kind.closeBracket
  const start = stream.startOf(open)
  const recover = (): Invalid => stream.invalid(stream.range(start, stream.endOf(stream.recoverAfter(close))))
  stream.advance()
  const names = parseForNames(stream, summary)
  if (!names) return recover()
  let errors = stream.errorCount
  const collection = parseExpression(stream)
  if (stream.hasLostSyncSince(errors)) return recover()
  if (!stream.at(kind.colon)) {
    const detail = `Found ${stream.describeNext()} where the colon behind the collection is expected.`
    stream.reportUnlessRecovering(stream.nextRange(), summary, detail)
    return recover()
  }
  stream.advance()
  errors = stream.errorCount
  const first = parseExpression(stream)
  const second = stream.take(kind.arrow) ? parseExpression(stream) : undefined
  if (stream.hasLostSyncSince(errors)) return recover()
  const ellipsis = stream.at(kind.ellipsis) ? stream.advance() : undefined
  errors = stream.errorCount
  const condition = stream.isWord('if') && stream.advance() ? parseExpression(stream) : undefined
  if (stream.hasLostSyncSince(errors)) return recover()
  const end = stream.endOf(closeFor(stream, close))
  const parts = { first, second, ellipsis }
  reportInvalidForm(stream, isObject, parts)
  return {
    type: 'for',
    ...names,
    collection,
    key: isObject ? first : undefined,
    value: second ?? first,
    condition,
    groups: isObject && ellipsis !== undefined,
    range: stream.range(start, end),
  }
}

function closeFor(stream: TokenStream, close: Kind): number {
  if (stream.at(close)) return stream.advance()
  const detail = `Found ${stream.describeNext()} where the closing bracket is expected.`
  stream.reportUnlessRecovering(stream.nextRange(), summary, detail)
  return stream.recoverAfter(close)
}

interface Result {
  readonly first: Expression
  /** Behind the arrow. */
  readonly second: Expression | undefined
  readonly ellipsis: number | undefined
}

/** Keys belong to objects, and to them they do belong. */
function reportInvalidForm(stream: TokenStream, isObject: boolean, { first, second, ellipsis }: Result): void {
  if (isObject) {
    if (second) return
    stream.report(first.range, summary, 'In braces a key is expected, too: {for k, v in map : k => v}.')
    return
  }
  if (second) stream.report(first.range, summary, 'In brackets no key is expected: [for v in list : v].')
  if (ellipsis !== undefined) {
    stream.report(stream.rangeOf(ellipsis), summary, 'Values can be grouped with ... only by their keys, in braces.')
  }
}
