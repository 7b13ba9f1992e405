// A JSON body: the schema decides whether a property is an argument or a block. Labels are property names of enclosing
// objects, and an array contains several blocks.

import type { JsonMember, JsonNode } from '../config/json-reader.ts'
import { errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Label } from '../hcl/ast.ts'
import {
  type BodyAttribute,
  type BodyBlock,
  type BodySchema,
  type Content,
  reportMissingArgument,
  type SchemaBody,
} from './body.ts'
import type { Report } from './evaluation.ts'
import { jsonArgumentValue } from './json-value.ts'

export class JsonBody implements SchemaBody {
  readonly missingItemRange: Range
  readonly #node: JsonNode
  readonly #taken: ReadonlySet<string>

  constructor(node: JsonNode, taken: ReadonlySet<string> = new Set()) {
    this.#node = node
    this.#taken = taken
    this.missingItemRange = node.kind === 'object' ? lastOf(node.range) : firstOf(node)
  }

  content(schema: BodySchema, report: Report): Content {
    const { content, rest } = this.partialContent(schema, report)
    const names = [...schema.attributes.map(({ name }) => name), ...schema.blocks.map(({ type }) => type)]
    // Errors about the members were reported before.
    for (const { name, nameRange } of membersOf(this.#node, undefined, () => undefined)) {
      if (name === '//' || rest.#taken.has(name)) continue
      const detail = `No argument or block type is named "${name}".${didYouMean(name, names)}`
      report(errorAt(nameRange, 'Extraneous JSON object property', detail))
    }
    return content
  }

  partialContent(schema: BodySchema, report: Report): { readonly content: Content; readonly rest: JsonBody } {
    const attributes = new Map<string, BodyAttribute>()
    const blocks: BodyBlock[] = []
    const taken = new Set(this.#taken)
    for (const member of membersOf(this.#node, undefined, report)) {
      const { name } = member
      if (this.#taken.has(name)) continue
      const blockSchema = schema.blocks.findLast(({ type }) => type === name)
      if (schema.attributes.some((attribute) => attribute.name === name)) {
        addAttribute(attributes, member, 'Duplicate argument', report)
        taken.add(name)
      } else if (blockSchema) {
        const header = { type: name, typeRange: member.nameRange, labels: [] }
        blocks.push(...unpackBlocks(member.value, header, blockSchema.labelNames, report))
        taken.add(name)
      }
    }
    for (const { name, isRequired } of schema.attributes) {
      if (isRequired && !attributes.has(name)) reportMissingArgument(name, this.missingItemRange, report)
    }
    const content = { attributes, blocks, missingItemRange: this.missingItemRange }
    return { content, rest: new JsonBody(this.#node, taken) }
  }

  justAttributes(report: Report): ReadonlyMap<string, BodyAttribute> {
    const attributes = new Map<string, BodyAttribute>()
    if (this.#node.kind !== 'object') {
      report(errorAt(firstOf(this.#node), wrongType, 'An object with the arguments of this block is expected here.'))
      return attributes
    }
    for (const member of this.#node.members) {
      if (member.name === '//' || this.#taken.has(member.name)) continue
      addAttribute(attributes, member, 'Duplicate attribute definition', report)
    }
    return attributes
  }
}

const wrongType = 'Incorrect JSON value type'

/** The opening bracket, or the whole range of other nodes. */
const firstOf = ({ kind, range }: JsonNode): Range =>
  kind === 'object' || kind === 'array' ? { ...range, end: range.start + 1 } : range

const lastOf = (range: Range): Range => ({ ...range, start: range.end - 1 })

function addAttribute(into: Map<string, BodyAttribute>, member: JsonMember, summary: string, report: Report): void {
  const { name, nameRange, value } = member
  if (into.has(name)) report(errorAt(nameRange, summary, `The argument "${name}" was already set.`))
  else into.set(name, { name, nameRange, value: jsonArgumentValue(value) })
}

/** The members of an object, or of all objects in an array. `label` names the label that their names are, if any. */
function membersOf(node: JsonNode, label: string | undefined, report: Report): JsonMember[] {
  const purpose = label === undefined ? 'to define arguments and blocks' : `whose names are the ${label} of blocks`
  if (node.kind === 'null') return []
  if (node.kind === 'object') return [...node.members]
  if (node.kind === 'array') {
    return node.elements.flatMap((element) => {
      if (element.kind === 'object') return element.members
      report(errorAt(firstOf(element), wrongType, `An object is expected here, ${purpose}.`))
      return []
    })
  }
  report(errorAt(firstOf(node), wrongType, `An object or an array of objects is expected here, ${purpose}.`))
  return []
}

interface Header {
  readonly type: string
  readonly typeRange: Range
  readonly labels: readonly Label[]
}

function unpackBlocks(node: JsonNode, header: Header, labelNames: readonly string[], report: Report): BodyBlock[] {
  const [labelName, ...otherNames] = labelNames
  if (labelName !== undefined) {
    const members = membersOf(node, labelName, report)
    if (members.length === 0) {
      const detail = `An object is expected here whose property names are the ${labelName} of ${header.type} blocks.`
      report(errorAt(firstOf(node), 'Missing block label', detail))
    }
    return members.flatMap(({ name, nameRange, value }) => {
      const labels = [...header.labels, { text: name, range: nameRange }]
      return unpackBlocks(value, { ...header, labels }, otherNames, report)
    })
  }
  const blockOf = (inner: JsonNode): BodyBlock => ({
    ...header,
    definitionRange: firstOf(node),
    body: new JsonBody(inner),
  })
  switch (node.kind) {
    case 'null':
      return []
    case 'object':
      return [blockOf(node)]
    case 'array':
      return node.elements.map(blockOf)
    default: {
      const detail = `An object or an array is expected here, with the contents of "${header.type}" blocks.`
      report(errorAt(firstOf(node), wrongType, detail))
      return []
    }
  }
}
