// Decodes a body to a value by a specification.

import { errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Label } from '../hcl/ast.ts'
import { convert, failed } from '../values/convert.ts'
import { dynamicType, listType, mapType, setType, type Type } from '../values/type.ts'
import { unify } from '../values/unify.ts'
import { list, map, nullOf, object, set, string, tuple, typeOf, unknown, type Value } from '../values/value.ts'
import type { BodyBlock, Content, SchemaBody } from './body.ts'
import type { Context, Report } from './evaluation.ts'
import {
  type BlockMapSpec,
  type BlocksSpec,
  impliedType,
  type Spec,
  schemaOf,
  type TransformSpec,
  transform,
} from './spec.ts'

export function decodeBody(body: SchemaBody, spec: Spec, context: Context, report: Report): Value {
  return new Decoder(context, report).decode(body, [], spec)
}

class Decoder {
  readonly #context: Context
  readonly #report: Report

  constructor(context: Context, report: Report) {
    this.#context = context
    this.#report = report
  }

  decode(body: SchemaBody, labels: readonly Label[], spec: Spec): Value {
    return this.#value(spec, body.content(schemaOf(spec), this.#report), labels)
  }

  #addError(range: Range, summary: string, detail: string): void {
    this.#report(errorAt(range, summary, detail))
  }

  #value(spec: Spec, content: Content, labels: readonly Label[]): Value {
    switch (spec.kind) {
      case 'object':
        return object([...spec.properties].map(([name, property]) => [name, this.#value(property, content, labels)]))
      case 'array':
        return tuple(spec.elements.map((element) => this.#value(element, content, labels)))
      case 'attribute':
        return this.#attribute(spec, content)
      case 'literal':
        return spec.value
      case 'block':
        return this.#block(spec, content)
      case 'block list':
      case 'block set':
      case 'block tuple':
        return this.#blocks(spec, content)
      case 'block map':
        return this.#blockMap(spec, content)
      case 'block attributes':
        return this.#blockAttributes(spec, content)
      case 'block label':
        return string(labels[spec.index]?.text ?? '')
      case 'default': {
        const value = this.#value(spec.primary, content, labels)
        return value.kind === 'null' ? this.#value(spec.fallback, content, labels) : value
      }
      case 'transform':
        return this.#transform(spec, content, labels)
    }
  }

  #attribute(spec: Spec & { kind: 'attribute' }, content: Content): Value {
    const attribute = content.attributes.get(spec.name)
    if (!attribute) return nullOf(spec.type)
    const converted = convert(attribute.value.evaluate(this.#context, this.#report), spec.type)
    if (!failed(converted)) return converted
    const detail = `The value does not fit the argument "${spec.name}": ${converted.problem}.`
    this.#addError(attribute.value.range, 'Incorrect attribute value type', detail)
    return unknown(spec.type)
  }

  /** The first block of the type; reports another one. */
  #onlyBlock(type: string, isRequired: boolean, content: Content): BodyBlock | undefined {
    const [first, second] = content.blocks.filter((block) => block.type === type)
    if (second) {
      this.#addError(second.definitionRange, `Duplicate ${type} block`, `Only one block of type "${type}" is allowed.`)
    }
    if (!first && isRequired) {
      this.#addError(content.missingItemRange, `Missing ${type} block`, `A block of type "${type}" is required here.`)
    }
    return first
  }

  #block({ type, nested, isRequired }: Spec & { kind: 'block' }, content: Content): Value {
    const block = this.#onlyBlock(type, isRequired, content)
    return block ? this.decode(block.body, block.labels, nested) : nullOf(impliedType(nested))
  }

  #blocks(spec: BlocksSpec, content: Content): Value {
    const blocks = content.blocks.filter(({ type }) => type === spec.type)
    const elements = blocks.map(({ body, labels }) => this.decode(body, labels, spec.nested))
    const rangeOf = (index: number) => sourceRange(blocks[index] as BodyBlock, spec.nested)
    if (elements.length < spec.minItems) {
      const detail = `At least ${spec.minItems} blocks of type "${spec.type}" are required.`
      this.#addError(content.missingItemRange, `Insufficient ${spec.type} blocks`, detail)
    } else if (spec.maxItems > 0 && elements.length > spec.maxItems) {
      const detail = `No more than ${spec.maxItems} blocks of type "${spec.type}" are allowed.`
      this.#addError(rangeOf(spec.maxItems), `Too many ${spec.type} blocks`, detail)
    }
    if (spec.kind === 'block tuple') return tuple(elements)
    const make = spec.kind === 'block list' ? list : set
    if (elements.length === 0) return make(impliedType(spec.nested), [])
    const shared = unify(elements.map(typeOf))
    const converted = shared && elements.map((element) => convert(element, shared))
    const wrong = converted?.findIndex(failed) ?? 0
    if (!shared || wrong !== -1) {
      const detail = 'The same argument must have the same type in all of these blocks.'
      this.#addError(rangeOf(wrong), `Unconsistent argument types in ${spec.type} blocks`, detail)
      return unknown(spec.kind === 'block list' ? listType(dynamicType) : setType(dynamicType))
    }
    return make(shared, converted as Value[])
  }

  #blockMap(spec: BlockMapSpec, content: Content): Value {
    const found: Entry[] = []
    const keys = new Set<string>()
    for (const { type, labels, body, definitionRange } of content.blocks) {
      if (type !== spec.type) continue
      const own = labels.slice(0, spec.labelNames.length).map(({ text }) => text)
      const value = this.decode(body, labels.slice(spec.labelNames.length), spec.nested)
      const key = JSON.stringify(own)
      if (!keys.has(key)) found.push({ labels: own, value })
      else this.#addError(definitionRange, `Duplicate ${type} block`, `Another ${type} block has the same labels.`)
      keys.add(key)
    }
    // Like HCL's own program, returns a single-level map for no blocks, regardless of the number of labels.
    const depth = found.length > 0 ? spec.labelNames.length : 1
    return nestedMap(found, depth, impliedType(spec.nested))
  }

  #blockAttributes(spec: Spec & { kind: 'block attributes' }, content: Content): Value {
    const block = this.#onlyBlock(spec.type, spec.isRequired, content)
    if (!block) return nullOf(mapType(spec.element))
    const entries = [...block.body.justAttributes(this.#report).values()].map(({ name, value }) => {
      const converted = convert(value.evaluate(this.#context, this.#report), spec.element)
      if (!failed(converted)) return [name, converted] as const
      const detail = `The value does not fit an argument of "${spec.type}": ${converted.problem}.`
      this.#addError(value.range, 'Invalid attribute value', detail)
      return [name, unknown(spec.element)] as const
    })
    const [first] = entries
    return map(first ? typeOf(first[1]) : spec.element, entries)
  }

  #transform(spec: TransformSpec, content: Content, labels: readonly Label[]): Value {
    let isBroken = false
    const inner = new Decoder(this.#context, (diagnostic) => {
      isBroken ||= hasErrors([diagnostic])
      this.#report(diagnostic)
    })
    const nested = inner.#value(spec.wrapped, content, labels)
    return isBroken ? unknown(impliedType(spec)) : transform(spec, nested, this.#report)
  }
}

interface Entry {
  readonly labels: readonly string[]
  readonly value: Value
}

/** Nested maps, one level per label. */
function nestedMap(entries: readonly Entry[], depth: number, element: Type): Value {
  if (depth === 0) return (entries[0] as Entry).value
  let inner = element
  for (let level = 1; level < depth; level++) inner = mapType(inner)
  const groups = Map.groupBy(entries, ({ labels }) => labels.at(-depth) as string)
  return map(
    inner,
    [...groups].map(([key, group]) => [key, nestedMap(group, depth - 1, element)]),
  )
}

/** The range of the value that a spec reads from a block. */
function sourceRange(block: BodyBlock, nested: Spec): Range {
  const { content } = block.body.partialContent(schemaOf(nested), () => undefined)
  return rangeIn(nested, content, block.labels)
}

function rangeIn(spec: Spec, content: Content, labels: readonly Label[]): Range {
  switch (spec.kind) {
    case 'attribute':
      return content.attributes.get(spec.name)?.value.range ?? content.missingItemRange
    case 'literal':
      return { ...content.missingItemRange, file: '<unknown>' }
    case 'block label':
      return labels[spec.index]?.range ?? content.missingItemRange
    case 'default':
      return rangeIn(spec.primary, content, labels)
    case 'transform':
      return rangeIn(spec.wrapped, content, labels)
    case 'object':
    case 'array':
      return content.missingItemRange
  }
  const block = content.blocks.find(({ type }) => type === spec.type)
  if (!block) return content.missingItemRange
  return spec.kind === 'block attributes' ? block.definitionRange : sourceRange(block, spec.nested)
}
