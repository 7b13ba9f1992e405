// The graph of what refers to what inside a module, checked: every reference names something declared, and there is no
// cycle. Nodes are written as in the language: `var.x`, `local.y`, `output.z`, `data.coder_workspace.me`,
// `coder_agent.main`.

import {
  type Module,
  metaArguments,
  metaBlocks,
  metaProvisionerArguments,
  type ResourceBlock,
} from '../config/module.ts'
import { type Diagnostic, didYouMean, errorAt, type Range } from '../diagnostics.ts'
import type { Expression } from '../hcl/ast.ts'
import type { Reference } from '../lang/scope.ts'
import { visitBodyReferences, visitReferences } from './references.ts'

export interface Graph {
  /** From each node to the nodes it refers to. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
}

export interface CheckedGraph {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
}

export function buildGraph(module: Module): CheckedGraph {
  const builder = new GraphBuilder(module)
  builder.build()
  const graph = { dependencies: builder.dependencies }
  return { graph, diagnostics: [...builder.diagnostics, ...findCycles(graph, builder.ranges)] }
}

/** Names that are not declared in the module but mean something where they stand. */
const ambientNames = new Set(['path', 'terraform', 'count', 'each', 'self'])

class GraphBuilder {
  readonly dependencies = new Map<string, Set<string>>()
  readonly ranges = new Map<string, Range>()
  readonly diagnostics: Diagnostic[] = []
  readonly #module: Module

  constructor(module: Module) {
    this.#module = module
  }

  build(): void {
    const { variables, locals, outputs, resources, providerBlocks } = this.#module
    for (const variable of variables.values()) {
      const uses = variable.validations.flatMap((rule) => [rule.condition, rule.errorMessage])
      this.#addNode(`var.${variable.name}`, variable.range, uses, `var.${variable.name}`)
    }
    for (const local of locals.values()) this.#addNode(`local.${local.name}`, local.range, [local.expression])
    for (const output of outputs.values()) {
      const uses = [output.expression, ...output.preconditions.flatMap((rule) => [rule.condition, rule.errorMessage])]
      const node = this.#addNode(`output.${output.name}`, output.range, uses)
      for (const reference of output.dependsOn) this.#addReference(node, reference)
    }
    for (const [name, resource] of resources) this.#addResource(name, resource)
    for (const block of providerBlocks) {
      const node = this.#addNode(
        `provider.${block.name}${block.alias === undefined ? '' : `.${block.alias}`}`,
        block.range,
        [],
      )
      visitBodyReferences(block.body, (reference) => this.#addReference(node, reference), {
        attributes: new Set(['alias', 'version']),
        blocks: new Set(),
      })
    }
  }

  /** `mayUse` is a node that the expressions may refer to without depending on it. */
  #addNode(name: string, range: Range, expressions: readonly Expression[], mayUse?: string): string {
    this.dependencies.set(name, new Set())
    this.ranges.set(name, range)
    for (const expression of expressions) {
      visitReferences(expression, (reference) => this.#addReference(name, reference, mayUse))
    }
    return name
  }

  #addResource(name: string, resource: ResourceBlock): void {
    const { lifecycle } = resource
    const conditions = [...lifecycle.preconditions, ...lifecycle.postconditions]
    const uses = [
      ...[resource.count, resource.forEach].filter((expression) => expression !== undefined),
      ...lifecycle.replaceTriggeredBy,
      ...conditions.flatMap((rule) => [rule.condition, rule.errorMessage]),
    ]
    this.#addNode(name, resource.range, uses)
    const add = (reference: Reference) => this.#addReference(name, reference)
    resource.dependsOn.forEach(add)
    visitBodyReferences(resource.body, add, { attributes: metaArguments, blocks: metaBlocks })
    for (const { body } of resource.provisioners) {
      visitBodyReferences(body, add, { attributes: metaProvisionerArguments, blocks: new Set() })
    }
  }

  #addReference(from: string, reference: Reference, mayUse?: string): void {
    const target = this.#targetOf(reference)
    if (target !== undefined && target !== mayUse) this.dependencies.get(from)?.add(target)
  }

  /** The node a reference means; undefined for ambient names and, once told, for what does not exist. */
  #targetOf(reference: Reference): string | undefined {
    const [first, second] = reference
    if (!first || ambientNames.has(first.name)) return undefined
    const { variables, locals } = this.#module
    switch (first.name) {
      case 'var':
        return this.#declared(reference, variables, 'var', 'input variable', 'variable')
      case 'local':
        return this.#declared(reference, locals, 'local', 'local value', 'locals')
      case 'module':
        this.#tell(first.range, 'Reference to undeclared module', `There is no module named "${second?.name ?? ''}".`)
        return undefined
      case 'data':
        return this.#resource(reference, 3)
      default:
        return this.#resource(reference, 2)
    }
  }

  #tell(range: Range, summary: string, detail: string): void {
    this.diagnostics.push(errorAt(range, summary, detail))
  }

  #declared(
    reference: Reference,
    declared: ReadonlyMap<string, unknown>,
    prefix: string,
    what: string,
    block: string,
  ): string | undefined {
    const [first, second] = reference
    if (second && declared.has(second.name)) return `${prefix}.${second.name}`
    const range = spanOf(reference, 2)
    if (!first || !second) {
      this.#tell(range, 'Invalid reference', `After "${prefix}" stands a dot and the name of the ${what}.`)
      return undefined
    }
    const hint = didYouMean(second.name, declared.keys()) || ` Declare it in a "${block}" block.`
    this.#tell(range, `Reference to undeclared ${what}`, `There is no ${what} named "${second.name}".${hint}`)
    return undefined
  }

  #resource(reference: Reference, length: number): string | undefined {
    const name = reference
      .slice(0, length)
      .map((step) => step.name)
      .join('.')
    const { resources, variables, locals } = this.#module
    if (reference.length >= length && resources.has(name)) return name
    const range = spanOf(reference, length)
    const what = length === 3 ? 'data source' : 'resource'
    if (reference.length < length) {
      const first = reference[0]?.name ?? ''
      const hint = variables.has(first)
        ? ` For the variable, write var.${first}.`
        : locals.has(first)
          ? ` For the local value, write local.${first}.`
          : ''
      this.#tell(range, 'Invalid reference', `A reference to a ${what} is its type, a dot and its name.${hint}`)
      return undefined
    }
    const candidates = [...resources.keys()].filter((key) => key.startsWith('data.') === (length === 3))
    this.#tell(range, `Reference to undeclared ${what}`, `There is no ${what} ${name}.${didYouMean(name, candidates)}`)
    return undefined
  }
}

function spanOf(reference: Reference, length: number): Range {
  const first = (reference[0] as Reference[number]).range
  const last = reference[Math.min(length, reference.length) - 1]?.range ?? first
  return { ...first, end: last.end }
}

/** Nodes in an order in which each comes after what it refers to. Nodes of cycles, and what needs them, are missing. */
export function topologicalOrder(graph: Graph): string[] {
  const waiting = new Map<string, number>()
  const dependents = dependentsOf(graph)
  const order: string[] = []
  for (const [node, dependencies] of graph.dependencies) {
    waiting.set(node, dependencies.size)
    if (dependencies.size === 0) order.push(node)
  }
  for (let at = 0; at < order.length; at++) {
    for (const dependent of dependents.get(order[at] as string) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1
      waiting.set(dependent, left)
      if (left === 0) order.push(dependent)
    }
  }
  return order
}

export function dependentsOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>()
  for (const [node, dependencies] of graph.dependencies) {
    for (const dependency of dependencies) {
      const list = dependents.get(dependency)
      if (list) list.push(node)
      else dependents.set(dependency, [node])
    }
  }
  return dependents
}

function findCycles(graph: Graph, ranges: ReadonlyMap<string, Range>): Diagnostic[] {
  const ordered = new Set(topologicalOrder(graph))
  const told = new Set<string>()
  const diagnostics: Diagnostic[] = []
  for (const node of graph.dependencies.keys()) {
    if (ordered.has(node) || told.has(node)) continue
    const cycle = followCycle(graph, node, ordered)
    if (cycle.some((member) => told.has(member))) continue
    for (const member of cycle) told.add(member)
    const [first = node] = cycle
    const detail =
      cycle.length === 1
        ? `${first} refers to itself, so its value can never be known. Use self or a local value, or leave the reference out.`
        : `These refer to each other in a circle, so none of them can be first: ${[...cycle, first].join(' → ')}. Take one of the references out.`
    diagnostics.push(errorAt(ranges.get(first), cycle.length === 1 ? 'Self-referential block' : 'Cycle', detail))
  }
  return diagnostics
}

/** Walks on from a node that is part of a cycle or leads to one, until a node comes again. */
function followCycle(graph: Graph, start: string, ordered: ReadonlySet<string>): string[] {
  const path: string[] = []
  const positions = new Map<string, number>()
  let node: string | undefined = start
  while (node !== undefined && !positions.has(node)) {
    positions.set(node, path.length)
    path.push(node)
    node = [...(graph.dependencies.get(node) ?? [])].find((next) => graph.dependencies.has(next) && !ordered.has(next))
  }
  return node === undefined ? [start] : path.slice(positions.get(node))
}
