// Compact classes for the most frequent nodes: positions are numbers, and ranges are created on demand. Allocation takes
// most of the parsing time, so large files parse 1.5 times as fast as with plain objects. Fields that a constructor assigns
// are only declared: initializing them first, in a subclass, would cost a third.

import type { Range } from '../diagnostics/source.ts'
import type * as ast from './ast.ts'

// Shared by all nodes without elements.
const emptyList: readonly never[] = []

/** A copy without the spare capacity of a growing array. */
export const compact = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? emptyList : list.slice())

const rangeIn = (file: string, start: number, end: number): Range => ({ file, start, end })

/** A node with start and end offsets. */
class RangedNode {
  declare readonly source: string
  declare readonly from: number
  declare readonly to: number

  constructor(source: string, from: number, to: number) {
    this.source = source
    this.from = from
    this.to = to
  }

  get range(): Range {
    return rangeIn(this.source, this.from, this.to)
  }
}

export class BodyNode extends RangedNode implements ast.Body {
  declare readonly attributes: ReadonlyMap<string, ast.Attribute>
  declare readonly blocks: readonly ast.Block[]

  constructor(
    source: string,
    from: number,
    to: number,
    attributes: BodyNode['attributes'],
    blocks: BodyNode['blocks'],
  ) {
    super(source, from, to)
    this.attributes = attributes
    this.blocks = blocks
  }
}

export class AttributeNode extends RangedNode implements ast.Attribute {
  declare readonly name: string
  declare readonly expression: ast.Expression

  constructor(source: string, from: number, to: number, name: string, expression: ast.Expression) {
    super(source, from, to)
    this.name = name
    this.expression = expression
  }

  get nameRange(): Range {
    return rangeIn(this.source, this.from, this.from + this.name.length)
  }
}

export class BlockNode extends RangedNode implements ast.Block {
  declare readonly type: string
  declare readonly labels: readonly ast.Label[]
  declare readonly body: ast.Body
  declare readonly headerTo: number
  declare readonly braceFrom: number

  constructor(
    source: string,
    from: number,
    to: number,
    { type, labels, body, headerTo, braceFrom }: Pick<BlockNode, 'type' | 'labels' | 'body' | 'headerTo' | 'braceFrom'>,
  ) {
    super(source, from, to)
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

export class LabelNode extends RangedNode implements ast.Label {
  declare readonly text: string

  constructor(source: string, from: number, to: number, text: string) {
    super(source, from, to)
    this.text = text
  }
}

export class LiteralNode extends RangedNode implements ast.Literal {
  readonly type = 'literal'
  declare readonly value: ast.Literal['value']

  constructor(source: string, from: number, to: number, value: ast.Literal['value']) {
    super(source, from, to)
    this.value = value
  }
}

export class VariableNode extends RangedNode implements ast.Variable {
  readonly type = 'variable'
  declare readonly name: string

  constructor(source: string, from: number, to: number, name: string) {
    super(source, from, to)
    this.name = name
  }
}

export class AccessNode extends RangedNode implements ast.AttributeAccess {
  readonly type = 'attribute'
  declare readonly object: ast.Expression
  declare readonly name: string
  /** The offset of the dot. */
  declare readonly dot: number

  constructor(source: string, from: number, to: number, object: ast.Expression, name: string, dot: number) {
    super(source, from, to)
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

export class TemplateNode extends RangedNode implements ast.Template {
  readonly type = 'template'
  declare readonly parts: readonly ast.TemplatePart[]
  declare readonly isWrapper: boolean
  declare readonly firstFrom: number
  declare readonly firstTo: number

  constructor(
    source: string,
    from: number,
    to: number,
    parts: readonly ast.TemplatePart[],
    isWrapper: boolean,
    firstFrom: number,
    firstTo: number,
  ) {
    super(source, from, to)
    this.parts = parts
    this.isWrapper = isWrapper
    this.firstFrom = firstFrom
    this.firstTo = firstTo
  }

  get firstText(): Range {
    return rangeIn(this.source, this.firstFrom, this.firstTo)
  }
}

/** A quoted string without sequences, the most frequent template, or an identifier used as an object key. */
export class TextNode extends RangedNode implements ast.Template {
  readonly type = 'template'
  declare readonly text: string
  declare readonly isQuoted: boolean

  constructor(source: string, from: number, to: number, text: string, isQuoted: boolean) {
    super(source, from, to)
    this.text = text
    this.isQuoted = isQuoted
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

export class ObjectNode extends RangedNode implements ast.ObjectConstructor {
  readonly type = 'object'
  declare readonly items: ast.ObjectConstructor['items']

  constructor(source: string, from: number, to: number, items: ast.ObjectConstructor['items']) {
    super(source, from, to)
    this.items = items
  }
}

export class TupleNode extends RangedNode implements ast.Tuple {
  readonly type = 'tuple'
  declare readonly elements: readonly ast.Expression[]

  constructor(source: string, from: number, to: number, elements: readonly ast.Expression[]) {
    super(source, from, to)
    this.elements = elements
  }
}

export class CallNode extends RangedNode implements ast.Call {
  readonly type = 'call'
  declare readonly name: string
  declare readonly args: readonly ast.Expression[]
  declare readonly expandsLast: boolean
  declare readonly nameTo: number

  constructor(
    source: string,
    from: number,
    to: number,
    name: string,
    args: readonly ast.Expression[],
    expandsLast: boolean,
    nameTo: number,
  ) {
    super(source, from, to)
    this.name = name
    this.args = args
    this.expandsLast = expandsLast
    this.nameTo = nameTo
  }

  get nameRange(): Range {
    return rangeIn(this.source, this.from, this.nameTo)
  }
}

/** A copy of a node as a plain object, with the values of its getters. */
export function toPlainObject<T extends object>(node: T): T {
  if (Object.getPrototypeOf(node) === Object.prototype) return node
  const full: Record<string, unknown> = {}
  for (const name of fieldNames(node)) full[name] = (node as unknown as Record<string, unknown>)[name]
  return full as T
}

export const positionFields: ReadonlySet<string> = new Set([
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

/** The names of fields and getters, without raw positions. */
function fieldNames(node: object): string[] {
  const own = Object.keys(node).filter((name) => !positionFields.has(name))
  const getters = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter((name) => name !== 'constructor')
  return [...own, 'range', ...getters]
}
