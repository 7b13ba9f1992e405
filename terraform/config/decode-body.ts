// Evaluates a body against a schema: arguments, nested blocks, `dynamic` blocks. The result has every attribute
// of the schema; omitted ones are null.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Body } from '../hcl/ast.ts'
import { evaluate, evaluateTo } from '../lang/evaluator/evaluate.ts'
import type { Environment, Reference, Resolved, Scope } from '../lang/scope.ts'
import type { AttributePath, BlockSchema, NestedBlockSchema } from '../provider.ts'
import { convert, failed } from '../values/convert.ts'
import { hasDynamic } from '../values/type.ts'
import {
  deepMarks,
  ephemeralMark,
  int,
  isFromStub,
  list,
  nullOf,
  type ObjectValue,
  object,
  objectFrom,
  set,
  string,
  tuple,
  unknown,
  type Value,
  withMarks,
} from '../values/value.ts'
import { BodyReader, escapingType } from './body-reader.ts'
import { jsonBlocks, unsupportedArgument } from './json-file.ts'
import { missingItemRange, openingRange } from './labels.ts'
import { typeOfNested, typeOfSchema } from './schema.ts'

export interface DecodedBody {
  readonly value: ObjectValue
  readonly diagnostics: readonly Diagnostic[]
}

export interface ReservedNames {
  readonly attributes: ReadonlySet<string>
  readonly blocks: ReadonlySet<string>
  /** Whether ephemeral values are allowed; false where the value is persisted. */
  readonly allowsEphemeral?: boolean
}

const noReservedNames: ReservedNames = { attributes: new Set(), blocks: new Set() }

export function decodeBody(
  body: Body,
  schema: BlockSchema,
  scope: Scope,
  header: Range,
  blockName: string,
  reserved: ReservedNames = noReservedNames,
): DecodedBody {
  const decode = (inner: Scope): DecodedBody => {
    const diagnostics: Diagnostic[] = []
    const [plain, stillReserved] = withoutEscaping(body, reserved)
    const value = new BodyDecoder(plain, blockName, stillReserved, diagnostics).decode(plain, schema, inner, header)
    return { value, diagnostics }
  }
  const isEmpty = body.attributes.size === 0 && body.blocks.length === 0
  return scope.cache && !isEmpty ? scope.cache.getOrEvaluate(body, scope, decode, schema) : decode(scope)
}

/** Names in a `_` block belong to the body's schema, even if the language reserves them elsewhere. */
function withoutEscaping(body: Body, reserved: ReservedNames): readonly [Body, ReservedNames] {
  const escaping = body.blocks.find(({ type }) => type === escapingType)?.body
  if (!escaping || reserved === noReservedNames) return [body, reserved]
  const attributes = [...body.attributes].filter(([name]) => !reserved.attributes.has(name))
  const blocks = body.blocks.filter(({ type }) => !reserved.blocks.has(type) && type !== escapingType)
  const merged = {
    ...body,
    attributes: new Map([...attributes, ...escaping.attributes]),
    blocks: [...blocks, ...escaping.blocks],
  }
  return [merged, { ...reserved, ...noReservedNames }]
}

class BodyDecoder {
  readonly #blockName: string
  readonly #reserved: ReservedNames
  readonly #diagnostics: Diagnostic[]
  readonly #root: Body

  constructor(root: Body, blockName: string, reserved: ReservedNames, diagnostics: Diagnostic[]) {
    this.#root = root
    this.#blockName = blockName
    this.#reserved = reserved
    this.#diagnostics = diagnostics
  }

  #reportError(range: Range, summary: string, detail: string): void {
    this.#diagnostics.push(errorAt(range, summary, detail))
  }

  decode(body: Body, schema: BlockSchema, scope: Scope, header: Range): ObjectValue {
    this.#rejectUnknown(body, schema)
    // In key order: sorting each of a thousand objects takes longer than evaluating it.
    const entries = emptyEntries(schema)
    for (const name of Object.keys(schema.attributes))
      entries.set(name, this.#decodeAttribute(body, schema, name, scope))
    for (const [name, nested] of Object.entries(schema.blocks))
      entries.set(name, this.#decodeBlocks(body, name, nested, scope, header))
    return object(entries)
  }

  #decodeAttribute(body: Body, schema: BlockSchema, name: string, scope: Scope): Value {
    const { type, required, readOnly, writeOnly } = schema.attributes[name] as BlockSchema['attributes'][string]
    const attribute = body.attributes.get(name)
    if (!attribute) {
      if (required) {
        const detail = `The argument "${name}" is required in ${this.#blockName}.`
        this.#reportError(missingItemRange(body), 'Missing required argument', detail)
      }
      return nullOf(type)
    }
    if (readOnly) {
      this.#reportError(
        attribute.expression.range,
        schema.attributes[name]?.readOnlyMessage ?? 'Value for unconfigurable attribute',
        `"${name}" is set by the provider and cannot be configured.`,
      )
      return nullOf(type)
    }
    const target = `attribute "${name}"`
    const { value, diagnostics } = evaluateTo(
      attribute.expression,
      type,
      scope,
      target,
      'Incorrect attribute value type',
    )
    this.#diagnostics.push(...diagnostics)
    if (writeOnly) return nullOf(type)
    this.#rejectEphemeral(deepMarks(value), attribute.expression.range)
    if (required && value.kind === 'null' && diagnostics.length === 0) {
      this.#reportError(
        attribute.expression.range,
        'Missing required argument',
        `The argument "${name}" is required in ${this.#blockName}, but its value is null.`,
      )
    }
    return value
  }

  #rejectEphemeral(marks: number, range: Range): void {
    if ((marks & ephemeralMark) === 0 || this.#reserved.allowsEphemeral) return
    const detail = 'Ephemeral values are not allowed here, because this argument is stored in the state.'
    this.#reportError(range, 'Ephemeral value used in non-ephemeral context', detail)
  }

  #rejectUnknown(body: Body, schema: BlockSchema): void {
    const attributeNames = Object.keys(schema.attributes)
    const blockNames = Object.keys(schema.blocks)
    for (const { name, nameRange } of body.attributes.values()) {
      if (Object.hasOwn(schema.attributes, name) || this.#reserved.attributes.has(name)) continue
      if (Object.hasOwn(schema.blocks, name) && jsonBlocks(body, name)) continue
      const hint = Object.hasOwn(schema.blocks, name)
        ? ` "${name}" is a block here: omit the equals sign.`
        : didYouMean(name, [...attributeNames, ...this.#reserved.attributes])
      this.#reportError(
        nameRange,
        unsupportedArgument(body),
        `An argument named "${name}" is not expected in ${this.#blockName}.${hint}`,
      )
    }
    for (const block of body.blocks) {
      const isDynamic = block.type === 'dynamic'
      const [, extra] = block.labels
      if (isDynamic && extra)
        this.#reportError(extra.range, 'Extraneous label for dynamic', 'A dynamic block has one label.')
      if (isDynamic && block.labels.length === 0) {
        const detail = 'The label of a dynamic block must be the type of the generated blocks.'
        this.#reportError(block.braceRange ?? block.typeRange, 'Missing type for dynamic', detail)
        continue
      }
      const type = isDynamic ? (block.labels[0]?.text ?? '') : block.type
      // The language's own blocks are decoded before evaluation.
      if (Object.hasOwn(schema.blocks, type) || (!isDynamic && this.#reserved.blocks.has(type))) continue
      const hint = Object.hasOwn(schema.attributes, type)
        ? ` "${type}" is an argument here: add an equals sign.`
        : didYouMean(type, [...blockNames, ...this.#reserved.blocks])
      this.#reportError(
        isDynamic ? (block.labels[0]?.range ?? block.typeRange) : block.typeRange,
        'Unsupported block type',
        `Blocks of type "${type}" are not expected in ${this.#blockName}.${hint}`,
      )
    }
  }

  #decodeBlocks(body: Body, name: string, nested: NestedBlockSchema, scope: Scope, header: Range): Value {
    const found: Value[] = []
    let marks = 0
    let isKnown = true
    const ranges: Range[] = []
    for (const block of [...body.blocks, ...(jsonBlocks(body, name) ?? [])]) {
      if (block.type === name) {
        found.push(this.decode(block.body, nested.block, scope, block.headerRange))
        ranges.push(openingRange(block.body))
      }
      if (block.type !== 'dynamic' || block.labels[0]?.text !== name) continue
      const expanded = this.#dynamic(block, nested, scope)
      if (expanded) {
        found.push(...expanded.values)
        ranges.push(...expanded.values.map(() => expanded.range))
      } else isKnown = false
      marks |= expanded?.marks ?? 0
    }
    if (!isKnown) return unknown(typeOfNested(nested))
    this.#checkCount(name, nested, ranges, header)
    return withMarks(collect(nested, found), marks)
  }

  #checkCount(name: string, nested: NestedBlockSchema, ranges: readonly Range[], header: Range): void {
    const count = ranges.length
    const { minItems = 0, maxItems = nested.nesting === 'single' ? 1 : Number.POSITIVE_INFINITY } = nested
    if (count < minItems) {
      this.#reportError(
        header,
        `Insufficient ${name} blocks`,
        `At least ${minItems} "${name}" block${minItems === 1 ? ' is' : 's are'} required in ${this.#blockName}.`,
      )
    }
    if (count > maxItems) {
      this.#reportError(
        ranges[maxItems] ?? header,
        `Too many ${name} blocks`,
        `No more than ${maxItems} "${name}" block${maxItems === 1 ? ' is' : 's are'} allowed in ${this.#blockName}.`,
      )
    }
  }

  /** Undefined if the number of blocks is unknown. */
  #dynamic(
    block: Block,
    nested: NestedBlockSchema,
    scope: Scope,
  ): { values: Value[]; marks: number; range: Range } | undefined {
    const name = block.labels[0]?.text ?? ''
    const reader = new BodyReader(block.body, `dynamic "${name}"`, (diagnostic) => this.#diagnostics.push(diagnostic))
    reader.allowOnly(['for_each', 'iterator', 'labels'], ['content'])
    const forEach = reader.required('for_each')
    const [content] = reader.blocks('content')
    if (!content)
      this.#reportError(
        openingRange(block.body),
        'Missing content block',
        `A dynamic block needs a "content" block, the content of each "${name}" block.`,
      )
    if (!forEach || !content) return { values: [], marks: 0, range: block.headerRange }
    const { value, diagnostics } = evaluate(forEach, scope)
    this.#diagnostics.push(...diagnostics)
    this.#rejectEphemeral(value.marks, openingRange(this.#root))
    const pairs = dynamicBlockPairs(value)
    if (value.kind === 'unknown' || (!pairs && isFromStub(value))) return undefined
    if (!pairs)
      this.#reportError(
        forEach.range,
        'Invalid dynamic for_each value',
        'A list, set, map or object is required, and it must not be null.',
      )
    const iterator = iteratorOf(block)
    const values = (pairs ?? []).map(([key, each]) => {
      const inner = new IteratorScope(scope, iterator, objectFrom({ key, value: each }))
      return this.decode(content.body, nested.block, inner, content.headerRange)
    })
    return { values, marks: deepMarks(value) & value.marks, range: openingRange(content.body) }
  }
}

const emptyBySchema = new WeakMap<BlockSchema, ReadonlyMap<string, Value>>()

function emptyEntries(schema: BlockSchema): Map<string, Value> {
  const cached = emptyBySchema.get(schema)
  if (cached) return new Map(cached)
  const names = [...Object.keys(schema.attributes), ...Object.keys(schema.blocks)]
  const created = object(names.map((name) => [name, nullOf()])).entries
  emptyBySchema.set(schema, created)
  return new Map(created)
}

/** The iterator name in a dynamic block's content. */
export function iteratorOf(block: Block): string {
  const iterator = block.body.attributes.get('iterator')?.expression
  return iterator?.type === 'variable' ? iterator.name : (block.labels[0]?.text ?? '')
}

function dynamicBlockPairs(value: Value): (readonly [Value, Value])[] | undefined {
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.elements.map((element, index) => [int(index), element] as const)
    case 'set':
      return value.elements.map((element) => [element, element] as const)
    case 'map':
    case 'object':
      return [...value.entries].map(([key, entry]) => [string(key), entry] as const)
    default:
      return undefined
  }
}

function collect(nested: NestedBlockSchema, found: readonly Value[]): Value {
  const element = typeOfSchema(nested.block)
  if (nested.nesting === 'single') return found[0] ?? nullOf(element)
  if (hasDynamic(element)) return tuple(found)
  const typed = found.map((value) => {
    const converted = convert(value, element)
    return failed(converted) ? value : converted
  })
  return nested.nesting === 'list' ? list(element, typed) : set(element, typed)
}

/**
 * The scope of a dynamic block's content: the iterator and the outer scope. Bypasses the outer cache, whose entries
 * are per part of the template: the same part has another value for each element.
 */
export class IteratorScope implements Scope {
  readonly environment: Environment
  readonly markUncacheable: Scope['markUncacheable']
  readonly #outer: Scope
  readonly #name: string
  readonly #value: Value

  constructor(outer: Scope, name: string, value: Value) {
    this.environment = outer.environment
    this.markUncacheable = outer.markUncacheable?.bind(outer)
    this.#outer = outer
    this.#name = name
    this.#value = value
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    return reference[0]?.name === this.#name
      ? { value: this.#value, consumed: 1 }
      : this.#outer.resolve(reference, report)
  }
}

/** The source range of the value at the path; the block header if it was omitted. */
export function rangeOfPath(body: Body, path: AttributePath, header: Range): Range {
  const [name, ...rest] = path
  if (typeof name !== 'string') return header
  const attribute = body.attributes.get(name)
  if (attribute) return attribute.expression.range
  const blocks = body.blocks.filter((block) => block.type === name)
  const [index, ...inner] = typeof rest[0] === 'number' ? rest : [0, ...rest]
  const block = blocks[index as number] ?? blocks[0]
  return block ? rangeOfPath(block.body, inner, openingRange(block.body)) : header
}
