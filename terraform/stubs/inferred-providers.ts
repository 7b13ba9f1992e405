// Stubs for providers that are not bundled. Their schemas are inferred from the template: the arguments it sets and the
// attributes it reads. Sufficient to plan and to mock; they create nothing.

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
  Provider,
  ResourcePlanRequest,
  ResourceType,
} from '../provider.ts'
import { computed, optional, optionalComputed } from '../provider-schema.ts'
import { dynamicType, stringType } from '../values/type.ts'
import { type ObjectValue, stubMark, unknown, withMarks } from '../values/value.ts'
import { type Path, visitCalls, visitPaths, withoutKeys } from './paths.ts'
import { emptyUsage, recordUsage, type Usage } from './usage.ts'

export interface InferredProvider extends Provider {
  /** The attributes read from objects of a type, by `docker_image` or `data.docker_image`. */
  readonly usages: ReadonlyMap<string, Usage>
}

type VisitAll = (visit: (path: Path) => void) => void

/** Attribute paths from outside the template, such as a test file. */
export interface AdditionalPaths {
  /** Attributes that exist. */
  readonly required: VisitAll
  /** Attributes that may exist: inside a block, null unless the template sets them. */
  readonly optional: VisitAll
}

const noAdditionalPaths: AdditionalPaths = { required: () => undefined, optional: () => undefined }

/** A stub for each of the template's providers that is not in `providers`. */
export function inferProviders(
  template: Template,
  providers: readonly Provider[],
  additional: AdditionalPaths = noAdditionalPaths,
): InferredProvider[] {
  const drafts = new ProviderDrafts(new Registry(providers, template.root))
  const nodes = moduleNodes(template.root)
  for (const node of nodes) for (const block of node.module.resources.values()) drafts.addBlock(node, block)
  for (const node of nodes) {
    for (const { name, body } of node.module.providerBlocks) drafts.addConfiguration(node, name, body)
  }
  for (const node of nodes) {
    for (const { provider } of node.module.ephemerals.values()) drafts.addName(node, provider.name)
    visitCalls(node.module, ({ name }) => {
      const [root, local = ''] = name.split('::')
      if (root === 'provider') drafts.addName(node, local)
    })
  }
  visitPaths(template.root, (path) => drafts.addPath(path))
  additional.required((path) => drafts.addPath(path))
  additional.optional((path) => drafts.addPath(path, 'optional'))
  return drafts.all()
}

interface Shape {
  readonly attributes: Set<string>
  readonly blocks: Map<string, Shape>
}

const noShape = (): Shape => ({ attributes: new Set(), blocks: new Map() })

/** The uses of a type found so far. */
interface TypeDraft {
  readonly shape: Shape
  readonly usage: Usage
  /** Optional attributes inside blocks. */
  readonly optionalUsage: Usage
}

interface ProviderDraft {
  readonly name: string
  readonly source: string
  readonly configuration: Shape
  readonly types: Map<string, TypeDraft>
}

class ProviderDrafts {
  readonly #registry: Registry
  readonly #bySource = new Map<string, ProviderDraft>()
  readonly #types = new Map<string, TypeDraft>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  addBlock(node: ModuleNode, { address, body, provider }: ResourceBlock): void {
    const draft = this.#draft(node, provider.name)
    if (!draft) return
    const key = typeKey(address.mode, address.type)
    const type = draft.types.get(key) ?? { shape: noShape(), usage: emptyUsage(), optionalUsage: emptyUsage() }
    draft.types.set(key, type)
    this.#types.set(key, type)
    addBody(type.shape, body, metaArguments, metaBlocks)
  }

  addConfiguration(node: ModuleNode, name: string, body: Body): void {
    const draft = this.#draft(node, name)
    if (draft) addBody(draft.configuration, body, metaProviderArguments)
  }

  /** Registers a provider that the template uses without resources. */
  addName(node: ModuleNode, name: string): void {
    this.#draft(node, name)
  }

  addPath({ node, steps }: Path, presence: 'required' | 'optional' = 'required'): void {
    const names = steps.map((step) => ('name' in step ? step.name : ''))
    const isData = names[0] === 'data'
    const [type = '', name = '', ...rest] = isData || names[0] === 'resource' ? names.slice(1) : names
    const draft = this.#types.get(typeKey(isData ? 'data' : 'managed', type))
    const address = { module: [], mode: isData ? ('data' as const) : ('managed' as const), type, name }
    if (!draft || !node.module.resources.has(formatLocalResource(address))) return
    const inside = withoutKeys(steps.slice(steps.length - rest.length))
    const isInBlock = inside[0] && 'name' in inside[0] && draft.shape.blocks.has(inside[0].name)
    recordUsage(presence === 'optional' && isInBlock ? draft.optionalUsage : draft.usage, inside)
  }

  /** Providers are identified by source. A module without `required_providers` means the provider of that name elsewhere. */
  #draft(node: ModuleNode, name: string): ProviderDraft | undefined {
    if (this.#registry.providerNamed(node, name)) return undefined
    const declared = node.module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')
    const sameName = [...this.#bySource.values()].find((draft) => draft.name === name)
    const source = declared ?? sameName?.source ?? `hashicorp/${name}`
    const draft = this.#bySource.get(source) ?? { name, source, configuration: noShape(), types: new Map() }
    this.#bySource.set(source, draft)
    return draft
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

function toProvider({ name, source, configuration, types }: ProviderDraft): InferredProvider {
  const resources: Record<string, ResourceType> = {}
  const dataSources: Record<string, DataSourceType> = {}
  const usages = new Map<string, Usage>()
  for (const [key, { shape, usage, optionalUsage }] of types) {
    usages.set(key, usage)
    const schema = schemaOf(shape, usage, optionalUsage, { id: computed(stringType) })
    const fail = async (): Promise<Outcome> => {
      throw new Error(`The provider "${source}" is not bundled, so its resources cannot be created or read.`)
    }
    const complete = (value: ObjectValue) => withUnknownBlocks(value, usage)
    // The result of the real provider is unknown.
    const read = async (config: ObjectValue): Promise<Outcome> => ({
      value: withMarks(complete(proposeObject(schema, config, null)), stubMark),
    })
    const plan = ({ proposed }: ResourcePlanRequest) => ({ planned: complete(proposed) })
    if (key.startsWith('data.')) dataSources[key.slice('data.'.length)] = { schema, isInferred: true, read }
    else
      resources[key] = {
        schema,
        isMock: true,
        isInferred: true,
        plan,
        read: fail,
        create: fail,
        update: fail,
        delete: fail,
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

/** Makes omitted blocks unknown if the template reads them: the real provider sets them. */
function withUnknownBlocks(value: ObjectValue, { attributes }: Usage): ObjectValue {
  return changeEntries(value, (name, entry) => {
    const isRead = (attributes.get(name)?.elements.size ?? 0) > 0
    return isRead && 'elements' in entry && entry.elements.length === 0 ? unknown() : entry
  })
}

/** The naming convention of write-only arguments. */
const isWriteOnly = (name: string) => name.endsWith('_wo')

const argumentSchema = (name: string): AttributeSchema =>
  isWriteOnly(name) ? { ...optional(dynamicType), writeOnly: true } : optional(dynamicType)

/** Attributes that the template reads are computed unless it sets them. */
function schemaOf(
  shape: Shape,
  usage: Usage,
  optionalUsage: Usage,
  predefined: BlockSchema['attributes'],
): BlockSchema {
  const namesIn = ({ attributes }: Usage) => [...attributes.keys()].filter((name) => !shape.blocks.has(name))
  const read = namesIn(usage)
  return {
    attributes: {
      ...predefined,
      ...Object.fromEntries(namesIn(optionalUsage).map((name) => [name, optional(dynamicType)])),
      ...Object.fromEntries([...shape.attributes].map((name) => [name, argumentSchema(name)])),
      ...Object.fromEntries(
        read.filter((name) => name !== 'id' && !isWriteOnly(name)).map((name) => [name, optionalComputed(dynamicType)]),
      ),
      ...(shape.attributes.has('id') && { id: optionalComputed(stringType) }),
    },
    blocks: Object.fromEntries(
      [...shape.blocks].map(([name, inner]) => {
        const inElements = ({ attributes }: Usage) => mergeUsages([...(attributes.get(name)?.elements.values() ?? [])])
        const block = schemaOf(inner, inElements(usage), inElements(optionalUsage), {})
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

const mergeWith = (previous: Usage | undefined, usage: Usage) => (previous ? mergeUsages([previous, usage]) : usage)
