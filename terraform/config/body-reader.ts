// Decodes the language's own blocks: constant arguments, keywords and references; rejects anything else.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { parseExpressionText } from '../hcl/parse-body.ts'
import { startRange } from '../hcl/start-range.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import type { Evaluated } from '../lang/evaluator/evaluation-context.ts'
import { referenceOf } from '../lang/evaluator/reference.ts'
import { freshLimits } from '../lang/limits.ts'
import type { Reference, Scope } from '../lang/scope.ts'
import { convert, failed } from '../values/convert.ts'
import { boolType, stringType } from '../values/type.ts'
import { unknown, type Value } from '../values/value.ts'
import { unsupportedArgument } from './json-file.ts'
import { missingItemRange, readLabels } from './labels.ts'
import { shiftRanges } from './shift-ranges.ts'

export class BodyReader {
  readonly body: Body
  readonly #report: (diagnostic: Diagnostic) => void
  readonly #blockName: string

  /** `blockName` names the block in diagnostics: `variable "x"`. */
  constructor(body: Body, blockName: string, report: (diagnostic: Diagnostic) => void) {
    this.body = body
    this.#blockName = blockName
    this.#report = report
  }

  error(range: Range, summary: string, detail: string): void {
    this.#report(errorAt(range, summary, detail))
  }

  /** Reports unexpected arguments and blocks. */
  allowOnly(argumentNames: readonly string[], blockTypes: readonly string[]): void {
    for (const attribute of this.body.attributes.values()) {
      if (argumentNames.includes(attribute.name)) continue
      const hint = blockTypes.includes(attribute.name)
        ? ` "${attribute.name}" is a block here: omit the equals sign.`
        : didYouMean(attribute.name, argumentNames)
      this.error(
        attribute.nameRange,
        unsupportedArgument(this.body),
        `An argument named "${attribute.name}" is not expected in ${this.#blockName}.${hint}`,
      )
    }
    for (const block of this.body.blocks) {
      if (blockTypes.includes(block.type)) continue
      const hint = argumentNames.includes(block.type)
        ? ` "${block.type}" is an argument here: add an equals sign.`
        : didYouMean(block.type, blockTypes)
      this.error(
        block.typeRange,
        'Unsupported block type',
        `Blocks of type "${block.type}" are not expected in ${this.#blockName}.${hint}`,
      )
    }
  }

  /** For bodies that allow arguments only. */
  rejectBlocks(): void {
    for (const { type, typeRange } of this.body.blocks) {
      const detail = `Blocks are not expected in ${this.#blockName}. To set an object, write ${type} = { … }.`
      this.error(typeRange, `Unexpected "${type}" block`, detail)
    }
  }

  expression(name: string): Expression | undefined {
    return this.body.attributes.get(name)?.expression
  }

  /** A required argument; reports a missing one. */
  required(name: string): Expression | undefined {
    const found = this.expression(name)
    if (!found) {
      const detail = `The argument "${name}" is required in ${this.#blockName}.`
      this.error(missingItemRange(this.body), 'Missing required argument', detail)
    }
    return found
  }

  constant(name: string): Value | undefined {
    const found = this.expression(name)
    return found && this.constantOf(found)
  }

  constantOf(expression: Expression): Value {
    const { value, diagnostics } = evaluateConstant(expression)
    diagnostics.forEach(this.#report)
    return value
  }

  string(name: string): string | undefined {
    return this.#readConstant(name, 'string')
  }

  bool(name: string): boolean | undefined {
    return this.#readConstant(name, 'bool')
  }

  #readConstant(name: string, kind: 'string'): string | undefined
  #readConstant(name: string, kind: 'bool'): boolean | undefined
  #readConstant(name: string, kind: 'string' | 'bool'): string | boolean | undefined {
    const expression = this.expression(name)
    const value = expression && this.constantOf(expression)
    if (!expression || !value || value.kind === 'unknown') return undefined
    if (value.kind === kind) return value.value as string | boolean
    const converted = convert(value, kind === 'string' ? stringType : boolType)
    if (!failed(converted) && converted.kind === kind) return converted.value as string | boolean
    this.error(startRange(expression), 'Unsuitable value type', `"${name}" in ${this.#blockName} must be a ${kind}.`)
    return undefined
  }

  /** A keyword, or its deprecated quoted form. */
  keyword<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const expression = this.expression(name)
    if (!expression) return fallback
    const written = keywordOf(expression)
    if (expression.type !== 'variable' && written !== undefined) {
      this.warn(expression.range, 'Quoted keywords are deprecated', `Remove the quotes: ${written}.`)
    }
    const word = words.find((candidate) => candidate === written)
    if (word === undefined) {
      this.error(
        expression.range,
        `Invalid "${name}" keyword`,
        `"${name}" in ${this.#blockName} must be one of: ${words.join(', ')}.`,
      )
    }
    return word ?? fallback
  }

  /** `depends_on`: a list of plain references. Ignores indexes: a dependency covers the whole resource. */
  dependsOn(): Reference[] {
    return this.expressions('depends_on').flatMap((element) => {
      const plain = this.unquote(element)
      const reference = referenceOf(plain.type === 'index' ? plain.collection : plain)
      if (reference) return this.#checkWhole(reference)
      this.error(element.range, 'Invalid expression', '"depends_on" must contain references, such as coder_agent.main.')
      return []
    })
  }

  /** Reports attributes after the resource name. */
  #checkWhole(reference: Reference): Reference[] {
    const [first] = reference
    const length = first?.name === 'data' || first?.name === 'resource' ? 3 : 2
    const extra = reference[length]
    if (!extra) return [reference]
    const detail = 'A dependency is a whole resource or module. Remove the attribute.'
    this.error(extra.stepRange ?? extra.range, 'Invalid depends_on reference', detail)
    return []
  }

  /** The reference in a deprecated quoted string. */
  unquote(expression: Expression): Expression {
    const word = expression.type === 'template' || expression.type === 'literal' ? keywordOf(expression) : undefined
    if (word === undefined) return expression
    const parsed = parseExpressionText({ file: expression.range.file, text: word })
    if (parsed.diagnostics.length > 0) return expression
    this.warn(expression.range, 'Quoted references are deprecated', `Remove the quotes: ${word}.`)
    const { start } = expression.range
    return shiftRanges(parsed.value, (inner) => ({
      ...inner,
      start: inner.start + start + 1,
      end: inner.end + start + 1,
    }))
  }

  warn(range: Range, summary: string, detail: string): void {
    this.#report({ severity: 'warning', summary, detail, range })
  }

  expressions(name: string): readonly Expression[] {
    const expression = this.expression(name)
    if (!expression) return []
    if (expression.type === 'tuple') return expression.elements
    if (expression.type !== 'invalid')
      this.error(startRange(expression), 'Invalid expression', `"${name}" must be a list in brackets.`)
    return []
  }

  /** The content of the `_` block, of which at most one is allowed. */
  escapingBlock(): Body | undefined {
    const [first, second] = this.blocks(escapingType)
    if (second)
      this.error(second.headerRange, 'Duplicate escaping block', `Only one block "_" is allowed in ${this.#blockName}.`)
    return first && readLabels(first, [], this.#report) ? first.body : undefined
  }

  blocks(type: string): readonly Block[] {
    return this.body.blocks.filter((block) => block.type === type)
  }
}

/** The block type that escapes arguments with reserved names. */
export const escapingType = '_'

export function keywordOf(expression: Expression): string | undefined {
  if (expression.type === 'variable') return expression.name
  if (expression.type === 'literal') return expression.value.kind === 'string' ? expression.value.value : undefined
  if (expression.type !== 'template') return undefined
  const [part] = expression.parts
  return expression.parts.length === 1 && part?.type === 'text' ? part.text : undefined
}

/** A scope without references. */
export const evaluateConstant = (expression: Expression): Evaluated => evaluate(expression, constantScope)

/** For values with function calls but without references; file functions read from the folder. */
export const referenceFreeScope = (dir: string): Scope => ({
  environment: { moduleDir: dir, mayReadOutsideModule: true, limits: freshLimits() },
  resolve: rejectReference,
})

const rejectReference: Scope['resolve'] = (reference, report) => {
  const detail = 'References are not allowed here: the value must be known before evaluation.'
  report(errorAt(reference[0]?.range, 'Variables not allowed', detail))
  return { value: unknown(), consumed: reference.length }
}

const constantScope: Scope = {
  get environment() {
    return { moduleDir: '/', mayReadOutsideModule: false, allowsCalls: false, limits: freshLimits() }
  },
  resolve: rejectReference,
}
