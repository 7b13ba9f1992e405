// The grammar of bodies: arguments and blocks. A broken argument or block is told and skipped; the rest is parsed.

import type { Diagnostic } from '../diagnostics.ts'
import type { Attribute, Block, Body, Expression, Label, Template } from './ast.ts'
import { parseExpression } from './parse-expression.ts'
import { parseQuotedTemplate, parseWholeTemplate } from './parse-template.ts'
import type { Source } from './source.ts'
import { TokenStream } from './token-stream.ts'

export interface Parsed<T> {
  readonly value: T
  readonly diagnostics: readonly Diagnostic[]
}

export function parseFile(source: Source): Parsed<Body> {
  const stream = new TokenStream(source)
  stream.resumeAt(0)
  const value = parseBody(stream, 0, false)
  return { value, diagnostics: stream.diagnostics }
}

/** A single expression that fills the whole source, as in `-var` values and the console. */
export function parseExpressionText(source: Source): Parsed<Expression> {
  const stream = new TokenStream(source)
  const value = stream.withNewlines(
    true,
    () => {
      stream.resumeAt(0)
      return parseExpression(stream)
    },
    () => undefined,
  )
  if (stream.token.kind !== 'end') {
    stream.report(stream.rangeOf(stream.token), 'Unexpected token', 'The expression should have ended before this.')
  }
  return { value, diagnostics: stream.diagnostics }
}

/** A whole source as a template, as `templatefile` reads it. */
export function parseTemplateText(source: Source): Parsed<Template> {
  const stream = new TokenStream(source)
  const value = parseWholeTemplate(stream, parseExpression)
  return { value, diagnostics: stream.diagnostics }
}

/** Up to the closing brace, which is left to the caller, or the end of the file. */
function parseBody(stream: TokenStream, start: number, isNested: boolean): Body {
  const attributes = new Map<string, Attribute>()
  const blocks: Block[] = []
  for (;;) {
    while (stream.take('newline'));
    const { token } = stream
    if (token.kind === 'end' || (token.kind === '}' && isNested)) {
      return { attributes, blocks, range: stream.range(start, token.end) }
    }
    parseItem(stream, attributes, blocks)
  }
}

function parseItem(stream: TokenStream, attributes: Map<string, Attribute>, blocks: Block[]): void {
  const name = stream.take('identifier')
  if (!name) {
    const token = stream.token
    stream.report(
      stream.rangeOf(token),
      'Argument or block definition required',
      'An argument or a block begins with its name here.',
    )
    stream.advance()
    stream.skipLine()
    return
  }
  const { kind } = stream.token
  if (kind !== '=' && kind !== '{' && kind !== 'quote' && kind !== 'identifier') {
    const detail = `After "${stream.textOf(name)}" stands = for an argument, or labels and { for a block.`
    stream.report(stream.rangeOf(name), 'Argument or block definition required', detail)
    stream.skipLine()
  } else if (kind === '=') {
    addAttribute(stream, attributes, parseAttribute(stream, name))
  } else {
    const block = parseBlock(stream, name)
    if (block) blocks.push(block)
  }
}

function addAttribute(stream: TokenStream, attributes: Map<string, Attribute>, attribute: Attribute): void {
  const earlier = attributes.get(attribute.name)
  if (!earlier) {
    attributes.set(attribute.name, attribute)
    return
  }
  stream.report(
    attribute.nameRange,
    'Attribute redefined',
    `The argument "${attribute.name}" was already set in this block. Keep one of the two.`,
  )
}

function parseAttribute(stream: TokenStream, name: TokenStream['token']): Attribute {
  stream.advance()
  const expression = parseExpression(stream)
  const range = stream.range(name.start, expression.range.end)
  endItem(stream, 'argument')
  return { name: stream.textOf(name), nameRange: stream.rangeOf(name), expression, range }
}

/** After an item a new line begins, or its block or file ends. */
function endItem(stream: TokenStream, what: string): void {
  const { kind } = stream.token
  if (kind === 'newline' || kind === 'end' || kind === '}') return
  stream.report(
    stream.rangeOf(stream.token),
    `Missing newline after ${what}`,
    `The ${what} should have ended before this. Begin the next one on a new line.`,
  )
  stream.skipLine()
}

function parseBlock(stream: TokenStream, type: TokenStream['token']): Block | undefined {
  const labels = parseLabels(stream)
  const headerEnd = labels.at(-1)?.range.end ?? type.end
  if (stream.token.kind !== '{') {
    stream.report(
      stream.rangeOf(stream.token),
      'Invalid block definition',
      `After "${stream.textOf(type)}" stands = for an argument, or labels and { for a block.`,
    )
    stream.skipLine()
    return undefined
  }
  const brace = stream.token
  let end = brace.end
  const body = stream.nested(() =>
    stream.withNewlines(
      false,
      () => {
        stream.advance()
        return parseBody(stream, brace.start, true)
      },
      () => {
        if (stream.token.kind !== '}') {
          stream.report(
            stream.rangeOf(brace),
            'Unclosed block',
            'The closing brace of this block is missing before the end of the file.',
          )
        }
        end = stream.token.end
        stream.take('}')
      },
    ),
  )
  if (!body) {
    stream.skipLine()
    return undefined
  }
  endItem(stream, 'block')
  return {
    type: stream.textOf(type),
    typeRange: stream.rangeOf(type),
    labels,
    body,
    headerRange: stream.range(type.start, headerEnd),
    range: stream.range(type.start, end),
  }
}

function parseLabels(stream: TokenStream): Label[] {
  const labels: Label[] = []
  for (;;) {
    const word = stream.take('identifier')
    if (word) labels.push({ text: stream.textOf(word), range: stream.rangeOf(word) })
    else if (stream.token.kind === 'quote') labels.push(parseQuotedLabel(stream))
    else return labels
  }
}

function parseQuotedLabel(stream: TokenStream): Label {
  const template = parseQuotedTemplate(stream, parseExpression)
  const [part] = template.parts
  const isPlain = template.parts.length === 0 || (template.parts.length === 1 && part?.type === 'text')
  if (!isPlain) {
    stream.report(template.range, 'Invalid block label', 'A label is plain text; ${ and %{ can not be used in it.')
  }
  return { text: part?.type === 'text' ? part.text : '', range: template.range }
}
