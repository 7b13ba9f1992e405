// Reads the language's own blocks: arguments that must be constants, keywords or references, and nothing unexpected.

import { type Diagnostic, didYouMean, errorAt, type Range } from '../diagnostics.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { evaluate, referenceOf } from '../lang/evaluate.ts'
import { freshLimits, type Reference, type Scope } from '../lang/scope.ts'
import { unknown, type Value } from '../values/value.ts'

export class BodyReader {
  readonly body: Body
  readonly #report: (diagnostic: Diagnostic) => void
  readonly #what: string

  /** `what` names the block in diagnostics: `variable "x"`. */
  constructor(body: Body, what: string, report: (diagnostic: Diagnostic) => void) {
    this.body = body
    this.#what = what
    this.#report = report
  }

  error(range: Range, summary: string, detail: string): void {
    this.#report(errorAt(range, summary, detail))
  }

  /** Tells arguments and blocks that do not belong here. */
  allowOnly(argumentNames: readonly string[], blockTypes: readonly string[]): void {
    for (const attribute of this.body.attributes.values()) {
      if (argumentNames.includes(attribute.name)) continue
      const hint = blockTypes.includes(attribute.name)
        ? ` "${attribute.name}" is a block here: write it without the equals sign.`
        : didYouMean(attribute.name, argumentNames)
      this.error(
        attribute.nameRange,
        'Unsupported argument',
        `An argument named "${attribute.name}" is not expected in ${this.#what}.${hint}`,
      )
    }
    for (const block of this.body.blocks) {
      if (blockTypes.includes(block.type)) continue
      const hint = argumentNames.includes(block.type)
        ? ` "${block.type}" is an argument here: write it with an equals sign.`
        : didYouMean(block.type, blockTypes)
      this.error(
        block.typeRange,
        'Unsupported block type',
        `Blocks of type "${block.type}" are not expected in ${this.#what}.${hint}`,
      )
    }
  }

  expression(name: string): Expression | undefined {
    return this.body.attributes.get(name)?.expression
  }

  /** An argument that must be there; told when it is not. */
  required(name: string, header: Range): Expression | undefined {
    const found = this.expression(name)
    if (!found) this.error(header, 'Missing required argument', `The argument "${name}" is required in ${this.#what}.`)
    return found
  }

  constant(name: string): Value | undefined {
    const found = this.expression(name)
    return found && this.constantOf(found)
  }

  constantOf(expression: Expression): Value {
    const { value, diagnostics } = evaluate(expression, constantScope)
    diagnostics.forEach(this.#report)
    return value
  }

  text(name: string): string | undefined {
    return this.#typed(name, 'string')
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, 'bool')
  }

  #typed(name: string, kind: 'string'): string | undefined
  #typed(name: string, kind: 'bool'): boolean | undefined
  #typed(name: string, kind: 'string' | 'bool'): string | boolean | undefined {
    const expression = this.expression(name)
    const value = expression && this.constantOf(expression)
    if (!expression || !value || value.kind === 'null' || value.kind === 'unknown') return undefined
    if (value.kind === kind) return value.value as string | boolean
    this.error(expression.range, 'Invalid argument', `"${name}" in ${this.#what} must be a ${kind}.`)
    return undefined
  }

  /** A bare word, or the old form in quotes. */
  keyword<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const expression = this.expression(name)
    if (!expression) return fallback
    const written = wordOf(expression)
    const word = words.find((candidate) => candidate === written)
    if (word === undefined) {
      this.error(
        expression.range,
        'Invalid argument',
        `"${name}" in ${this.#what} must be one of: ${words.join(', ')}.`,
      )
    }
    return word ?? fallback
  }

  /** A list of plain references, as in `depends_on`. */
  references(name: string): Reference[] {
    return this.expressions(name).flatMap((element) => {
      const reference = referenceOf(element)
      if (!reference)
        this.error(element.range, 'Invalid reference', `"${name}" holds plain references, such as coder_agent.main.`)
      return reference ? [reference] : []
    })
  }

  expressions(name: string): readonly Expression[] {
    const expression = this.expression(name)
    if (!expression) return []
    if (expression.type === 'tuple') return expression.elements
    if (expression.type !== 'invalid')
      this.error(expression.range, 'Invalid argument', `"${name}" must be a list in brackets.`)
    return []
  }

  blocks(type: string): readonly Block[] {
    return this.body.blocks.filter((block) => block.type === type)
  }
}

export function wordOf(expression: Expression): string | undefined {
  if (expression.type === 'variable') return expression.name
  if (expression.type === 'literal') return expression.value.kind === 'string' ? expression.value.value : undefined
  if (expression.type !== 'template') return undefined
  const [part] = expression.parts
  return expression.parts.length === 1 && part?.type === 'text' ? part.text : undefined
}

/** Where nothing may be referred to. */
const constantScope: Scope = {
  moduleDir: '/',
  mayReadOutsideModule: false,
  get limits() {
    return freshLimits()
  },
  resolve(reference, report) {
    const [first] = reference
    report(
      errorAt(
        first?.range,
        'Variables not allowed',
        'Variables may not be used here: the value must be known before anything is evaluated.',
      ),
    )
    return { value: unknown(), consumed: reference.length }
  },
}
