// Parses `.tf.json`, `.tftest.json` and `.tfvars.json` files into the HCL syntax tree. JSON does not distinguish
// arguments from blocks: the language's own blocks are known here, those of a provider's schema when the body
// is decoded.

import { errorAt } from '../diagnostics/diagnostic.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import type { Attribute, Block, Body, Expression, Label } from '../hcl/ast.ts'
import { type Parsed, parseExpressionText, parseTemplateText } from '../hcl/parse-body.ts'
import { parseNum } from '../values/number.ts'
import { bool, nullOf, number, string } from '../values/value.ts'
import { type JsonNode, JsonReader, type JsonString } from './json-reader.ts'
import { shiftRanges } from './shift-ranges.ts'

/** Special names in a block; all others are arguments whose strings are templates. */
interface Shape {
  readonly labels: number
  readonly blocks?: Readonly<Record<string, Shape>>
  /** Arguments whose strings are expressions: `"type": "list(string)"`. */
  readonly expressions?: readonly string[]
  /** Arguments whose strings are literals. */
  readonly literals?: readonly string[]
}

const plain: Shape = { labels: 0 }
const provisioner: Shape = { labels: 1, blocks: { connection: plain } }
const conditions = { precondition: plain, postcondition: plain }
const lifecycle: Shape = { labels: 0, blocks: conditions, expressions: ['ignore_changes', 'replace_triggered_by'] }

const dynamic: Shape = {
  labels: 1,
  blocks: {
    content: {
      labels: 0,
      get blocks() {
        return { dynamic }
      },
    },
  },
  expressions: ['iterator'],
}

const resource: Shape = {
  labels: 2,
  blocks: {
    lifecycle,
    provisioner,
    connection: plain,
    dynamic,
  },
  expressions: ['depends_on', 'provider'],
}

const file: Shape = {
  labels: 0,
  blocks: {
    terraform: {
      labels: 0,
      blocks: { required_providers: plain, backend: { labels: 1 }, cloud: plain, provider_meta: { labels: 1 } },
    },
    provider: { labels: 1 },
    variable: { labels: 1, blocks: { validation: plain }, expressions: ['type'], literals: ['default', 'description'] },
    locals: plain,
    output: { labels: 1, blocks: { precondition: plain }, expressions: ['depends_on'] },
    module: { labels: 1, expressions: ['depends_on', 'providers'] },
    resource,
    data: resource,
    check: { labels: 1, blocks: { data: resource, assert: plain } },
    moved: { labels: 0, expressions: ['from', 'to'] },
    removed: { labels: 0, blocks: { lifecycle: plain, provisioner }, expressions: ['from'] },
    language: { labels: 0, blocks: { compatible_with: plain }, expressions: ['edition', 'experiments'] },
    import: { labels: 0, expressions: ['to', 'provider'] },
  },
}

const override: Shape = { labels: 0, expressions: ['target'] }
const overrides = { override_resource: override, override_data: override, override_module: override }

const testFile: Shape = {
  labels: 0,
  blocks: {
    test: plain,
    variables: plain,
    provider: { labels: 1 },
    mock_provider: { labels: 1, blocks: { mock_resource: { labels: 1 }, mock_data: { labels: 1 }, ...overrides } },
    ...overrides,
    run: {
      labels: 1,
      blocks: {
        variables: plain,
        module: plain,
        assert: plain,
        plan_options: { labels: 0, expressions: ['mode', 'target', 'replace'] },
        ...overrides,
      },
      expressions: ['command', 'providers', 'expect_failures'],
    },
  },
}

const shapes = { configuration: file, test: testFile }

const jsonBodies = new WeakSet<Body>()

export const isJsonBody = (body: Body): boolean => jsonBodies.has(body)

/** The diagnostic summary for an unexpected name. */
export const unsupportedArgument = (body: Body): string =>
  isJsonBody(body) ? 'Extraneous JSON object property' : 'Unsupported argument'

export function parseJsonFile(source: Source, role: 'configuration' | 'test' | 'values'): Parsed<Body> {
  const reader = new JsonReader(source)
  const root = reader.read()
  const converter = new JsonConverter(source, reader.diagnostics)
  const objects = root && objectsIn(root, role !== 'values', reader)
  const [first] = objects ?? []
  const value =
    first && objects
      ? role === 'values'
        ? converter.values(first)
        : converter.body(objects, shapes[role])
      : { attributes: new Map(), blocks: [], range: { file: source.file, start: 0, end: source.text.length } }
  return { value, diagnostics: reader.diagnostics }
}

/** The top-level object, or the objects of a top-level array. */
function objectsIn(root: JsonNode, allowsArray: boolean, reader: JsonReader): JsonObject[] {
  const nodes = root.kind === 'array' && allowsArray ? root.elements : [root]
  return nodes.flatMap((node) => {
    if (node.kind === 'object') return [node]
    const detail = allowsArray ? 'An object is expected here.' : 'A values file must contain a single object.'
    reader.report(node.range, 'Incorrect JSON value type', detail)
    return []
  })
}

/** The named arguments as blocks of a provider's schema; undefined for HCL bodies. */
export function jsonBlocks(body: Body, name: string): readonly Block[] | undefined {
  const attribute = jsonBodies.has(body) ? body.attributes.get(name) : undefined
  if (!attribute) return undefined
  const { expression } = attribute
  const elements = expression.type === 'tuple' ? expression.elements : [expression]
  const bodies = elements.map(bodyOfObject)
  if (!bodies.every((inner) => inner !== undefined)) return undefined
  return bodies.map((inner) => blockOf(name, attribute.nameRange, [], inner))
}

function bodyOfObject(expression: Expression): Body | undefined {
  if (expression.type !== 'object') return undefined
  const attributes = new Map<string, Attribute>()
  for (const { key, value } of expression.items) {
    const name = key.type === 'literal' && key.value.kind === 'string' ? key.value.value : undefined
    if (name === undefined) return undefined
    attributes.set(name, {
      name,
      nameRange: key.range,
      expression: value,
      range: { ...key.range, end: value.range.end },
    })
  }
  const body = { attributes, blocks: [], range: expression.range }
  jsonBodies.add(body)
  return body
}

const openingOf = ({ range }: JsonNode): Range => ({ ...range, end: range.start + 1 })

const blockOf = (type: string, typeRange: Range, labels: readonly Label[], body: Body): Block => ({
  type,
  typeRange,
  labels,
  body,
  headerRange: labels.at(-1)?.range ?? typeRange,
  range: { ...typeRange, end: body.range.end },
})

type JsonObject = JsonNode & { kind: 'object' }
type ReadString = (node: JsonString) => Expression

class JsonConverter {
  readonly #source: Source
  readonly #diagnostics: ReturnType<typeof errorAt>[]

  constructor(source: Source, diagnostics: ReturnType<typeof errorAt>[]) {
    this.#source = source
    this.#diagnostics = diagnostics
  }

  values(root: JsonObject): Body {
    const attributes = root.members.map(({ name, nameRange, value }) => {
      return this.#toAttribute(name, nameRange, value, this.#literal)
    })
    return {
      attributes: new Map(attributes.map((attribute) => [attribute.name, attribute])),
      blocks: [],
      range: root.range,
    }
  }

  /** Merges several objects into one. */
  body(objects: readonly JsonObject[], shape: Shape): Body {
    const attributes = new Map<string, Attribute>()
    const blocks: Block[] = []
    for (const { name, nameRange, value } of objects.flatMap((object) => object.members)) {
      // The comment syntax of JSON configuration.
      if (name === '//') continue
      const inner = shape.blocks && Object.hasOwn(shape.blocks, name) ? shape.blocks[name] : undefined
      if (inner) this.#addBlocks(blocks, name, nameRange, value, inner, [])
      else if (attributes.has(name)) {
        const detail = `"${name}" is already set in this object.`
        this.#diagnostics.push(errorAt(nameRange, 'Duplicate argument', detail))
      } else attributes.set(name, this.#toAttribute(name, nameRange, value, this.#readerFor(name, shape)))
    }
    const body = { attributes, blocks, range: objects[0]?.range ?? this.#whole() }
    jsonBodies.add(body)
    return body
  }

  #whole(): Range {
    return { file: this.#source.file, start: 0, end: this.#source.text.length }
  }

  /** Labels are nested property names, one level per label; each level may be an array. */
  #addBlocks(
    into: Block[],
    type: string,
    typeRange: Range,
    node: JsonNode,
    shape: Shape,
    labels: Label[],
    header = openingOf(node),
  ): void {
    if (node.kind === 'array') {
      // All are reported at the start of the array.
      for (const element of node.elements) this.#addBlocks(into, type, typeRange, element, shape, labels, header)
      return
    }
    if (node.kind === 'null') return
    if (node.kind !== 'object') {
      const expected = labels.length < shape.labels ? 'an object whose property names are labels' : 'an object'
      this.#diagnostics.push(errorAt(node.range, 'Incorrect JSON value type', `A "${type}" block must be ${expected}.`))
      return
    }
    if (labels.length === shape.labels) {
      into.push({ ...blockOf(type, typeRange, labels, this.body([node], shape)), headerRange: header })
      return
    }
    for (const { name, nameRange, value } of node.members) {
      if (name !== '//')
        this.#addBlocks(into, type, typeRange, value, shape, [...labels, { text: name, range: nameRange }])
    }
  }

  #readerFor(name: string, shape: Shape): ReadString {
    if (shape.expressions?.includes(name)) return this.#expression
    return shape.literals?.includes(name) ? this.#literal : this.#template
  }

  #toAttribute(name: string, nameRange: Range, node: JsonNode, readString: ReadString): Attribute {
    const expression = this.#convert(node, readString)
    return { name, nameRange, expression, range: { ...nameRange, end: node.range.end } }
  }

  #convert(node: JsonNode, readString: ReadString): Expression {
    const { range } = node
    switch (node.kind) {
      case 'string':
        return readString(node)
      case 'number': {
        const value = parseNum(node.text)
        return value === undefined ? { type: 'invalid', range } : { type: 'literal', value: number(value), range }
      }
      case 'bool':
        return { type: 'literal', value: bool(node.value), range }
      case 'null':
        return { type: 'literal', value: nullOf(), range }
      case 'array':
        return { type: 'tuple', elements: node.elements.map((element) => this.#convert(element, readString)), range }
      case 'object':
        return {
          type: 'object',
          items: node.members.map(({ name, nameRange, value }) => ({
            key:
              name.includes('${') || name.includes('%{')
                ? this.#template({ kind: 'string', text: name, range: nameRange })
                : { type: 'literal', value: string(name), range: nameRange },
            value: this.#convert(value, readString),
          })),
          range,
        }
    }
  }

  readonly #literal: ReadString = ({ text, range }) => ({ type: 'literal', value: string(text), range })

  readonly #template: ReadString = (node) => {
    if (!node.text.includes('${') && !node.text.includes('%{')) return this.#literal(node)
    return this.#parseEmbedded(node, parseTemplateText)
  }

  readonly #expression: ReadString = (node) => this.#parseEmbedded(node, parseExpressionText)

  /** Ranges inside the string are exact unless it has escapes; otherwise they cover the whole string. */
  #parseEmbedded<T extends Expression>({ text, range }: JsonString, parse: (source: Source) => Parsed<T>): T {
    const parsed = parse({ file: range.file, text })
    const isExact = range.end - range.start === text.length + 2
    const toFileRange = (inner: Range): Range =>
      isExact ? { ...inner, start: inner.start + range.start + 1, end: inner.end + range.start + 1 } : range
    this.#diagnostics.push(...parsed.diagnostics.map((found) => shiftRanges(found, toFileRange)))
    const shifted = shiftRanges(parsed.value, toFileRange)
    // The whole range includes the quotes.
    return shifted.type === 'template' ? { ...shifted, range } : shifted
  }
}
