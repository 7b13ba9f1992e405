// Decodes a specification: an HCL file with spec blocks, and with `variables` and `function` blocks for the files that are
// decoded with it.

import { errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Body, Expression } from '../hcl/ast.ts'
import type { LanguageFunction } from '../lang/function.ts'
import { convert, failed } from '../values/convert.ts'
import { numToJs } from '../values/number.ts'
import { boolType, hasDynamic, listType, numberType, stringType, type Type } from '../values/type.ts'
import { nullOf, type Value } from '../values/value.ts'
import type { AttributeSchema, BodyBlock, Content, SchemaBody } from './body.ts'
import { noContext, type Report } from './evaluation.ts'
import { definedFunction, specFunctions } from './functions.ts'
import { NativeBody } from './native-body.ts'
import { type BlockMapSpec, type BlocksSpec, impliedType, type Spec } from './spec.ts'
import { readTypeExpression } from './type-expression.ts'

export interface Specification {
  readonly root: Spec
  readonly variables: ReadonlyMap<string, Value>
  readonly functions: ReadonlyMap<string, LanguageFunction>
}

const specContext = { variables: undefined, functions: specFunctions }

export function readSpecification(body: Body, report: Report): Specification {
  const reader = new SpecReader(body, report)
  const { functions, rest: withoutFunctions } = reader.readFunctions(new NativeBody(body))
  const { variables, rest } = reader.readVariables(withoutFunctions)
  return {
    root: reader.readOnly(rest, 'A spec file must have exactly one spec block at the top level.'),
    variables,
    functions,
  }
}

/** Replaces an invalid spec after its error was reported. */
const invalidSpec: Spec = { kind: 'literal', value: nullOf() }

type ReadSpec = (reader: SpecReader, body: SchemaBody, name: string) => Spec

/** The kinds of spec blocks by block type. */
const kinds: Readonly<Record<string, ReadSpec>> = {
  object: (reader, body) => reader.readObject(body),
  array: (reader, body) => ({ kind: 'array', elements: reader.readAll(body, []).map(([, spec]) => spec) }),
  literal: (reader, body) => reader.readLiteral(body),
  attr: (reader, body, name) => reader.readAttribute(body, name),
  block: (reader, body, name) => reader.readBlock(body, name),
  block_list: (reader, body, name) => reader.readBlocks(body, name, 'block list'),
  block_set: (reader, body, name) => reader.readBlocks(body, name, 'block set'),
  block_tuple: (reader, body, name) => reader.readBlocks(body, name, 'block tuple'),
  block_map: (reader, body, name) => reader.readBlockMap(body, name),
  block_attrs: (reader, body, name) => reader.readBlockAttributes(body, name),
  block_label: (reader, body, name) => reader.readLabel(body, name),
  default: (reader, body) => reader.readDefault(body),
  transform: (reader, body) => reader.readTransform(body),
}

const blockSchemas = (labelNames: readonly string[]) => Object.keys(kinds).map((type) => ({ type, labelNames }))

const optional = (...names: string[]): AttributeSchema[] => names.map((name) => ({ name, isRequired: false }))

class SpecReader {
  readonly #report: Report
  readonly #expressions: ReadonlyMap<number, Expression>
  #errorCount = 0

  constructor(body: Body, report: Report) {
    this.#report = (diagnostic) => {
      this.#errorCount++
      report(diagnostic)
    }
    this.#expressions = new Map(expressionsIn(body).map((expression) => [expression.range.start, expression]))
  }

  #addError(range: Range, summary: string, detail: string): Spec {
    this.#report(errorAt(range, summary, detail))
    return invalidSpec
  }

  readFunctions(body: SchemaBody) {
    const schema = { attributes: [], blocks: [{ type: 'function', labelNames: ['name'] }] }
    const { content, rest } = body.partialContent(schema, this.#report)
    const functions = new Map<string, LanguageFunction>()
    for (const block of content.blocks) {
      const created = this.#readFunction(block.body)
      if (created) functions.set(block.labels[0]?.text ?? '', created)
    }
    return { functions, rest }
  }

  #readFunction(body: SchemaBody): LanguageFunction | undefined {
    const attributes = [
      { name: 'params', isRequired: true },
      { name: 'variadic_param', isRequired: false },
      { name: 'result', isRequired: true },
    ]
    const content = body.content({ attributes, blocks: [] }, this.#report)
    const params = this.#expressionOf(content, 'params')
    const result = this.#expressionOf(content, 'result')
    const variadic = this.#expressionOf(content, 'variadic_param')
    if (!params || !result) return undefined
    if (params.type !== 'tuple') {
      this.#addError(params.range, 'Invalid expression', 'The parameters must be a list of names.')
      return undefined
    }
    const names = params.elements.map((element) => this.#keyword(element, 'Invalid param element'))
    const rest = variadic && this.#keyword(variadic, 'Invalid variadic_param')
    if (!names.every((name) => name !== undefined) || (variadic && rest === undefined)) return undefined
    return definedFunction({ parameters: names, variadic: rest, result })
  }

  #keyword(expression: Expression, summary: string): string | undefined {
    if (expression.type === 'variable') return expression.name
    this.#addError(expression.range, summary, 'The name of a parameter must be an identifier.')
    return undefined
  }

  readVariables(body: SchemaBody) {
    const schema = { attributes: [], blocks: [{ type: 'variables', labelNames: [] }] }
    const { content, rest } = body.partialContent(schema, this.#report)
    const variables = new Map<string, Value>()
    for (const block of content.blocks) {
      for (const [name, { value }] of block.body.justAttributes(this.#report)) {
        variables.set(name, value.evaluate(specContext, this.#report))
      }
    }
    return { variables, rest }
  }

  /** The specs of the body with their labels. */
  readAll(body: SchemaBody, labelNames: readonly string[]): (readonly [string, Spec])[] {
    const content = body.content({ attributes: [], blocks: blockSchemas(labelNames) }, this.#report)
    return content.blocks.map((block) => [block.labels[0]?.text ?? '', this.#readBlockAsSpec(block)] as const)
  }

  #readBlockAsSpec({ type, body, labels }: BodyBlock): Spec {
    return kinds[type]?.(this, body, labels[0]?.text ?? '') ?? invalidSpec
  }

  readOnly(body: SchemaBody, rule: string): Spec {
    const { blocks, isBroken } = this.#specBlocks(body)
    const [first, second] = blocks
    if (!first) return isBroken ? invalidSpec : this.#addError(body.missingItemRange, 'Missing spec block', rule)
    if (second) return this.#addError(second.definitionRange, 'Extraneous spec block', rule)
    return this.#readBlockAsSpec(first)
  }

  /** The spec blocks of the body; `isBroken` after errors, which are reported. */
  #specBlocks(body: SchemaBody): { readonly blocks: readonly BodyBlock[]; readonly isBroken: boolean } {
    let isBroken = false
    const { blocks } = body.content({ attributes: [], blocks: blockSchemas([]) }, (diagnostic) => {
      isBroken ||= hasErrors([diagnostic])
      this.#report(diagnostic)
    })
    return { blocks, isBroken }
  }

  readObject(body: SchemaBody): Spec {
    return { kind: 'object', properties: new Map(this.readAll(body, ['key'])) }
  }

  readLiteral(body: SchemaBody): Spec {
    const attributes = [{ name: 'value', isRequired: true }]
    const value = body.content({ attributes, blocks: [] }, this.#report).attributes.get('value')
    return value ? { kind: 'literal', value: value.value.evaluate(specContext, this.#report) } : invalidSpec
  }

  readAttribute(body: SchemaBody, impliedName: string): Spec {
    const errors = this.#errorCount
    const content = body.content({ attributes: optional('name', 'type', 'required'), blocks: [] }, this.#report)
    const name = this.#text(content, 'name') ?? impliedName
    const spec: Spec = { kind: 'attribute', name, type: this.#type(content, 'type'), isRequired: this.#flag(content) }
    if (name !== '' || this.#errorCount > errors) return spec
    return this.#addError(
      body.missingItemRange,
      'Missing name in attribute spec',
      'The argument "name" is required here.',
    )
  }

  readLabel(body: SchemaBody, impliedName: string): Spec {
    const content = body.content({ attributes: optional('index', 'name'), blocks: [] }, this.#report)
    return {
      kind: 'block label',
      index: this.#count(content, 'index'),
      name: this.#text(content, 'name') ?? impliedName,
    }
  }

  readBlock(body: SchemaBody, impliedName: string): Spec {
    const { content, rest } = this.#withNested(body, 'block_type', 'required')
    const type = this.#text(content, 'block_type') ?? impliedName
    return { kind: 'block', type, isRequired: this.#flag(content), nested: this.#nested(rest) }
  }

  readBlocks(body: SchemaBody, impliedName: string, kind: BlocksSpec['kind']): Spec {
    const { content, rest } = this.#withNested(body, 'block_type', 'min_items', 'max_items')
    const type = this.#text(content, 'block_type') ?? impliedName
    const minItems = this.#count(content, 'min_items')
    const maxItems = this.#count(content, 'max_items')
    return this.#requireType(body, { kind, type, minItems, maxItems, nested: this.#nested(rest) })
  }

  readBlockMap(body: SchemaBody, impliedName: string): Spec {
    const attributes = [...optional('block_type'), { name: 'labels', isRequired: true }]
    const { content, rest } = body.partialContent({ attributes, blocks: [] }, this.#report)
    if (!content.attributes.has('labels')) return invalidSpec
    const type = this.#text(content, 'block_type') ?? impliedName
    const spec: BlockMapSpec = {
      kind: 'block map',
      type,
      labelNames: this.#labels(content),
      nested: this.#nested(rest),
    }
    if (spec.labelNames.length === 0) {
      const detail = 'A block_map needs at least one label.'
      return this.#addError(body.missingItemRange, 'Invalid block label name list', detail)
    }
    if (hasDynamic(impliedType(spec))) {
      const detail = 'Elements of a map have one type, so attributes in a block_map cannot have the type "any".'
      return this.#addError(body.missingItemRange, 'Invalid block_map spec', detail)
    }
    return this.#requireType(body, spec)
  }

  readBlockAttributes(body: SchemaBody, impliedName: string): Spec {
    const attributes = optional('block_type', 'element_type', 'required')
    const content = body.content({ attributes, blocks: [] }, this.#report)
    const type = this.#text(content, 'block_type') ?? impliedName
    const element = this.#type(content, 'element_type')
    return this.#requireType(body, { kind: 'block attributes', type, element, isRequired: this.#flag(content) })
  }

  #requireType(body: SchemaBody, spec: Spec & { readonly type: string }): Spec {
    if (spec.type !== '') return spec
    const summary = `Missing block_type in ${spec.kind.replace(' attributes', ' attrs').replace(' ', '_')} spec`
    return this.#addError(body.missingItemRange, summary, 'The argument "block_type" is required here.')
  }

  readDefault(body: SchemaBody): Spec {
    const { blocks, isBroken } = this.#specBlocks(body)
    if (blocks.length === 0) {
      if (isBroken) return invalidSpec
      return this.#addError(body.missingItemRange, 'Missing spec block', 'A default must contain at least one spec.')
    }
    return blocks
      .map((block) => this.#readBlockAsSpec(block))
      .reduce((primary, fallback) => ({ kind: 'default', primary, fallback }))
  }

  readTransform(body: SchemaBody): Spec {
    const { content, rest } = this.#withNested(body, 'result')
    const result = this.#expressionOf(content, 'result')
    const { blocks, isBroken } = this.#specBlocks(rest)
    const [first] = blocks
    if (first && blocks.length === 1) return { kind: 'transform', wrapped: this.#readBlockAsSpec(first), result }
    if (isBroken) return invalidSpec
    return this.#addError(body.missingItemRange, 'Invalid transform spec', 'A transform must contain exactly one spec.')
  }

  #withNested(body: SchemaBody, ...names: string[]) {
    return body.partialContent({ attributes: optional(...names), blocks: [] }, this.#report)
  }

  #nested(rest: SchemaBody): Spec {
    return this.readOnly(rest, 'A block spec must contain exactly one spec, for the content of the block.')
  }

  #expressionOf(content: Content, name: string): Expression | undefined {
    const attribute = content.attributes.get(name)
    return attribute && this.#expressions.get(attribute.value.range.start)
  }

  #type(content: Content, name: string): Type {
    const expression = this.#expressionOf(content, name)
    return expression ? readTypeExpression(expression, this.#report) : { kind: 'dynamic' }
  }

  #text(content: Content, name: string): string | undefined {
    const value = this.#constant(content, name, stringType)
    return value?.kind === 'string' ? value.value : undefined
  }

  #flag(content: Content): boolean {
    const value = this.#constant(content, 'required', boolType)
    return value?.kind === 'bool' && value.value
  }

  #count(content: Content, name: string): number {
    const value = this.#constant(content, name, numberType)
    return value?.kind === 'number' ? numToJs(value.value) : 0
  }

  #labels(content: Content): string[] {
    const value = this.#constant(content, 'labels', listType(stringType))
    if (value?.kind !== 'list') return []
    return value.elements.flatMap((element) => (element.kind === 'string' ? [element.value] : []))
  }

  #constant(content: Content, name: string, type: Type): Value | undefined {
    const attribute = content.attributes.get(name)
    if (!attribute) return undefined
    const converted = convert(attribute.value.evaluate(noContext, this.#report), type)
    if (!failed(converted)) return converted
    this.#addError(attribute.value.startRange, 'Unsuitable value type', `Unsuitable value: ${converted.problem}.`)
    return undefined
  }
}

/** All expressions of a body: specs need them, but `SchemaBody` does not expose them. */
const expressionsIn = ({ attributes, blocks }: Body): Expression[] => [
  ...[...attributes.values()].map(({ expression }) => expression),
  ...blocks.flatMap(({ body }) => expressionsIn(body)),
]
