// Stand-ins for providers that are not bundled: their types are inferred from how the template writes them and what it
// asks of them. Good enough to plan and to mock; they make nothing.

import { formatLocalResource } from '../addresses.ts'
import {
  type ModuleNode,
  metaArguments,
  metaBlocks,
  metaProviderArguments,
  type ResourceBlock,
} from '../config/module.ts'
import { changeEntries } from '../config/schema.ts'
import { moduleNodes } from '../engine/modules/module-nodes.ts'
import { proposeObject } from '../engine/plan/object-changes.ts'
import { Registry } from '../engine/providers/registry.ts'
import type { Template } from '../engine/template/template.ts'
import type { Body } from '../hcl/ast.ts'
import type {
  AttributeSchema,
  BlockSchema,
  DataSourceType,
  Outcome,
  PlanRequest,
  Provider,
  ResourceType,
} from '../provider.ts'
import { computed, optional, optionalComputed } from '../provider-schema.ts'
import { dynamicType, stringType } from '../values/type.ts'
import { absentMark, type ObjectValue, unknown, withMarks } from '../values/value.ts'
import { type Path, visitCalls, visitPaths, withoutKeys } from './paths.ts'
import { emptyUsage, recordUsage, type Usage } from './usage.ts'

export interface InferredProvider extends Provider {
  /** What is asked of objects of a type, by `docker_image` or `data.docker_image`. */
  readonly usages: ReadonlyMap<string, Usage>
}

type VisitAll = (visit: (path: Path) => void) => void

/** Paths from outside of the template. */
export interface AdditionalPaths {
  /** What is there. */
  readonly required: VisitAll
  /** What may be there or not: inside of a block it is null where the template does not set it. */
  readonly optional: VisitAll
}

const noMore: AdditionalPaths = { required: () => undefined, optional: () => undefined }

/** One for each provider that the template names and nobody has. */
export function inferProviders(
  template: Template,
  providers: readonly Provider[],
  more: AdditionalPaths = noMore,
): InferredProvider[] {
  const sketches = new Sketches(new Registry(providers, template.root))
  const nodes = moduleNodes(template.root)
  for (const node of nodes) for (const block of node.module.resources.values()) sketches.addBlock(node, block)
  for (const node of nodes) {
    for (const { name, body } of node.module.providerBlocks) sketches.addConfiguration(node, name, body)
  }
  for (const node of nodes) {
    for (const { provider } of node.module.ephemerals.values()) sketches.addName(node, provider.name)
    visitCalls(node.module, ({ name }) => {
      const [word, local = ''] = name.split('::')
      if (word === 'provider') sketches.addName(node, local)
    })
  }
  visitPaths(template.root, (path) => sketches.addPath(path))
  more.required((path) => sketches.addPath(path))
  more.optional((path) => sketches.addPath(path, 'mention'))
  return sketches.all()
}

interface Shape {
  readonly attributes: Set<string>
  readonly blocks: Map<string, Shape>
}

const noShape = (): Shape => ({ attributes: new Set(), blocks: new Map() })

/** What is known of a type so far. */
interface TypeSketch {
  readonly shape: Shape
  readonly usage: Usage
  /** Inside of blocks. */
  readonly mentions: Usage
}

interface Sketch {
  readonly name: string
  readonly source: string
  readonly configuration: Shape
  readonly types: Map<string, TypeSketch>
}

class Sketches {
  readonly #registry: Registry
  readonly #bySource = new Map<string, Sketch>()
  readonly #types = new Map<string, TypeSketch>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  addBlock(node: ModuleNode, { address, body, provider }: ResourceBlock): void {
    const sketch = this.#sketch(node, provider.name)
    if (!sketch) return
    const key = typeKey(address.mode, address.type)
    const type = sketch.types.get(key) ?? { shape: noShape(), usage: emptyUsage(), mentions: emptyUsage() }
    sketch.types.set(key, type)
    this.#types.set(key, type)
    addBody(type.shape, body, metaArguments, metaBlocks)
  }

  addConfiguration(node: ModuleNode, name: string, body: Body): void {
    const sketch = this.#sketch(node, name)
    if (sketch) addBody(sketch.configuration, body, metaProviderArguments)
  }

  /** Of a provider that is needed for more than resources. */
  addName(node: ModuleNode, name: string): void {
    this.#sketch(node, name)
  }

  addPath({ node, steps }: Path, how: 'ask' | 'mention' = 'ask'): void {
    const names = steps.map((step) => ('name' in step ? step.name : ''))
    const isData = names[0] === 'data'
    const [type = '', name = '', ...rest] = isData || names[0] === 'resource' ? names.slice(1) : names
    const sketch = this.#types.get(typeKey(isData ? 'data' : 'managed', type))
    const address = { module: [], mode: isData ? ('data' as const) : ('managed' as const), type, name }
    if (!sketch || !node.module.resources.has(formatLocalResource(address))) return
    const inside = withoutKeys(steps.slice(steps.length - rest.length))
    const isInBlock = inside[0] && 'name' in inside[0] && sketch.shape.blocks.has(inside[0].name)
    recordUsage(how === 'mention' && isInBlock ? sketch.mentions : sketch.usage, inside)
  }

  /** The source is what tells providers apart; a module that leaves it away means the one that others name so. */
  #sketch(node: ModuleNode, name: string): Sketch | undefined {
    if (this.#registry.providerNamed(node, name)) return undefined
    const declared = node.module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')
    const namesake = [...this.#bySource.values()].find((sketch) => sketch.name === name)
    const source = declared ?? namesake?.source ?? `hashicorp/${name}`
    const known = this.#bySource.get(source) ?? { name, source, configuration: noShape(), types: new Map() }
    this.#bySource.set(source, known)
    return known
  }

  all(): InferredProvider[] {
    return [...this.#bySource.values()].map(toProvider)
  }
}

const typeKey = (mode: 'managed' | 'data', type: string) => (mode === 'data' ? `data.${type}` : type)

function addBody(shape: Shape, body: Body, skipped = nothing, skippedBlocks = nothing): void {
  for (const name of body.attributes.keys()) if (!skipped.has(name)) shape.attributes.add(name)
  for (const block of body.blocks) {
    if (skippedBlocks.has(block.type)) continue
    const isDynamic = block.type === 'dynamic'
    const name = isDynamic ? (block.labels[0]?.text ?? '') : block.type
    const inner = shape.blocks.get(name) ?? noShape()
    shape.blocks.set(name, inner)
    if (!isDynamic) addBody(inner, block.body)
    else for (const content of block.body.blocks) addBody(inner, content.body)
  }
}

const nothing: ReadonlySet<string> = new Set()

function toProvider({ name, source, configuration, types }: Sketch): InferredProvider {
  const resources: Record<string, ResourceType> = {}
  const dataSources: Record<string, DataSourceType> = {}
  const usages = new Map<string, Usage>()
  for (const [key, { shape, usage, mentions }] of types) {
    usages.set(key, usage)
    const schema = schemaOf(shape, usage, mentions, { id: computed(stringType) })
    const refuse = async (): Promise<Outcome> => {
      throw new Error(`The provider "${source}" is not bundled, so nothing can be made or read with it.`)
    }
    const open = (value: ObjectValue) => withOpenBlocks(value, usage)
    // What it would find is not known.
    const read = async (config: ObjectValue): Promise<Outcome> => ({
      value: withMarks(open(proposeObject(schema, config, null)), absentMark),
    })
    const plan = ({ proposed }: PlanRequest) => ({ planned: open(proposed) })
    if (key.startsWith('data.')) dataSources[key.slice('data.'.length)] = { schema, isInferred: true, read }
    else
      resources[key] = {
        schema,
        isMock: true,
        isInferred: true,
        plan,
        read: refuse,
        create: refuse,
        update: refuse,
        delete: refuse,
      }
  }
  return {
    name,
    source,
    configuration: schemaOf(configuration, emptyUsage(), emptyUsage(), {}),
    resources,
    dataSources,
    isStub: true,
    usages,
  }
}

/** Blocks that the template leaves away and asks for all the same: the provider fills them in. */
function withOpenBlocks(value: ObjectValue, { attributes }: Usage): ObjectValue {
  return changeEntries(value, (name, entry) => {
    const isAsked = (attributes.get(name)?.elements.size ?? 0) > 0
    return isAsked && 'elements' in entry && entry.elements.length === 0 ? unknown() : entry
  })
}

/** By convention that is how arguments are called that are not kept. */
const isWriteOnly = (name: string) => name.endsWith('_wo')

const written = (name: string): AttributeSchema =>
  isWriteOnly(name) ? { ...optional(dynamicType), writeOnly: true } : optional(dynamicType)

/** What is asked for counts as computed where the template does not set it. */
function schemaOf(shape: Shape, usage: Usage, mentions: Usage, known: BlockSchema['attributes']): BlockSchema {
  const namesIn = ({ attributes }: Usage) => [...attributes.keys()].filter((name) => !shape.blocks.has(name))
  const asked = namesIn(usage)
  return {
    attributes: {
      ...known,
      ...Object.fromEntries(namesIn(mentions).map((name) => [name, optional(dynamicType)])),
      ...Object.fromEntries([...shape.attributes].map((name) => [name, written(name)])),
      ...Object.fromEntries(
        asked
          .filter((name) => name !== 'id' && !isWriteOnly(name))
          .map((name) => [name, optionalComputed(dynamicType)]),
      ),
      ...(shape.attributes.has('id') && { id: optionalComputed(stringType) }),
    },
    blocks: Object.fromEntries(
      [...shape.blocks].map(([name, inner]) => {
        const inElements = ({ attributes }: Usage) => mergeUsages([...(attributes.get(name)?.elements.values() ?? [])])
        const block = schemaOf(inner, inElements(usage), inElements(mentions), {})
        return [name, { nesting: 'list' as const, block }]
      }),
    ),
  }
}

function mergeUsages(usages: readonly Usage[]): Usage {
  const merged = emptyUsage()
  for (const { attributes, elements } of usages) {
    for (const [name, usage] of attributes) merged.attributes.set(name, mergeWith(merged.attributes.get(name), usage))
    for (const [key, usage] of elements) merged.elements.set(key, mergeWith(merged.elements.get(key), usage))
  }
  return merged
}

const mergeWith = (known: Usage | undefined, usage: Usage) => (known ? mergeUsages([known, usage]) : usage)
