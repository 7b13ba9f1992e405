// The graph of a template as OpenTofu draws it: the steps of variables, resources, modules and providers, and their
// dependencies without redundant edges.

import { formatLocalResource, modulePrefix } from '../addresses.ts'
import { configurationName, type ModuleNode, type ResourceBlock } from '../config/module.ts'
import type { GraphNode } from '../engine/graph/graph.ts'
import { findConfiguration } from '../engine/modules/provider-configurations.ts'
import { formatProvider } from '../engine/providers/registry.ts'
import type { Template } from '../engine/template/template.ts'
import type { Provider } from '../provider.ts'

export type Shape = 'box' | 'diamond' | 'note'

export interface Vertex {
  readonly name: string
  /** Undefined for steps that are not drawn and occur only in edges. */
  readonly shape: Shape | undefined
  /** The name without the step: `coder_agent.main`. */
  readonly label: string
}

export interface DotGraph {
  /** The steps with a shape, sorted by name. */
  readonly vertices: readonly Vertex[]
  /** From a step to its dependency, sorted. */
  readonly edges: readonly (readonly [string, string])[]
}

export function buildDotGraph(template: Template, providers: readonly Provider[]): DotGraph {
  const builder = new GraphBuilder(template, providers)
  const vertices = [...builder.vertices.values()].filter(({ shape }) => shape !== undefined)
  return {
    vertices: vertices.sort((a, b) => (a.name < b.name ? -1 : 1)),
    edges: transitiveReduction(builder.edges),
  }
}

type Edges = Map<string, Set<string>>

class GraphBuilder {
  readonly vertices = new Map<string, Vertex>()
  readonly edges: Edges = new Map()
  readonly #template: Template
  readonly #providers: readonly Provider[]

  constructor(template: Template, providers: readonly Provider[]) {
    this.#template = template
    this.#providers = providers
    for (const [id, node] of template.graph.nodes) if (node.kind !== 'provider') this.#addNode(id, node)
    for (const name of [...this.edges.keys()]) this.#connect('root', name)
  }

  #addNode(id: string, node: GraphNode): void {
    const needs = [...(this.#template.graph.dependencies.get(id) ?? [])].flatMap((need) => this.#stepOf(need))
    const prefix = modulePrefix(node.module.names)
    switch (node.kind) {
      case 'variable':
        this.#addVariable(`${prefix}var.${node.name}`, node.module.parent === undefined, needs)
        break
      case 'resource':
        this.#add(`${id} (expand)`, needs, 'box', id)
        this.#addProvider(node.module, node.module.module.resources.get(node.name), `${id} (expand)`)
        break
      case 'check':
        this.#add(`${id} (expand)`, [...needs, `${id} (report)`])
        this.#add(`${id} (report)`, [])
        break
      case 'close':
        this.#add(id, needs)
        break
      default:
        this.#add(`${id} (expand)`, needs)
    }
  }

  #addVariable(name: string, isRootVariable: boolean, needs: readonly string[]): void {
    const source = isRootVariable ? name : `${name} (expand, input)`
    this.#add(`${name} (expand, reference)`, [source])
    this.#add(source, needs, isRootVariable ? 'note' : undefined, name)
  }

  /** The step that references to the node depend on. Edges to providers are added separately. */
  #stepOf(id: string): string[] {
    const node = this.#template.graph.nodes.get(id)
    if (!node || node.kind === 'provider') return []
    if (node.kind === 'variable') return [`${id} (expand, reference)`]
    return [node.kind === 'close' ? id : `${id} (expand)`]
  }

  /** Configures the provider before the resource, and closes it after its last use. */
  #addProvider(node: ModuleNode, block: ResourceBlock | undefined, user: string): void {
    if (!block) return
    const found = findConfiguration(node, block.provider)
    const home = found?.module ?? this.#template.root
    const source = this.#sourceOf(node, block.provider.name)
    const name = modulePrefix(home.names) + formatProvider(source, found?.block.alias)
    const id = found && `${modulePrefix(home.names)}provider.${configurationName(found.block)}`
    const needs = [...((id && this.#template.graph.dependencies.get(id)) || [])].flatMap((need) => this.#stepOf(need))
    this.#add(name, needs, 'diamond', name)
    this.#connect(user, name)
    this.#connect(`${name} (close)`, name)
    this.#connect(`${name} (close)`, user)
  }

  #sourceOf(node: ModuleNode, name: string): string {
    const declared = node.module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')
    return declared ?? this.#providers.find((provider) => provider.name === name)?.source ?? `hashicorp/${name}`
  }

  #add(name: string, needs: readonly string[], shape?: Shape, label = name): void {
    this.vertices.set(name, { name, shape, label })
    if (!this.edges.has(name)) this.edges.set(name, new Set())
    for (const need of needs) this.#connect(name, need)
  }

  #connect(from: string, to: string): void {
    const targets = this.edges.get(from) ?? new Set()
    this.edges.set(from, targets)
    targets.add(to)
  }
}

/** Removes edges that follow from other edges. */
function transitiveReduction(edges: Edges): (readonly [string, string])[] {
  const reached = new Map<string, ReadonlySet<string>>()
  const reduced: [string, string][] = []
  for (const from of edges.keys()) {
    const direct = [...(edges.get(from) ?? [])]
    for (const to of direct) {
      const isImplied = direct.some((other) => other !== to && reachableFrom(other, edges, reached).has(to))
      if (!isImplied) reduced.push([from, to])
    }
  }
  return reduced.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
}

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)

/** Excludes `start`. Iterative, because chains can be long. */
function reachableFrom(start: string, edges: Edges, computed: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = computed.get(start)
  if (found) return found
  const reached = new Set<string>()
  const queue = [...(edges.get(start) ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    const below = computed.get(next)
    if (below) for (const name of below) reached.add(name)
    else queue.push(...(edges.get(next) ?? []))
  }
  computed.set(start, reached)
  return reached
}

/** The dependencies between resources, direct or through other nodes. */
export function resourceDependencies({ graph }: Template): ReadonlyMap<string, readonly string[]> {
  const isResource = (id: string) => graph.nodes.get(id)?.kind === 'resource'
  const nearest = (id: string): string[] => {
    const found = new Set<string>()
    const visited = new Set<string>()
    const queue = [...(graph.dependencies.get(id) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (visited.has(next)) continue
      visited.add(next)
      if (isResource(next)) found.add(next)
      else queue.push(...(graph.dependencies.get(next) ?? []))
    }
    return [...found].sort()
  }
  return new Map([...graph.nodes.keys()].filter(isResource).map((id) => [id, nearest(id)]))
}

export const isDataSource = (id: string, { graph }: Template): boolean => {
  const node = graph.nodes.get(id)
  const block = node?.module.module.resources.get(node.name)
  return block !== undefined && formatLocalResource(block.address).startsWith('data.')
}
