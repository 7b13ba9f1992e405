// The grammar of expressions, by recursive descent. After an error the node is `invalid` and the caller goes on.

import { parseNum, zero } from '../values/number.ts'
import { bool, nullOf, number } from '../values/value.ts'
import type { BinaryOperator, Expression, For, SplatItem } from './ast.ts'
import type { Token } from './lexer.ts'
import { parseHeredoc, parseQuotedTemplate } from './parse-template.ts'
import type { TokenStream } from './token-stream.ts'

export function parseExpression(stream: TokenStream): Expression {
  const start = stream.token.start
  const parsed = stream.nested(() => parseConditional(stream))
  if (parsed) return parsed
  const range = stream.rangeOf(stream.token)
  stream.skipLine()
  return stream.invalid({ ...range, start })
}

function parseConditional(stream: TokenStream): Expression {
  const condition = parseBinary(stream, 0)
  if (!stream.take('?')) return condition
  const then = parseExpression(stream)
  if (!stream.take(':'))
    return unexpected(
      stream,
      'Missing false expression in conditional',
      'After ? and the value for true, write : and the value for false.',
    )
  const otherwise = parseExpression(stream)
  return { type: 'conditional', condition, then, otherwise, range: spanning(condition, otherwise) }
}

const spanning = (first: Expression, last: Expression) => ({ ...first.range, end: last.range.end })

// Weakest first.
const precedence: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]
const levelOf = new Map<Token['kind'], number>(
  precedence.flatMap((operators, level) => operators.map((operator) => [operator, level] as const)),
)

function parseBinary(stream: TokenStream, minLevel: number): Expression {
  return stream.chain((link) => {
    let left = parseUnary(stream)
    for (;;) {
      const level = levelOf.get(stream.token.kind)
      if (level === undefined || level < minLevel || !link()) return left
      const operator = stream.advance().kind as BinaryOperator
      const right = parseBinary(stream, level + 1)
      left = { type: 'binary', operator, left, right, range: spanning(left, right) }
    }
  })
}

function parseUnary(stream: TokenStream): Expression {
  const token = stream.token
  if (token.kind !== '!' && token.kind !== '-') return parsePostfix(stream)
  const operator = token.kind
  stream.advance()
  const operand = stream.nested(() => parseUnary(stream)) ?? tooDeep(stream)
  return { type: 'unary', operator, operand, range: stream.range(token.start, operand.range.end) }
}

function tooDeep(stream: TokenStream): Expression {
  const range = stream.rangeOf(stream.token)
  stream.skipLine()
  return stream.invalid(range)
}

function parsePostfix(stream: TokenStream): Expression {
  return stream.chain((link) => parseSteps(stream, parsePrimary(stream), link))
}

/** Attributes, indexes and splats behind an expression. */
function parseSteps(stream: TokenStream, first: Expression, link: () => boolean): Expression {
  let expression = first
  while ((stream.token.kind === '.' || stream.token.kind === '[') && link()) {
    expression =
      stream.token.kind === '.' ? parseDotStep(stream, expression, link) : parseBracketStep(stream, expression, link)
    if (expression.type === 'invalid') return expression
  }
  return expression
}

function parseDotStep(stream: TokenStream, object: Expression, link: () => boolean): Expression {
  const dot = stream.advance()
  const token = stream.token
  if (token.kind === '*') return parseAttributeSplat(stream, object, link)
  if (token.kind === 'identifier') {
    stream.advance()
    const nameRange = stream.rangeOf(token)
    return {
      type: 'attribute',
      object,
      name: stream.textOf(token),
      nameRange,
      stepRange: stream.range(dot.start, token.end),
      range: { ...object.range, end: token.end },
    }
  }
  if (token.kind === 'number') return parseLegacyIndex(stream, object, dot.start)
  return unexpected(
    stream,
    'Invalid attribute name',
    'After a dot stands the name of an attribute, or * for all elements.',
  )
}

/** `list.0`, and `list.0.1`, which reads like one number. */
function parseLegacyIndex(stream: TokenStream, object: Expression, start: number): Expression {
  const token = stream.advance()
  let collection = object
  for (const digits of stream.textOf(token).split('.')) {
    const key: Expression = { type: 'literal', value: number(parseNum(digits) ?? zero), range: stream.rangeOf(token) }
    const bracketRange = stream.range(start, token.end)
    collection = { type: 'index', collection, key, bracketRange, range: { ...object.range, end: token.end } }
  }
  return collection
}

/** `a.*.b.c`: the attributes behind it belong to each element, an index belongs to the result. */
function parseAttributeSplat(stream: TokenStream, source: Expression, link: () => boolean): Expression {
  const star = stream.advance()
  const item: SplatItem = { type: 'splat-item', range: stream.rangeOf(star) }
  let each: Expression = item
  while (stream.token.kind === '.' && link()) {
    each = parseDotStep(stream, each, link)
    if (each.type === 'invalid') return each
  }
  return { type: 'splat', source, item, each, range: { ...source.range, end: each.range.end } }
}

function parseBracketStep(stream: TokenStream, collection: Expression, link: () => boolean): Expression {
  const start = stream.token.start
  let close = start
  const isSplat = { value: false }
  const key = bracketed(
    stream,
    ']',
    () => 'Missing close bracket on index',
    () => {
      if (stream.token.kind === '*') {
        isSplat.value = true
        const star = stream.advance()
        close = stream.token.end
        return stream.invalid(stream.rangeOf(star))
      }
      const parsed = parseExpression(stream)
      close = stream.token.end
      return parsed
    },
  )
  if (!key) return stream.invalid(stream.range(start, stream.token.start))
  if (!isSplat.value) {
    const bracketRange = stream.range(start, close)
    return { type: 'index', collection, key, bracketRange, range: { ...collection.range, end: close } }
  }
  const item: SplatItem = { type: 'splat-item', range: stream.range(start, close) }
  const each = parseSteps(stream, item, link)
  return {
    type: 'splat',
    source: collection,
    item,
    each,
    range: { ...collection.range, end: Math.max(close, each.range.end) },
  }
}

/** Reads the opening bracket, the inside with newlines ignored, and the closing one. Undefined when that is missing. */
function bracketed<T>(
  stream: TokenStream,
  close: ']' | ')' | '}',
  problem: () => string,
  parse: () => T,
): T | undefined {
  const opening = stream.token
  let closes = false
  const result = stream.withNewlines(
    true,
    () => {
      stream.advance()
      const inside = parse()
      closes = stream.token.kind === close
      if (!closes) tellUnclosed(stream, opening, close, problem())
      return inside
    },
    () => {
      if (closes) stream.advance()
      else stream.skipLine()
    },
  )
  return closes ? result : undefined
}

function tellUnclosed(stream: TokenStream, opening: Token, close: string, problem: string): void {
  if (stream.token.kind === 'end') {
    stream.report(
      stream.rangeOf(opening),
      'Unclosed bracket',
      `The matching ${close} is missing before the end of the file.`,
    )
    return
  }
  stream.report(stream.rangeOf(stream.token), problem, `Found ${foundToken(stream)} where , or ${close} is expected.`)
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.token
  const range = stream.rangeOf(token)
  switch (token.kind) {
    case 'number':
      stream.advance()
      return { type: 'literal', value: number(parseNum(stream.textOf(token)) ?? zero), range }
    case 'quote':
      return parseQuotedTemplate(stream, parseExpression)
    case 'heredoc':
      return parseHeredoc(stream, parseExpression)
    case 'identifier':
      return parseNamed(stream)
    case '(': {
      const inner = bracketed(
        stream,
        ')',
        () => 'Unbalanced parentheses',
        () => [parseExpression(stream), stream.token.end] as const,
      )
      return inner
        ? { type: 'parentheses', inner: inner[0], range: { ...range, end: inner[1] } }
        : stream.invalid(range)
    }
    case '[':
      return parseTuple(stream)
    case '{':
      return parseObject(stream)
    default:
      return unexpected(stream, 'Invalid expression', `Found ${foundToken(stream)} where a value is expected.`)
  }
}

function foundToken(stream: TokenStream): string {
  const { token } = stream
  if (token.kind === 'newline') return 'the end of the line'
  if (token.kind === 'end') return 'the end of the file'
  return JSON.stringify(stream.textOf(token))
}

function unexpected(stream: TokenStream, summary: string, detail: string): Expression {
  const range = stream.rangeOf(stream.token)
  stream.report(range, summary, detail)
  return stream.invalid(range)
}

function parseNamed(stream: TokenStream): Expression {
  const token = stream.advance()
  let name = stream.textOf(token)
  let end = token.end
  while (stream.token.kind === '::') {
    stream.advance()
    const part = stream.take('identifier')
    if (!part) return unexpected(stream, 'Invalid function name', 'After :: stands the next part of the function name.')
    name += `::${stream.textOf(part)}`
    end = part.end
  }
  const range = stream.range(token.start, end)
  if (stream.token.kind === '(') return parseCall(stream, name, range)
  if (name === 'true' || name === 'false') return { type: 'literal', value: bool(name === 'true'), range }
  if (name === 'null') return { type: 'literal', value: nullOf(), range }
  return { type: 'variable', name, range }
}

function parseCall(stream: TokenStream, name: string, nameRange: Expression['range']): Expression {
  const args: Expression[] = []
  let expandsLast = false
  let end = nameRange.end
  bracketed(
    stream,
    ')',
    () => 'Missing argument separator',
    () => {
      while (stream.token.kind !== ')' && stream.token.kind !== 'end') {
        args.push(parseExpression(stream))
        expandsLast = stream.take('...') !== undefined
        if (expandsLast || !stream.take(',')) break
      }
      end = stream.token.end
    },
  )
  return { type: 'call', name, nameRange, args, expandsLast, range: { ...nameRange, end } }
}

function parseTuple(stream: TokenStream): Expression {
  const start = stream.token.start
  let problem = 'Missing item separator'
  const parsed = bracketed(
    stream,
    ']',
    () => problem,
    () => {
      if (stream.isIdentifier('for')) {
        problem = invalidForSummary
        return { ...parseFor(stream, start, false), range: stream.range(start, stream.token.end) }
      }
      const elements: Expression[] = []
      while (stream.token.kind !== ']' && stream.token.kind !== 'end') {
        elements.push(parseExpression(stream))
        if (!stream.take(',')) break
      }
      return { type: 'tuple' as const, elements, range: stream.range(start, stream.token.end) }
    },
  )
  return parsed ?? stream.invalid(stream.range(start, stream.token.start))
}

function parseObject(stream: TokenStream): Expression {
  const start = stream.token.start
  if (isForObject(stream)) {
    const parsed = bracketed(
      stream,
      '}',
      () => invalidForSummary,
      () => ({
        ...parseFor(stream, start, true),
        range: stream.range(start, stream.token.end),
      }),
    )
    return parsed ?? stream.invalid(stream.range(start, stream.token.start))
  }
  return stream.withNewlines(
    false,
    () => {
      stream.advance()
      return parseObjectItems(stream, start)
    },
    // The closing brace was read under the inner rule, which must not hide a newline from the outer one or show it one.
    () => stream.resumeAt(stream.token.kind === 'end' ? stream.source.text.length : stream.token.start),
  )
}

function isForObject(stream: TokenStream): boolean {
  const { text } = stream.source
  const rest = /\s*(?:#[^\n]*\n\s*|\/\/[^\n]*\n\s*)*for(?![\p{ID_Continue}-])/uy
  rest.lastIndex = stream.token.end
  return rest.test(text)
}

function parseObjectItems(stream: TokenStream, start: number): Expression {
  const items: { key: Expression; value: Expression }[] = []
  for (;;) {
    while (stream.take('newline'));
    if (stream.at('}')) {
      const end = stream.advance().end
      return { type: 'object', items, range: stream.range(start, end) }
    }
    if (stream.at('end')) {
      stream.report(
        stream.range(start, start + 1),
        'Unclosed bracket',
        'The matching } is missing before the end of the file.',
      )
      return stream.invalid(stream.range(start, start + 1))
    }
    const item = parseObjectItem(stream)
    if (item) items.push(item)
    if (!stream.take(',') && !stream.at('newline') && !stream.at('}')) {
      unexpected(
        stream,
        'Missing attribute separator',
        `Found ${foundToken(stream)} where a comma, a new line or } is expected.`,
      )
      stream.skipLine()
    }
  }
}

function parseObjectItem(stream: TokenStream): { key: Expression; value: Expression } | undefined {
  const key = parseExpression(stream)
  if (!stream.take('=') && !stream.take(':')) {
    unexpected(
      stream,
      'Missing key/value separator',
      `After the key of an object stands = and its value; found ${foundToken(stream)}.`,
    )
    stream.skipLine()
    return undefined
  }
  return { key: bareKey(stream, key), value: parseExpression(stream) }
}

/** A bare word as a key is that word; in parentheses it is a reference. */
function bareKey(stream: TokenStream, key: Expression): Expression {
  if (key.type === 'attribute') {
    const detail =
      'Put the reference in parentheses if its value is to be the key, or in quotes if it is the key itself.'
    stream.report(key.range, 'Ambiguous attribute key', detail)
  }
  const isNull = key.type === 'literal' && key.value.kind === 'null'
  const text = isNull ? 'null' : key.type === 'variable' ? key.name : undefined
  if (text === undefined) return key
  return { type: 'template', parts: [{ type: 'text', text }], isWrapper: false, range: key.range }
}

/** At `for`, inside the brackets. */
function parseFor(stream: TokenStream, start: number, isObject: boolean): For | ReturnType<TokenStream['invalid']> {
  stream.advance()
  const first = stream.take('identifier')
  const second = stream.take(',') && stream.take('identifier')
  if (!first || !stream.isIdentifier('in')) return invalidFor(stream)
  stream.advance()
  const collection = parseExpression(stream)
  if (!stream.take(':')) return invalidFor(stream)
  const head = parseExpression(stream)
  const value = isObject ? stream.take('=>') && parseExpression(stream) : head
  if (!value) return invalidFor(stream, head.range)
  const groups = isObject && stream.take('...') !== undefined
  const condition = stream.isIdentifier('if') && stream.advance() ? parseExpression(stream) : undefined
  return {
    type: 'for',
    keyName: second ? stream.textOf(first) : undefined,
    valueName: stream.textOf(second ?? first),
    collection,
    key: isObject ? head : undefined,
    value,
    condition,
    groups,
    range: stream.range(start, stream.token.end),
  }
}

const invalidForSummary = "Invalid 'for' expression"

function invalidFor(stream: TokenStream, range = stream.rangeOf(stream.token)) {
  stream.report(
    range,
    invalidForSummary,
    `Found ${foundToken(stream)}. It is written [for v in list : v] or {for k, v in map : k => v}.`,
  )
  return stream.invalid(range)
}
