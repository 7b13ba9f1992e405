// Composes mocked objects: the configuration, with the test's values or generated ones for computed attributes. Generated
// values depend only on the type, so that plan and apply agree.

import { typeOfNested } from '../config/schema.ts'
import type { BlockSchema, NestedBlockSchema, ProviderDiagnostic } from '../provider.ts'
import { emptyUsage, type Usage, valueOfUsage } from '../stubs/usage.ts'
import { convert, failed } from '../values/convert.ts'
import type { Type } from '../values/type.ts'
import {
  bool,
  int,
  isFullyKnown,
  list,
  map,
  nullOf,
  type ObjectValue,
  object,
  set,
  string,
  stubMark,
  tuple,
  unknown,
  type Value,
  withMarks,
} from '../values/value.ts'
import type { Fields } from './test-file.ts'

/** The shape of an object with an inferred type. */
export interface MockShape {
  /** The seed of generated values. */
  readonly typeName: string
  readonly usage: Usage
  /** Whether the types of its attributes are inferred. */
  readonly isInferred?: boolean
}

export interface MockResult {
  readonly value: ObjectValue
  readonly diagnostics: readonly ProviderDiagnostic[]
}

const noFields: Fields = new Map()

export function mockObject(schema: BlockSchema, config: ObjectValue, fields: Fields, shape: MockShape): MockResult {
  const builder = new MockBuilder(shape.typeName, shape.isInferred)
  const value = builder.compose(schema, config, fields, shape.usage)
  for (const name of fields.keys()) {
    if (Object.hasOwn(schema.attributes, name) || Object.hasOwn(schema.blocks, name)) continue
    // Ignored as in Terraform, which most tests are written for; OpenTofu rejects it.
    const detail = `${shape.typeName} has no attribute and no block "${name}", so the value is ignored.`
    builder.report(`Unknown field "${name}" in override`, detail, 'warning')
  }
  return { value, diagnostics: builder.diagnostics }
}

/** Replaces the object's unknown values with generated ones. */
export function fillUnknown(schema: BlockSchema, value: ObjectValue, typeName: string): ObjectValue {
  return new MockBuilder(typeName).fill(schema, value)
}

class MockBuilder {
  readonly diagnostics: ProviderDiagnostic[] = []
  readonly #isInferred: boolean
  #seed: number
  #fillValue: Value | undefined

  constructor(seed: string, isInferred = false) {
    this.#seed = hashOf(seed)
    this.#isInferred = isInferred
  }

  report(summary: string, detail: string, severity: 'error' | 'warning' = 'error'): void {
    this.diagnostics.push({ severity, summary, detail })
  }

  compose(schema: BlockSchema, config: ObjectValue, fields: Fields, usage: Usage): ObjectValue {
    const entries: [string, Value][] = []
    for (const name of Object.keys(schema.attributes).sort()) {
      entries.push([name, this.#composeAttribute(schema, name, config, fields, usage.attributes.get(name))])
    }
    for (const [name, nested] of Object.entries(schema.blocks)) {
      const blocks = config.entries.get(name) ?? nullOf(typeOfNested(nested))
      entries.push([name, this.#composeBlocks(nested, blocks, fields.get(name), usage.attributes.get(name))])
    }
    return object(entries)
  }

  /** The configuration overrides the test's values. */
  #composeAttribute(
    schema: BlockSchema,
    name: string,
    config: ObjectValue,
    fields: Fields,
    usage: Usage | undefined,
  ): Value {
    const { type, computed } = schema.attributes[name] as BlockSchema['attributes'][string]
    const configured = config.entries.get(name)
    if (configured && configured.kind !== 'null') return configured
    const field = fields.get(name)
    if (field) return this.#convertField(field, type, name)
    // Only the real provider knows its defaults.
    if (!computed) return configured ?? nullOf(type)
    return this.#generate(type, usage)
  }

  #convertField(field: Value, type: Type, name: string): Value {
    const converted = convert(field, type)
    if (!failed(converted)) return converted
    const detail = `The value of "${name}" does not match its type: ${converted.problem}.`
    this.report(`Invalid mock/override field "${name}"`, detail)
    return unknown(type)
  }

  #composeBlocks(nested: NestedBlockSchema, blocks: Value, field: Value | undefined, usage = emptyUsage()): Value {
    const fields = field?.kind === 'object' ? field.entries : noFields
    const isOmitted = 'elements' in blocks && blocks.elements.length === 0
    if (isOmitted && usage.elements.size > 0) return valueOfUsage(usage, () => this.#generateLeaf())
    const inside = usage.elements.get(undefined) ?? usage.elements.get(0) ?? emptyUsage()
    const composeOne = (block: Value) =>
      block.kind === 'object' ? this.compose(nested.block, block, fields, inside) : block
    if (blocks.kind === 'object') return composeOne(blocks)
    if (blocks.kind === 'tuple') return tuple(blocks.elements.map(composeOne))
    if (blocks.kind !== 'list' && blocks.kind !== 'set') return blocks
    const composed = blocks.elements.map(composeOne)
    return blocks.kind === 'list' ? list(blocks.elementType, composed) : set(blocks.elementType, composed)
  }

  #generate(type: Type, usage: Usage | undefined): Value {
    switch (type.kind) {
      case 'string':
        return string(this.text())
      case 'number':
        return int(0)
      case 'bool':
        return bool(false)
      case 'list':
        return list(type.element, [])
      case 'set':
        return set(type.element, [])
      case 'map':
        return map(type.element, [])
      case 'tuple':
        return tuple([])
      case 'object':
        return object([...type.attributes].map(([name, inner]) => [name, this.#generate(inner, undefined)]))
      case 'dynamic':
        return usage ? valueOfUsage(usage, () => this.#generateLeaf()) : nullOf(type)
    }
  }

  /** A string; for inferred types marked, because the real type may differ. */
  #generateLeaf(): Value {
    return withMarks(string(this.text()), this.#isInferred ? stubMark : 0)
  }

  fill(schema: BlockSchema, value: ObjectValue): ObjectValue {
    return object(
      [...value.entries].map(([name, entry]): [string, Value] => {
        const attribute = schema.attributes[name]
        const nested = schema.blocks[name]
        if (attribute) return [name, this.#fillEntry(attribute.type, entry)]
        return [name, nested ? this.#fillBlocks(nested, entry) : entry]
      }),
    )
  }

  /** Replaces wholly and partly unknown values. All strings of one object are the same, so that a parameter's default is among
   *  its options. */
  #fillEntry(type: Type, value: Value): Value {
    if (isFullyKnown(value)) return value
    this.#fillValue ??= string(this.text())
    return type.kind === 'dynamic' || type.kind === 'string' ? this.#fillValue : this.#generate(type, undefined)
  }

  #fillBlocks(nested: NestedBlockSchema, blocks: Value): Value {
    const fillOne = (block: Value) => (block.kind === 'object' ? this.fill(nested.block, block) : block)
    if (blocks.kind === 'list' || blocks.kind === 'set') {
      const filled = blocks.elements.map(fillOne)
      return blocks.kind === 'list' ? list(blocks.elementType, filled) : set(blocks.elementType, filled)
    }
    if (blocks.kind === 'tuple') return tuple(blocks.elements.map(fillOne))
    return blocks.kind === 'unknown' ? nullOf(blocks.type) : fillOne(blocks)
  }

  /** Eight letters or digits. */
  text(): string {
    return Array.from({ length: 8 }, () => characters[this.#next() % characters.length]).join('')
  }

  /** The next number of a xorshift generator. */
  #next(): number {
    let at = this.#seed
    at ^= at << 13
    at ^= at >>> 17
    at ^= at << 5
    this.#seed = at >>> 0
    return this.#seed
  }
}

const characters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** FNV-1a, never zero. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0 || 1
}
