// The schema of a body and its content, independent of the file's syntax. Several bodies can be merged.

import { errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Label } from '../hcl/ast.ts'
import type { ArgumentValue, Report } from './evaluation.ts'

export interface AttributeSchema {
  readonly name: string
  readonly isRequired: boolean
}

export interface BlockSchema {
  readonly type: string
  readonly labelNames: readonly string[]
}

export interface BodySchema {
  readonly attributes: readonly AttributeSchema[]
  readonly blocks: readonly BlockSchema[]
}

export interface BodyAttribute {
  readonly name: string
  readonly nameRange: Range
  readonly value: ArgumentValue
}

export interface BodyBlock {
  readonly type: string
  readonly typeRange: Range
  readonly labels: readonly Label[]
  readonly definitionRange: Range
  readonly body: SchemaBody
}

export interface Content {
  readonly attributes: ReadonlyMap<string, BodyAttribute>
  readonly blocks: readonly BodyBlock[]
  readonly missingItemRange: Range
}

export interface SchemaBody {
  /** The range for diagnostics about missing items. */
  readonly missingItemRange: Range
  /** Reports items that are not in the schema. */
  content(schema: BodySchema, report: Report): Content
  /** Leaves items that are not in the schema in `rest`. */
  partialContent(schema: BodySchema, report: Report): { readonly content: Content; readonly rest: SchemaBody }
  /** For a body without blocks and with arbitrary arguments. */
  justAttributes(report: Report): ReadonlyMap<string, BodyAttribute>
}

export function reportMissingArgument(name: string, range: Range | undefined, report: Report): void {
  const detail = `The argument "${name}" is required, but it is missing.`
  report(errorAt(range, 'Missing required argument', detail))
}

/** Combines the bodies of several files. */
export class MergedBody implements SchemaBody {
  readonly #bodies: readonly SchemaBody[]
  readonly missingItemRange: Range

  constructor(bodies: readonly SchemaBody[]) {
    this.#bodies = bodies
    this.missingItemRange = bodies[0]?.missingItemRange ?? { file: '<empty>', start: 0, end: 0 }
  }

  content(schema: BodySchema, report: Report): Content {
    return this.#merge(schema, report, (body, optional) => body.content(optional, report))
  }

  partialContent(schema: BodySchema, report: Report): { readonly content: Content; readonly rest: SchemaBody } {
    const rests: SchemaBody[] = []
    const content = this.#merge(schema, report, (body, optional) => {
      const partial = body.partialContent(optional, report)
      rests.push(partial.rest)
      return partial.content
    })
    return { content, rest: new MergedBody(rests) }
  }

  justAttributes(report: Report): ReadonlyMap<string, BodyAttribute> {
    const attributes = new Map<string, BodyAttribute>()
    for (const body of this.#bodies) addAll(attributes, body.justAttributes(report), report)
    return attributes
  }

  #merge(schema: BodySchema, report: Report, contentOf: (body: SchemaBody, schema: BodySchema) => Content): Content {
    // Another file can contain a required argument.
    const optional = {
      ...schema,
      attributes: schema.attributes.map((attribute) => ({ ...attribute, isRequired: false })),
    }
    const attributes = new Map<string, BodyAttribute>()
    const blocks: BodyBlock[] = []
    for (const body of this.#bodies) {
      const content = contentOf(body, optional)
      addAll(attributes, content.attributes, report)
      blocks.push(...content.blocks)
    }
    for (const { name, isRequired } of schema.attributes) {
      if (isRequired && !attributes.has(name)) reportMissingArgument(name, undefined, report)
    }
    return { attributes, blocks, missingItemRange: this.missingItemRange }
  }
}

function addAll(into: Map<string, BodyAttribute>, added: ReadonlyMap<string, BodyAttribute>, report: Report): void {
  for (const [name, attribute] of added) {
    if (!into.has(name)) into.set(name, attribute)
    else {
      const detail = `The argument "${name}" was already set in another file.`
      report(errorAt(attribute.nameRange, 'Duplicate argument', detail))
    }
  }
}
