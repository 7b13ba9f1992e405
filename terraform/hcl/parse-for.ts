// The grammar of `for` expressions: `[for v in list : v]`, `{for k, v in map : k => v...}`.

import type { Expression, For, Invalid } from './ast.ts'
import type { TokenStream } from './token-stream.ts'
import { type Kind, kind } from './tokens.ts'

type ParseExpression = (stream: TokenStream) => Expression

export interface ForNames {
  readonly keyName: string | undefined
  readonly valueName: string
}

/** `k, v in`, after the keyword `for`. Undefined after reporting an error. */
export function parseForNames(stream: TokenStream, summary: string): ForNames | undefined {
  const report = (detail: string) => {
    stream.reportUnlessRecovering(stream.nextRange(), summary, `${detail}, found ${stream.describeNext()}.`)
    return undefined
  }
  if (!stream.at(kind.identifier)) return report('Expected a variable name after `for`')
  const first = stream.textOf(stream.advance())
  let second: string | undefined
  if (stream.take(kind.comma)) {
    if (!stream.at(kind.identifier)) return report('Expected a variable name after the comma')
    second = stream.textOf(stream.advance())
  }
  if (!stream.isWord('in')) return report('Expected the keyword `in` after the variable names')
  stream.advance()
  return { keyName: second === undefined ? undefined : first, valueName: second ?? first }
}

const summary = "Invalid 'for' expression"

/** Starts at the keyword `for`, with newlines skipped. `open` is the bracket before it. */
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
    const detail = `Expected a colon after the collection, found ${stream.describeNext()}.`
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
  const detail = `Expected a closing bracket, found ${stream.describeNext()}.`
  stream.reportUnlessRecovering(stream.nextRange(), summary, detail)
  return stream.recoverAfter(close)
}

interface Result {
  readonly first: Expression
  /** The expression after the arrow. */
  readonly second: Expression | undefined
  readonly ellipsis: number | undefined
}

/** An object needs a key, and a tuple must not have one. */
function reportInvalidForm(stream: TokenStream, isObject: boolean, { first, second, ellipsis }: Result): void {
  if (isObject) {
    if (second) return
    stream.report(first.range, summary, 'An object `for` expression needs a key: {for k, v in map : k => v}.')
    return
  }
  if (second) stream.report(first.range, summary, 'A tuple `for` expression must not have a key: [for v in list : v].')
  if (ellipsis !== undefined) {
    stream.report(
      stream.rangeOf(ellipsis),
      summary,
      'Grouping with `...` is only allowed in an object `for` expression, in braces.',
    )
  }
}
