// The syntax tree of HCL. Every node has its range. The parser splits templates into parts; nothing is evaluated.

import type { Range } from '../diagnostics/source.ts'
import type { Value } from '../values/value.ts'

export interface Body {
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly blocks: readonly Block[]
  readonly range: Range
}

export interface Attribute {
  readonly name: string
  readonly nameRange: Range
  readonly expression: Expression
  readonly range: Range
}

export interface Block {
  readonly type: string
  readonly typeRange: Range
  readonly labels: readonly Label[]
  readonly body: Body
  /** Type and labels, without the brace. */
  readonly headerRange: Range
  /** The opening brace; undefined in JSON. */
  readonly braceRange?: Range
  readonly range: Range
}

export interface Label {
  readonly text: string
  readonly range: Range
}

export type Expression =
  | Literal
  | Template
  | Variable
  | AttributeAccess
  | Index
  | Splat
  | SplatItem
  | Call
  | Unary
  | Binary
  | Conditional
  | Tuple
  | ObjectConstructor
  | For
  | Parentheses
  | Invalid

interface Node {
  readonly range: Range
}

export interface Literal extends Node {
  readonly type: 'literal'
  readonly value: Value
}

export interface Template extends Node {
  readonly type: 'template'
  readonly parts: readonly TemplatePart[]
  /** A single interpolation without text: evaluates to the inner value, of any type. */
  readonly isWrapper: boolean
  /** The range of the first text, up to the end of its line, or of the first `for` directive. */
  readonly firstText?: Range | undefined
}

export type TemplatePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'interpolation'; readonly expression: Expression }
  | {
      readonly type: 'if'
      readonly condition: Expression
      readonly then: readonly TemplatePart[]
      readonly otherwise: readonly TemplatePart[]
    }
  | {
      readonly type: 'for'
      readonly keyName: string | undefined
      readonly valueName: string
      readonly collection: Expression
      readonly body: readonly TemplatePart[]
    }

export interface Variable extends Node {
  readonly type: 'variable'
  readonly name: string
}

export interface AttributeAccess extends Node {
  readonly type: 'attribute'
  readonly object: Expression
  readonly name: string
  readonly nameRange: Range
  /** The name with the dot before it. */
  readonly stepRange: Range
}

export interface Index extends Node {
  readonly type: 'index'
  readonly collection: Expression
  readonly key: Expression
  /** From the opening to the closing bracket, or from the dot of a legacy index. */
  readonly bracketRange: Range
}

/** `source[*].a.b`: `each` is evaluated for each element, which `item` refers to. */
export interface Splat extends Node {
  readonly type: 'splat'
  readonly source: Expression
  readonly item: SplatItem
  readonly each: Expression
}

export interface SplatItem extends Node {
  readonly type: 'splat-item'
}

export interface Call extends Node {
  readonly type: 'call'
  readonly name: string
  readonly nameRange: Range
  readonly args: readonly Expression[]
  /** The last argument is spread: `max(list...)`. */
  readonly expandsLast: boolean
}

export interface Unary extends Node {
  readonly type: 'unary'
  readonly operator: '!' | '-'
  readonly operand: Expression
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'

export interface Binary extends Node {
  readonly type: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

export interface Conditional extends Node {
  readonly type: 'conditional'
  readonly condition: Expression
  readonly then: Expression
  readonly otherwise: Expression
}

export interface Tuple extends Node {
  readonly type: 'tuple'
  readonly elements: readonly Expression[]
}

export interface ObjectConstructor extends Node {
  readonly type: 'object'
  readonly items: readonly { readonly key: Expression; readonly value: Expression }[]
}

export interface For extends Node {
  readonly type: 'for'
  readonly keyName: string | undefined
  readonly valueName: string
  readonly collection: Expression
  /** Undefined in the tuple form. */
  readonly key: Expression | undefined
  readonly value: Expression
  readonly condition: Expression | undefined
  /** The object form's `...`: groups the values of equal keys. */
  readonly groups: boolean
}

export interface Parentheses extends Node {
  readonly type: 'parentheses'
  readonly inner: Expression
}

/** A reported syntax error; evaluates to unknown. */
export interface Invalid extends Node {
  readonly type: 'invalid'
}
