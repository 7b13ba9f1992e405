// The grammar of bodies: arguments and blocks. After an error in an item, parsing continues with the next item.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import type { Attribute, Block, Body, Expression, Label, Template } from './ast.ts'
import { AttributeNode, BlockNode, BodyNode, compact, LabelNode } from './nodes.ts'
import { parseExpression } from './parse-expression.ts'
import { parseWholeTemplate } from './parse-template.ts'
import { scanCode, scanTemplate } from './scanner.ts'
import { readLiteral } from './string-literal.ts'
import { TokenStream } from './token-stream.ts'
import { type Kind, kind } from './tokens.ts'

export interface Parsed<T> {
  readonly value: T
  readonly diagnostics: readonly Diagnostic[]
}

export function parseFile(source: Source): Parsed<Body> {
  const stream = new TokenStream(source, scanCode(source.text))
  const value = parseBody(stream, stream.nextRange(), kind.end)
  return { value, diagnostics: stream.diagnostics }
}

/** A source that consists of one expression: `-var` values and console input. */
export function parseExpressionText(source: Source): Parsed<Expression> {
  const stream = new TokenStream(source, scanCode(source.text))
  stream.skipNewlines(true)
  const value = parseExpression(stream)
  if (!stream.at(kind.end)) {
    const detail = 'The expression ends before this.'
    stream.reportUnlessRecovering(stream.nextRange(), 'Extra characters after expression', detail)
  }
  return { value, diagnostics: stream.diagnostics }
}

/** A template file, for `templatefile`. */
export function parseTemplateText(source: Source): Parsed<Template> {
  const stream = new TokenStream(source, scanTemplate(source.text))
  const value = parseWholeTemplate(stream, parseExpression)
  return { value, diagnostics: stream.diagnostics }
}

/** Consumes the closing token. `opening` is the brace before the body, or the first token of a file. */
function parseBody(stream: TokenStream, opening: Range, close: Kind): Body {
  const attributes = new Map<string, Attribute>()
  const blocks: Block[] = []
  const end = () => new BodyNode(stream.source.file, opening.start, stream.previousEnd, attributes, compact(blocks))
  for (;;) {
    if (stream.at(close)) {
      stream.advance()
      return end()
    }
    if (stream.at(kind.identifier)) parseItem(stream, attributes, blocks)
    else if (!stream.take(kind.newline)) {
      reportUnexpectedToken(stream, stream.advance(), opening)
      const body = end()
      stream.recoverAfter(close)
      return body
    }
  }
}

function reportUnexpectedToken(stream: TokenStream, token: number, opening: Range) {
  switch (stream.kindOf(token)) {
    case kind.openQuote: {
      const detail = 'Argument names must not be quoted.'
      return stream.reportUnlessRecovering(stream.rangeOf(token), 'Invalid argument name', detail)
    }
    case kind.end: {
      const detail = 'The closing brace of this block is missing.'
      return stream.reportUnlessRecovering(opening, 'Unclosed configuration block', detail)
    }
    default:
      stream.reportUnlessRecovering(stream.rangeOf(token), itemRequired, 'An argument or a block starts with its name.')
  }
}

const itemRequired = 'Argument or block definition required'

function parseItem(stream: TokenStream, attributes: Map<string, Attribute>, blocks: Block[]) {
  const name = stream.advance()
  switch (stream.kind) {
    case kind.assign:
      return addAttribute(stream, attributes, parseAttribute(stream, name, false))
    case kind.openBrace:
    case kind.openQuote:
    case kind.identifier: {
      const block = parseBlock(stream, name)
      if (block) blocks.push(block)
      return
    }
    default:
      reportIncompleteItem(stream, name)
  }
}

function reportIncompleteItem(stream: TokenStream, name: number): void {
  const detail = `To set an argument, "${stream.textOf(name)}" must be followed by =; to define a block, by labels and {.`
  stream.report(stream.rangeOf(name), itemRequired, detail)
  stream.recoverAfterItem()
}

function addAttribute(stream: TokenStream, attributes: Map<string, Attribute>, attribute: Attribute): void {
  if (!attributes.has(attribute.name)) {
    attributes.set(attribute.name, attribute)
    return
  }
  const detail = `The argument "${attribute.name}" is already set in this block. Remove one of the two.`
  stream.report(attribute.nameRange, 'Attribute redefined', detail)
}

/** Starts at the equals sign. In a one-line block, no newline follows the argument. */
function parseAttribute(stream: TokenStream, name: number, isInOneLineBlock: boolean): Attribute {
  stream.advance()
  const errors = stream.errorCount
  const expression = parseExpression(stream)
  const end = stream.previousEnd
  if (stream.hasLostSyncSince(errors)) stream.recoverAfterItem()
  else if (!isInOneLineBlock) endAttribute(stream)
  return new AttributeNode(stream.source.file, stream.startOf(name), end, stream.textOf(name), expression)
}

function endAttribute(stream: TokenStream): void {
  if (stream.at(kind.newline) || stream.at(kind.end)) {
    stream.advance()
    return
  }
  const summary = stream.at(kind.comma) ? 'Unexpected comma after argument' : 'Missing newline after argument'
  const detail = `Expected a newline, found ${stream.describeNext()}. Start the next argument on a new line.`
  stream.reportUnlessRecovering(stream.nextRange(), summary, detail)
  stream.recoverAfterItem()
}

/** Undefined after an error before the opening brace. */
function parseBlock(stream: TokenStream, type: number): Block | undefined {
  const labels: Label[] = []
  for (;;) {
    if (stream.at(kind.openQuote)) labels.push(parseQuotedLabel(stream))
    else if (stream.at(kind.identifier)) {
      const word = stream.advance()
      const text = stream.textOf(word)
      labels.push(new LabelNode(stream.source.file, stream.startOf(word), stream.endOf(word), text))
    } else break
  }
  if (stream.at(kind.openBrace)) return finishBlock(stream, type, labels)
  const detail = `"${stream.textOf(type)}" must be followed by labels and, on the same line, an opening brace {. Found ${stream.describeNext()}.`
  const isClear = stream.at(kind.assign) || stream.at(kind.newline)
  if (isClear || !stream.isRecovering) stream.report(stream.nextRange(), 'Invalid block definition', detail)
  stream.recoverAfterItem()
  return undefined
}

function finishBlock(stream: TokenStream, type: number, labels: readonly Label[]): Block {
  const from = stream.startOf(type)
  const headerTo = stream.previousEnd
  const open = stream.advance()
  const body = parseBlockBody(stream, stream.rangeOf(open))
  const end = stream.previousEnd
  if (stream.at(kind.newline) || stream.at(kind.end)) stream.advance()
  else {
    const detail = `Expected a newline, found ${stream.describeNext()}. Start the next block on a new line.`
    stream.reportUnlessRecovering(stream.nextRange(), 'Missing newline after block definition', detail)
    stream.recoverAfterItem()
  }
  const parts = { type: stream.textOf(type), labels: compact(labels), body, headerTo, braceFrom: stream.startOf(open) }
  return new BlockNode(stream.source.file, from, end, parts)
}

const emptyBody = ({ file, start, end }: Range): Body => new BodyNode(file, start, end, new Map(), [])

/** Starts after the opening brace and consumes the closing one. */
function parseBlockBody(stream: TokenStream, opening: Range): Body {
  if (!stream.enter()) {
    stream.recoverAfter(kind.closeBrace)
    return emptyBody(opening)
  }
  const isOneLine = !stream.at(kind.newline) && !stream.at(kind.end) && !stream.at(kind.closeBrace)
  const body = isOneLine ? parseOneLineBody(stream, opening) : parseBody(stream, opening, kind.closeBrace)
  stream.leave()
  return body
}

/** `foo { bar = baz }`: a single argument and the closing brace on the same line. */
function parseOneLineBody(stream: TokenStream, opening: Range): Body {
  const attribute = parseOnlyAttribute(stream)
  if (stream.at(kind.closeBrace)) stream.advance()
  else {
    reportUnclosedOneLineBody(stream, opening)
    stream.recoverAfter(kind.closeBrace)
  }
  if (!attribute) return emptyBody(stream.range(opening.start, stream.previousEnd))
  const { start, end } = attribute.range
  return new BodyNode(stream.source.file, start, end, new Map([[attribute.name, attribute]]), [])
}

function parseOnlyAttribute(stream: TokenStream): Attribute | undefined {
  const name = stream.advance()
  if (stream.kindOf(name) !== kind.identifier) {
    stream.report(stream.rangeOf(name), itemRequired, 'An argument starts with its name.')
    stream.recoverAfterItem()
    return undefined
  }
  switch (stream.kind) {
    case kind.assign:
      return parseAttribute(stream, name, true)
    case kind.openQuote:
    case kind.openBrace:
    case kind.identifier: {
      const range = stream.range(stream.startOf(name), stream.end)
      const detail = 'A one-line block can contain a single argument and no nested block. Use several lines.'
      stream.report(range, 'Argument definition required', detail)
      stream.recoverAfterItem()
      return undefined
    }
    default:
      reportIncompleteItem(stream, name)
      return undefined
  }
}

const invalidOneLineBlock = 'Invalid single-argument block definition'

function reportUnclosedOneLineBody(stream: TokenStream, opening: Range) {
  const range = stream.nextRange()
  switch (stream.kind) {
    case kind.comma:
      return stream.report(
        range,
        invalidOneLineBlock,
        'A one-line block can contain only a single argument. Use several lines.',
      )
    case kind.newline: {
      const detail = 'A block with an argument on its first line must be closed on the same line.'
      return stream.report(range, invalidOneLineBlock, detail)
    }
    case kind.end: {
      const detail = 'The closing brace of this block is missing.'
      return stream.reportUnlessRecovering(opening, 'Unclosed configuration block', detail)
    }
    default: {
      const detail = `Expected a closing brace, found ${stream.describeNext()}.`
      stream.reportUnlessRecovering(range, invalidOneLineBlock, detail)
    }
  }
}

/** A quoted label; it cannot contain template sequences. */
function parseQuotedLabel(stream: TokenStream): Label {
  const start = stream.startOf(stream.advance())
  const report = (token: number, detail: string) =>
    stream.report(stream.rangeOf(token), 'Invalid string literal', detail)
  let text = ''
  for (;;) {
    const token = stream.advance()
    switch (stream.kindOf(token)) {
      case kind.quotedText:
        text += readLiteral(stream, token)
        continue
      case kind.closeQuote:
        break
      case kind.openInterpolation:
      case kind.openDirective:
        report(token, 'Template sequences are not allowed in labels. For literal ${ and %{, use $${ and %%{.')
        text += '{…}'
        stream.recoverAfter(kind.closeSequence)
        continue
      case kind.end:
        stream.report(
          stream.rangeOf(token),
          'Unterminated string literal',
          'The closing quote of the label is missing.',
        )
        break
      default:
        report(token, 'This is not allowed in a label.')
        stream.recoverAfter(kind.closeQuote)
    }
    return new LabelNode(stream.source.file, start, stream.endOf(token), text)
  }
}
