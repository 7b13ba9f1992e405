// The syntax tree of HCL. Every node knows its range. Templates are taken apart by the parser; nothing is evaluated.

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
  /** The opening brace; JSON has none. */
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
  /** One interpolation and nothing else: its value is passed through, whatever its type. */
  readonly isWrapper: boolean
  /** Of the text that the template begins with, up to the end of its line, or of the `for` directive. */
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
  /** From the opening bracket to the closing one, or from the dot. */
  readonly bracketRange: Range
}

/** `source[*].a.b`: `each` is evaluated per element, which `item` stands for. */
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
  /** Present for the object form. */
  readonly key: Expression | undefined
  readonly value: Expression
  readonly condition: Expression | undefined
  /** The object form's `...`: values of equal keys are grouped. */
  readonly groups: boolean
}

export interface Parentheses extends Node {
  readonly type: 'parentheses'
  readonly inner: Expression
}

/** Where a syntax error was; it has been told, and evaluates to unknown. */
export interface Invalid extends Node {
  readonly type: 'invalid'
}
