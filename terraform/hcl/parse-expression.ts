// The grammar of expressions: a recursive descent parser. After an error, it returns an `invalid` node or the part that was
// parsed, and the caller continues: after its closing bracket if the token stream lost synchronization.

import type { Range } from '../diagnostics/source.ts'
import { parseNum } from '../values/number.ts'
import { bool, nullOf, number } from '../values/value.ts'
import type { BinaryOperator, Expression, Invalid, Literal, ObjectConstructor, SplatItem } from './ast.ts'
import { AccessNode, CallNode, compact, LiteralNode, ObjectNode, TextNode, TupleNode, VariableNode } from './nodes.ts'
import { parseFor } from './parse-for.ts'
import { parseTemplate } from './parse-template.ts'
import type { TokenStream } from './token-stream.ts'
import { type Kind, kind } from './tokens.ts'

export function parseExpression(stream: TokenStream): Expression {
  if (!stream.enter()) return stream.invalid(stream.nextRange())
  const parsed = parseConditional(stream)
  stream.leave()
  return parsed
}

function parseConditional(stream: TokenStream): Expression {
  let errors = stream.errorCount
  const condition = parseBinary(stream, 0)
  if (!stream.at(kind.question) || stream.hasLostSyncSince(errors)) return condition
  stream.advance()
  errors = stream.errorCount
  const then = parseExpression(stream)
  if (stream.hasLostSyncSince(errors)) return condition
  if (!stream.at(kind.colon)) {
    const detail = 'A conditional expression needs a colon and a second result: condition ? a : b.'
    stream.report(stream.nextRange(), 'Missing false expression in conditional', detail)
    return condition
  }
  stream.advance()
  errors = stream.errorCount
  const otherwise = parseExpression(stream)
  if (stream.hasLostSyncSince(errors)) return condition
  return { type: 'conditional', condition, then, otherwise, range: spanning(condition, otherwise) }
}

const spanning = (first: Expression, last: Expression): Range => ({
  file: first.range.file,
  start: first.range.start,
  end: last.range.end,
})

interface Operator {
  readonly operator: BinaryOperator
  /** The precedence; a higher one binds more tightly. */
  readonly level: number
}

const operators = new Map<Kind, Operator>([
  [kind.or, { operator: '||', level: 1 }],
  [kind.and, { operator: '&&', level: 2 }],
  [kind.equal, { operator: '==', level: 3 }],
  [kind.notEqual, { operator: '!=', level: 3 }],
  [kind.less, { operator: '<', level: 4 }],
  [kind.lessOrEqual, { operator: '<=', level: 4 }],
  [kind.greater, { operator: '>', level: 4 }],
  [kind.greaterOrEqual, { operator: '>=', level: 4 }],
  [kind.plus, { operator: '+', level: 5 }],
  [kind.minus, { operator: '-', level: 5 }],
  [kind.star, { operator: '*', level: 6 }],
  [kind.slash, { operator: '/', level: 6 }],
  [kind.percent, { operator: '%', level: 6 }],
])

const isOperator = (found: Kind): boolean => found >= kind.or && found <= kind.percent

/** Parses operators of a higher precedence than `outerLevel`. */
function parseBinary(stream: TokenStream, outerLevel: number): Expression {
  const outer = stream.beginChain()
  const errors = stream.errorCount
  let left = parseOperand(stream)
  while (isOperator(stream.kind) && !stream.hasLostSyncSince(errors)) {
    const { operator, level } = operators.get(stream.kind) as Operator
    if (level <= outerLevel || !stream.extendChain()) break
    stream.advance()
    const right = parseBinary(stream, level)
    if (stream.hasLostSyncSince(errors)) break
    left = { type: 'binary', operator, left, right, range: spanning(left, right) }
  }
  stream.endChain(outer)
  return left
}

/** A term followed by attributes, indexes and splats. */
function parseOperand(stream: TokenStream): Expression {
  const first = parseTerm(stream)
  if (!stream.at(kind.dot) && !stream.at(kind.openBracket)) return first
  return parseSteps(stream, first)
}

function parseSteps(stream: TokenStream, first: Expression): Expression {
  const outer = stream.beginChain()
  let expression = first
  while ((stream.at(kind.dot) || stream.at(kind.openBracket)) && stream.extendChain()) {
    expression = stream.at(kind.dot) ? parseDotStep(stream, expression) : parseBracketStep(stream, expression)
  }
  stream.endChain(outer)
  return expression
}

function parseDotStep(stream: TokenStream, object: Expression): Expression {
  const dot = stream.startOf(stream.advance())
  switch (stream.kind) {
    case kind.identifier:
      return attributeOf(stream, object, dot)
    case kind.number:
      return legacyIndexOf(stream, object, dot)
    case kind.star:
      return parseAttributeSplat(stream, object, dot)
    default: {
      const detail = 'A dot must be followed by an attribute name, or by * for all elements.'
      stream.report(stream.nextRange(), 'Invalid attribute name', detail)
      stream.isRecovering = true
      return stream.invalid({ ...object.range, end: dot + 1 })
    }
  }
}

function attributeOf(stream: TokenStream, object: Expression, dot: number): Expression {
  const token = stream.advance()
  const from = object instanceof AccessNode || object instanceof VariableNode ? object.from : object.range.start
  return new AccessNode(stream.source.file, from, stream.endOf(token), object, stream.textOf(token), dot)
}

/** `list.0`. Two in a row, `list.0.1`, would read as one number and are rejected. */
function legacyIndexOf(stream: TokenStream, object: Expression, dot: number): Expression {
  const token = stream.advance()
  const digits = stream.textOf(token)
  const range = stream.rangeOf(token)
  const point = digits.indexOf('.')
  if (point !== -1) {
    const proper = `[${digits.slice(0, point)}][${digits.slice(point + 1)}]`
    const detail = `Consecutive indexes cannot be written with dots. Use ${proper}.`
    stream.report(range, 'Invalid legacy index syntax', detail)
  }
  const key = point === -1 ? numberOf(stream, token) : stream.invalid(range)
  const bracketRange = stream.range(dot, range.end)
  return { type: 'index', collection: object, key, bracketRange, range: { ...object.range, end: range.end } }
}

/** `a.*.b.c`: the following attributes apply to each element, an index applies to the result. */
function parseAttributeSplat(stream: TokenStream, source: Expression, dot: number): Expression {
  const star = stream.advance()
  const item: SplatItem = { type: 'splat-item', range: stream.range(dot, stream.endOf(star)) }
  let each: Expression = item
  let last = star
  while (stream.at(kind.dot) && stream.extendChain()) {
    const stepDot = stream.startOf(stream.advance())
    if (stream.at(kind.identifier)) each = attributeOf(stream, each, stepDot)
    else if (stream.at(kind.number)) each = legacyIndexOf(stream, each, stepDot)
    else return reportInvalidSplat(stream, source, last)
    last = star
  }
  return { type: 'splat', source, item, each, range: { ...source.range, end: each.range.end } }
}

function reportInvalidSplat(stream: TokenStream, source: Expression, star: number): Expression {
  if (stream.at(kind.star)) {
    const detail = '`.*` cannot be followed by another `*`. Use [*] instead.'
    stream.reportUnlessRecovering(stream.nextRange(), 'Nested splat expression not allowed', detail)
  } else {
    const detail = 'A dot must be followed by an attribute name.'
    stream.reportUnlessRecovering(stream.rangeOf(star), 'Invalid attribute name', detail)
  }
  stream.isRecovering = true
  return stream.invalid(source.range)
}

function parseBracketStep(stream: TokenStream, collection: Expression): Expression {
  const open = stream.startOf(stream.advance())
  if (stream.at(kind.star)) return parseFullSplat(stream, collection, open)
  const newlines = stream.skipNewlines(true)
  const errors = stream.errorCount
  const key = parseExpression(stream)
  const close = closeIndex(
    stream,
    errors,
    'Missing close bracket on index',
    'Expected a closing bracket ] after the index.',
  )
  stream.skipNewlines(newlines)
  const end = stream.endOf(close)
  const bracketRange = stream.range(open, end)
  return { type: 'index', collection, key, bracketRange, range: { ...collection.range, end } }
}

function closeIndex(stream: TokenStream, errors: number, summary: string, detail: string): number {
  if (stream.hasLostSyncSince(errors)) return stream.recoverAfter(kind.closeBracket)
  const close = stream.advance()
  if (stream.kindOf(close) === kind.closeBracket || stream.isRecovering) return close
  // Terraform reports the bracket after which it continues.
  const next = stream.recoverAfter(kind.closeBracket)
  stream.report(stream.rangeOf(next), summary, detail)
  return next
}

/** `a[*].b[0]`: all following steps apply to each element. */
function parseFullSplat(stream: TokenStream, source: Expression, open: number): Expression {
  stream.advance()
  const detail = 'Expected a closing bracket ] directly after [*.'
  const close = closeIndex(stream, stream.errorCount, 'Missing close bracket on splat index', detail)
  const item: SplatItem = { type: 'splat-item', range: stream.range(open, stream.endOf(close)) }
  if (!stream.enter()) return stream.invalid(item.range)
  const each = parseSteps(stream, item)
  stream.leave()
  return { type: 'splat', source, item, each, range: { ...source.range, end: each.range.end } }
}

function parseTerm(stream: TokenStream): Expression {
  switch (stream.kind) {
    case kind.identifier:
      return parseIdentifier(stream)
    case kind.openQuote:
    case kind.openHeredoc:
      return parseTemplate(stream, parseExpression)
    case kind.number:
      return numberOf(stream, stream.advance())
    case kind.openBrace:
      return parseObject(stream)
    case kind.openBracket:
      return parseTuple(stream)
    case kind.openParenthesis:
      return parseParentheses(stream)
    case kind.minus:
    case kind.not:
      return parseUnary(stream)
    default:
      return reportMissingExpression(stream)
  }
}

function reportMissingExpression(stream: TokenStream): Expression {
  const range = stream.nextRange()
  if (stream.at(kind.end)) {
    const detail = 'Expected an expression, found the end of the file.'
    stream.reportUnlessRecovering(range, 'Missing expression', detail)
  } else {
    const detail = `Expected an expression, found ${stream.describeNext()}.`
    stream.reportUnlessRecovering(range, 'Invalid expression', detail)
  }
  stream.isRecovering = true
  return stream.invalid(range)
}

function numberOf(stream: TokenStream, token: number): Literal | Invalid {
  const value = parseNum(stream.textOf(token))
  if (value !== undefined) return literal(stream, token, number(value))
  const range = stream.rangeOf(token)
  stream.report(range, 'Invalid number literal', 'This is not a valid number.')
  return stream.invalid(range)
}

function parseParentheses(stream: TokenStream): Expression {
  const open = stream.startOf(stream.advance())
  const newlines = stream.skipNewlines(true)
  const errors = stream.errorCount
  const inner = parseExpression(stream)
  if (stream.errorCount > errors) {
    stream.recoverAfter(kind.closeParenthesis)
    stream.skipNewlines(newlines)
    return inner
  }
  if (!stream.at(kind.closeParenthesis)) {
    const detail = `Expected a closing parenthesis, found ${stream.describeNext()}.`
    stream.report(stream.nextRange(), 'Unbalanced parentheses', detail)
    stream.isRecovering = true
  }
  const close = stream.advance()
  stream.skipNewlines(newlines)
  return { type: 'parentheses', inner, range: stream.range(open, stream.endOf(close)) }
}

function parseUnary(stream: TokenStream): Expression {
  const operator = stream.at(kind.not) ? '!' : '-'
  const start = stream.startOf(stream.advance())
  if (!stream.enter()) return stream.invalid(stream.nextRange())
  const operand = parseOperand(stream)
  stream.leave()
  return { type: 'unary', operator, operand, range: stream.range(start, operand.range.end) }
}

function parseIdentifier(stream: TokenStream): Expression {
  const token = stream.advance()
  if (stream.at(kind.openParenthesis) || stream.at(kind.doubleColon)) return parseCall(stream, token)
  const name = stream.textOf(token)
  switch (name) {
    case 'true':
    case 'false':
      return literal(stream, token, name === 'true' ? isTrue : isFalse)
    case 'null':
      return literal(stream, token, noValue)
    default:
      return new VariableNode(stream.source.file, stream.startOf(token), stream.endOf(token), name)
  }
}

// Values are immutable, so nodes can share them.
const isTrue = bool(true)
const isFalse = bool(false)
const noValue = nullOf()

const literal = (stream: TokenStream, token: number, value: Literal['value']): Literal =>
  new LiteralNode(stream.source.file, stream.startOf(token), stream.endOf(token), value)

function parseCall(stream: TokenStream, first: number): Expression {
  const start = stream.startOf(first)
  let name = stream.textOf(first)
  let end = stream.endOf(first)
  let open = stream.advance()
  while (stream.kindOf(open) === kind.doubleColon) {
    const part = stream.advance()
    if (stream.kindOf(part) !== kind.identifier) {
      const detail = '`::` must be followed by another part of the function name.'
      return reportInvalidCall(stream, start, part, 'Missing function name', detail)
    }
    name += `::${stream.textOf(part)}`
    end = stream.endOf(part)
    open = stream.advance()
  }
  if (stream.kindOf(open) !== kind.openParenthesis) {
    const detail = 'Expected an opening parenthesis: a name with `::` is a function name.'
    return reportInvalidCall(stream, start, open, 'Missing open parenthesis', detail)
  }
  const { args, expandsLast, close } = parseArguments(stream, stream.range(start, stream.endOf(open)))
  return new CallNode(stream.source.file, start, stream.endOf(close), name, compact(args), expandsLast, end)
}

function reportInvalidCall(
  stream: TokenStream,
  start: number,
  token: number,
  summary: string,
  detail: string,
): Expression {
  stream.report(stream.rangeOf(token), summary, detail)
  stream.recoverAfterParentheses()
  return stream.invalid(stream.range(start, stream.endOf(token)))
}

interface Arguments {
  readonly args: readonly Expression[]
  readonly expandsLast: boolean
  readonly close: number
}

/** @param head the name and the opening parenthesis, already consumed */
function parseArguments(stream: TokenStream, head: Range): Arguments {
  const newlines = stream.skipNewlines(true)
  const args: Expression[] = []
  let expandsLast = false
  let close: number | undefined
  while (close === undefined) {
    if (stream.at(kind.closeParenthesis)) {
      close = stream.advance()
      break
    }
    const errors = stream.errorCount
    args.push(parseExpression(stream))
    if (stream.hasLostSyncSince(errors)) {
      close = stream.recoverAfter(kind.closeParenthesis)
      break
    }
    const separator = stream.advance()
    switch (stream.kindOf(separator)) {
      case kind.comma:
        continue
      case kind.closeParenthesis:
        close = separator
        break
      case kind.ellipsis:
        expandsLast = true
        close = closeExpanded(stream, separator)
        break
      default:
        reportMissingSeparator(stream, separator, head)
        close = stream.recoverAfter(kind.closeParenthesis)
    }
  }
  stream.skipNewlines(newlines)
  return { args, expandsLast, close }
}

function closeExpanded(stream: TokenStream, ellipsis: number): number {
  if (stream.at(kind.closeParenthesis)) return stream.advance()
  const detail = 'Expected a closing parenthesis: only the last argument can be followed by `...`.'
  stream.reportUnlessRecovering(stream.rangeOf(ellipsis), 'Missing closing parenthesis', detail)
  return stream.recoverAfter(kind.closeParenthesis)
}

function reportMissingSeparator(stream: TokenStream, separator: number, head: Range): void {
  if (stream.kindOf(separator) === kind.end) {
    const detail = 'The closing parenthesis of this call is missing.'
    stream.report(head, 'Unterminated function call', detail)
  } else {
    const detail = `Expected a comma or a closing parenthesis, found ${JSON.stringify(stream.textOf(separator))}.`
    stream.report(stream.rangeOf(separator), 'Missing argument separator', detail)
  }
}

function parseTuple(stream: TokenStream): Expression {
  const open = stream.advance()
  const newlines = stream.skipNewlines(true)
  const parsed = stream.isWord('for') ? parseFor(stream, open, parseExpression) : parseElements(stream, open)
  stream.skipNewlines(newlines)
  return parsed
}

function parseElements(stream: TokenStream, open: number): Expression {
  const elements: Expression[] = []
  let close: number | undefined
  while (close === undefined) {
    if (stream.at(kind.closeBracket)) {
      close = stream.advance()
      break
    }
    const errors = stream.errorCount
    elements.push(parseExpression(stream))
    if (stream.hasLostSyncSince(errors)) close = stream.recoverAfter(kind.closeBracket)
    else if (stream.at(kind.comma)) stream.advance()
    else if (!stream.at(kind.closeBracket)) {
      reportUnclosed(
        stream,
        open,
        'Unterminated tuple constructor expression',
        'Missing item separator',
        'a comma or ]',
      )
      close = stream.recoverAfter(kind.closeBracket)
    }
  }
  return new TupleNode(stream.source.file, stream.startOf(open), stream.endOf(close), compact(elements))
}

function reportUnclosed(stream: TokenStream, open: number, atEnd: string, otherwise: string, expected: string): void {
  if (stream.at(kind.end)) {
    const detail = 'The matching closing bracket is missing.'
    stream.reportUnlessRecovering(stream.rangeOf(open), atEnd, detail)
  } else {
    const detail = `Expected ${expected}, found ${stream.describeNext()}.`
    stream.reportUnlessRecovering(stream.nextRange(), otherwise, detail)
  }
}

type Item = ObjectConstructor['items'][number]

function parseObject(stream: TokenStream): Expression {
  const open = stream.advance()
  const newlines = stream.skipNewlines(true)
  const isFor = stream.isWord('for')
  if (!isFor) stream.skipNewlines(false)
  const parsed = isFor ? parseFor(stream, open, parseExpression) : parseItems(stream, open)
  stream.skipNewlines(newlines)
  return parsed
}

const unclosedObject = 'Unterminated object constructor expression'

function parseItems(stream: TokenStream, open: number): Expression {
  const items: Item[] = []
  let close: number | undefined
  while (close === undefined) {
    if (stream.take(kind.newline)) continue
    if (stream.at(kind.closeBrace)) {
      close = stream.advance()
      break
    }
    const item = parseItem(stream, open)
    if (item) items.push(item)
    if (!item) close = stream.recoverAfter(kind.closeBrace)
    else if (stream.at(kind.comma) || stream.at(kind.newline)) stream.advance()
    else if (!stream.at(kind.closeBrace)) {
      reportUnclosed(stream, open, unclosedObject, 'Missing attribute separator', 'a comma, a newline or }')
      close = stream.recoverAfter(kind.closeBrace)
    }
  }
  return new ObjectNode(stream.source.file, stream.startOf(open), stream.endOf(close), compact(items))
}

/** Undefined after losing synchronization. */
function parseItem(stream: TokenStream, open: number): Item | undefined {
  const errors = stream.errorCount
  const isInParentheses = stream.at(kind.openParenthesis)
  const key = parseExpression(stream)
  if (stream.hasLostSyncSince(errors)) return undefined
  if (!stream.at(kind.assign) && !stream.at(kind.colon)) {
    const isValueMissing = stream.at(kind.newline) || stream.at(kind.comma)
    const summary = isValueMissing ? 'Missing attribute value' : 'Missing key/value separator'
    reportUnclosed(stream, open, unclosedObject, summary, '= and a value')
    return undefined
  }
  stream.advance()
  const errorsOfKey = stream.errorCount
  const value = parseExpression(stream)
  if (stream.hasLostSyncSince(errorsOfKey)) return undefined
  return { key: isInParentheses ? key : toKey(key), value }
}

/** A bare identifier is a literal key; in parentheses it is a reference. */
function toKey(key: Expression): Expression {
  const isNull = key.type === 'literal' && key.value.kind === 'null'
  const text = isNull ? 'null' : key.type === 'variable' ? key.name : undefined
  if (text === undefined) return key
  const { file, start, end } = key.range
  return new TextNode(file, start, end, text, false)
}
