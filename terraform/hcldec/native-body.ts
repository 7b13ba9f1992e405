// A body in HCL syntax.

import { errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Attribute, Block, Body } from '../hcl/ast.ts'
import {
  type BlockSchema,
  type BodyAttribute,
  type BodyBlock,
  type BodySchema,
  type Content,
  reportMissingArgument,
  type SchemaBody,
} from './body.ts'
import { argumentValue, type Report } from './evaluation.ts'

interface Names {
  readonly attributes: ReadonlySet<string>
  readonly blocks: ReadonlySet<string>
}

const noNames: Names = { attributes: new Set(), blocks: new Set() }

export class NativeBody implements SchemaBody {
  readonly missingItemRange: Range
  readonly #body: Body
  /** Items that an earlier schema has read. */
  readonly #taken: Names

  constructor(body: Body, taken = noNames) {
    this.#body = body
    this.#taken = taken
    this.missingItemRange = { ...body.range, end: body.range.start }
  }

  content(schema: BodySchema, report: Report): Content {
    const { content, rest } = this.partialContent(schema, report)
    rest.#reportUnknown(schema, report)
    return content
  }

  partialContent(schema: BodySchema, report: Report): { readonly content: Content; readonly rest: NativeBody } {
    const taken = { attributes: new Set(this.#taken.attributes), blocks: new Set(this.#taken.blocks) }
    const attributes = this.#takeAttributes(schema, taken.attributes, report)
    const blocks = this.#wantedBlocks(schema, report)
    for (const { type } of schema.blocks) taken.blocks.add(type)
    return {
      content: { attributes, blocks, missingItemRange: this.missingItemRange },
      rest: new NativeBody(this.#body, taken),
    }
  }

  justAttributes(report: Report): ReadonlyMap<string, BodyAttribute> {
    const [block] = this.#body.blocks
    if (block) report(errorAt(block.typeRange, `Unexpected "${block.type}" block`, 'Blocks are not allowed here.'))
    const attributes = new Map<string, BodyAttribute>()
    for (const [name, attribute] of this.#body.attributes) {
      if (!this.#taken.attributes.has(name)) attributes.set(name, toAttribute(attribute))
    }
    return attributes
  }

  #takeAttributes(schema: BodySchema, taken: Set<string>, report: Report): Map<string, BodyAttribute> {
    const attributes = new Map<string, BodyAttribute>()
    for (const { name, isRequired } of schema.attributes) {
      const attribute = this.#body.attributes.get(name)
      // Like HCL's own program, treats a name that the schema has twice as missing the second time.
      if (attribute && !taken.has(name)) {
        taken.add(name)
        attributes.set(name, toAttribute(attribute))
      } else if (isRequired) reportMissingArgument(name, this.missingItemRange, report)
    }
    return attributes
  }

  #wantedBlocks(schema: BodySchema, report: Report): BodyBlock[] {
    const wanted = new Map(schema.blocks.map((block) => [block.type, block]))
    return this.#body.blocks.flatMap((block) => {
      const blockSchema = this.#taken.blocks.has(block.type) ? undefined : wanted.get(block.type)
      return blockSchema && checkLabels(block, blockSchema, report) ? [toBlock(block)] : []
    })
  }

  #reportUnknown(schema: BodySchema, report: Report): void {
    for (const { name, nameRange } of this.#body.attributes.values()) {
      if (this.#taken.attributes.has(name)) continue
      const names = schema.attributes.map((attribute) => attribute.name)
      const detail = `An argument named "${name}" is not expected here.${didYouMean(name, names)}`
      report(errorAt(nameRange, 'Unsupported argument', detail))
    }
    for (const { type, typeRange } of this.#body.blocks) {
      if (this.#taken.blocks.has(type)) continue
      const types = schema.blocks.map((block) => block.type)
      const detail = `Blocks of type "${type}" are not expected here.${didYouMean(type, types)}`
      report(errorAt(typeRange, 'Unsupported block type', detail))
    }
  }
}

const toAttribute = ({ name, nameRange, expression }: Attribute): BodyAttribute => ({
  name,
  nameRange,
  value: argumentValue(expression),
})

const toBlock = ({ type, typeRange, labels, headerRange, body }: Block): BodyBlock => ({
  type,
  typeRange,
  labels,
  definitionRange: headerRange,
  body: new NativeBody(body),
})

function checkLabels(block: Block, { type, labelNames }: BlockSchema, report: Report): boolean {
  const extra = block.labels[labelNames.length]
  const missing = labelNames[block.labels.length]
  const names = labelNames.length === 0 ? 'no labels' : `these labels: ${labelNames.join(', ')}`
  const detail = `Blocks of type "${type}" require ${names}.`
  if (extra) report(errorAt(extra.range, `Extraneous label for ${type}`, detail))
  else if (missing !== undefined) {
    report(errorAt(block.braceRange ?? block.typeRange, `Missing ${missing} for ${type}`, detail))
  }
  return !extra && missing === undefined
}
