// The nodes that a syntax tree has most of, kept small: where they stand is a few numbers, of which ranges are made when
// they are asked for. A large file is parsed half again as fast for it, since most of the time goes into keeping them. No
// class has another below it: that would cost what the rest has gained.

import type * as ast from './ast.ts'
import type { Range } from './source.ts'

// Shared by all that have none.
const nothing: readonly never[] = []

/** A list that is kept, without the room that it was given to grow. */
export const kept = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? nothing : list.slice())

const rangeIn = (file: string, start: number, end: number): Range => ({ file, start, end })

export class BodyNode implements ast.Body {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly attributes: ReadonlyMap<string, ast.Attribute>
  readonly blocks: readonly ast.Block[]

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(
    source: string,
    from: number,
    to: number,
    attributes: BodyNode['attributes'],
    blocks: BodyNode['blocks'],
  ) {
    this.source = source
    this.from = from
    this.to = to
    this.attributes = attributes
    this.blocks = blocks
  }
}

export class AttributeNode implements ast.Attribute {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly name: string
  readonly expression: ast.Expression

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(source: string, from: number, to: number, name: string, expression: ast.Expression) {
    this.source = source
    this.from = from
    this.to = to
    this.name = name
    this.expression = expression
  }

  get nameRange(): Range {
    return rangeIn(this.source, this.from, this.from + this.name.length)
  }
}

export class BlockNode implements ast.Block {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type: string
  readonly labels: readonly ast.Label[]
  readonly body: ast.Body
  readonly headerTo: number
  readonly braceFrom: number

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(
    source: string,
    from: number,
    to: number,
    { type, labels, body, headerTo, braceFrom }: Pick<BlockNode, 'type' | 'labels' | 'body' | 'headerTo' | 'braceFrom'>,
  ) {
    this.source = source
    this.from = from
    this.to = to
    this.type = type
    this.labels = labels
    this.body = body
    this.headerTo = headerTo
    this.braceFrom = braceFrom
  }

  get typeRange(): Range {
    return rangeIn(this.source, this.from, this.from + this.type.length)
  }

  get headerRange(): Range {
    return rangeIn(this.source, this.from, this.headerTo)
  }

  get braceRange(): Range {
    return rangeIn(this.source, this.braceFrom, this.braceFrom + 1)
  }
}

export class LabelNode implements ast.Label {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly text: string

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(source: string, from: number, to: number, text: string) {
    this.source = source
    this.from = from
    this.to = to
    this.text = text
  }
}

export class LiteralNode implements ast.Literal {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'literal'
  readonly value: ast.Literal['value']

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(source: string, from: number, to: number, value: ast.Literal['value']) {
    this.source = source
    this.from = from
    this.to = to
    this.value = value
  }
}

export class VariableNode implements ast.Variable {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'variable'
  readonly name: string

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(source: string, from: number, to: number, name: string) {
    this.source = source
    this.from = from
    this.to = to
    this.name = name
  }
}

export class AccessNode implements ast.AttributeAccess {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'attribute'
  readonly object: ast.Expression
  readonly name: string
  /** Where the dot stands. */
  readonly dot: number

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(source: string, from: number, to: number, object: ast.Expression, name: string, dot: number) {
    this.source = source
    this.from = from
    this.to = to
    this.object = object
    this.name = name
    this.dot = dot
  }

  get nameRange(): Range {
    return rangeIn(this.source, this.to - this.name.length, this.to)
  }

  get stepRange(): Range {
    return rangeIn(this.source, this.dot, this.to)
  }
}

export class TemplateNode implements ast.Template {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'template'
  readonly parts: readonly ast.TemplatePart[]
  readonly isWrapper: boolean
  readonly firstFrom: number
  readonly firstTo: number

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  constructor(
    source: string,
    from: number,
    to: number,
    parts: readonly ast.TemplatePart[],
    isWrapper: boolean,
    firstFrom: number,
    firstTo: number,
  ) {
    this.source = source
    this.from = from
    this.to = to
    this.parts = parts
    this.isWrapper = isWrapper
    this.firstFrom = firstFrom
    this.firstTo = firstTo
  }

  get firstText(): Range {
    return rangeIn(this.source, this.firstFrom, this.firstTo)
  }
}

/** Text between quotes and nothing else, as nearly every template is, or a bare word that is a key. */
export class TextNode implements ast.Template {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'template'
  readonly text: string
  readonly isQuoted: boolean

  constructor(source: string, from: number, to: number, text: string, isQuoted: boolean) {
    this.source = source
    this.from = from
    this.to = to
    this.text = text
    this.isQuoted = isQuoted
  }

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  get parts(): readonly ast.TemplatePart[] {
    return [{ type: 'text', text: this.text }]
  }

  get isWrapper(): boolean {
    return false
  }

  get firstText(): Range | undefined {
    return this.isQuoted ? rangeIn(this.source, this.from + 1, this.to - 1) : undefined
  }
}

export class ObjectNode implements ast.ObjectConstructor {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'object'
  readonly items: ast.ObjectConstructor['items']

  constructor(source: string, from: number, to: number, items: ast.ObjectConstructor['items']) {
    this.source = source
    this.from = from
    this.to = to
    this.items = items
  }

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }
}

export class TupleNode implements ast.Tuple {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'tuple'
  readonly elements: readonly ast.Expression[]

  constructor(source: string, from: number, to: number, elements: readonly ast.Expression[]) {
    this.source = source
    this.from = from
    this.to = to
    this.elements = elements
  }

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }
}

export class CallNode implements ast.Call {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly type = 'call'
  readonly name: string
  readonly args: readonly ast.Expression[]
  readonly expandsLast: boolean
  readonly nameTo: number

  constructor(
    source: string,
    from: number,
    to: number,
    name: string,
    args: readonly ast.Expression[],
    expandsLast: boolean,
    nameTo: number,
  ) {
    this.source = source
    this.from = from
    this.to = to
    this.name = name
    this.args = args
    this.expandsLast = expandsLast
    this.nameTo = nameTo
  }

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }

  get nameRange(): Range {
    return rangeIn(this.source, this.from, this.nameTo)
  }
}

/** A copy of what a node says, as an object like any other. */
export function inFull<T extends object>(node: T): T {
  if (Object.getPrototypeOf(node) === Object.prototype) return node
  const full: Record<string, unknown> = {}
  for (const name of namesOf(node)) full[name] = (node as unknown as Record<string, unknown>)[name]
  return full as T
}

export const placeNames: ReadonlySet<string> = new Set([
  'source',
  'from',
  'to',
  'dot',
  'headerTo',
  'braceFrom',
  'firstFrom',
  'firstTo',
  'nameTo',
])

/** Without those that only say where it stands. */
function namesOf(node: object): string[] {
  const own = Object.keys(node).filter((name) => !placeNames.has(name))
  const given = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter((name) => name !== 'constructor')
  return [...own, ...given]
}
