// The graph of what refers to what in a template, through all its modules, checked: every reference names something
// declared, and there is no cycle. Nodes are blocks, not instances, and are written as in the language, with the modules
// they stand in: `var.x`, `data.coder_workspace.me`, `module.editor.coder_app.main`.

import { formatBlock, modulePrefix } from '../addresses.ts'
import {
  configurationName,
  type ModuleNode,
  metaArguments,
  metaBlocks,
  metaProviderArguments,
  metaProvisionerArguments,
  type ResourceBlock,
} from '../config/module.ts'
import { type Diagnostic, didYouMean, errorAt, type Range } from '../diagnostics.ts'
import type { Body, Expression } from '../hcl/ast.ts'
import type { Reference } from '../lang/scope.ts'
import { findConfiguration } from './provider-configurations.ts'
import { visitBodyReferences, visitReferences } from './references.ts'

export type NodeKind = 'variable' | 'local' | 'output' | 'resource' | 'provider' | 'call' | 'close' | 'check'

export interface GraphNode {
  readonly kind: NodeKind
  /** Where the block stands; for a call and its close the module with the `module` block. */
  readonly module: ModuleNode
  /** Inside of its module: the key in the module's table of such things. */
  readonly name: string
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** From each node to the nodes it refers to. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
}

export interface CheckedGraph {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
}

export function buildGraph(root: ModuleNode): CheckedGraph {
  const builder = new GraphBuilder()
  builder.addModule(root)
  const graph = { nodes: builder.nodes, dependencies: builder.dependencies }
  return { graph, diagnostics: [...builder.diagnostics, ...findCycles(graph, builder.ranges)] }
}

/** Done when the number of a module's instances is known; everything inside waits for it. */
const callId = (parent: ModuleNode, name: string) => `${modulePrefix(parent.names)}module.${name}`
/** Done when everything inside of a module is. */
const closeId = (parent: ModuleNode, name: string) => `${callId(parent, name)} (close)`

/** Names that are not declared in the module but mean something where they stand. */
const ambientNames = new Set(['path', 'terraform', 'tofu', 'count', 'each', 'self'])

type Add = (reference: Reference) => void

class GraphBuilder {
  readonly nodes = new Map<string, GraphNode>()
  readonly dependencies = new Map<string, Set<string>>()
  readonly ranges = new Map<string, Range>()
  readonly diagnostics: Diagnostic[] = []

  addModule(node: ModuleNode): void {
    const { module, call, parent } = node
    for (const [name, local] of module.locals)
      this.#addReferences(this.#add(node, 'local', name, local.range), local.expression)
    this.#addVariables(node)
    this.#addOutputs(node)
    for (const [name, resource] of module.resources) this.#addResource(node, name, resource)
    this.#addProviders(node)
    this.#addChecks(node)
    this.#addImports(node)
    for (const name of module.calls.keys()) this.#addCall(node, name)
    if (call && parent) this.#checkInputs(node)
  }

  /** Gives what takes the references of the new node. */
  #add(module: ModuleNode, kind: NodeKind, name: string, range: Range): Add {
    const id = nodeId(module, kind, name)
    const dependencies = new Set<string>()
    this.nodes.set(id, { kind, module, name })
    this.dependencies.set(id, dependencies)
    this.ranges.set(id, range)
    if (module.parent && module.call) dependencies.add(callId(module.parent, module.call.name))
    return this.#adder(module, dependencies)
  }

  /** References are looked up in the module. `mayUse` is a node that may be referred to without depending on it. */
  #adder(module: ModuleNode, dependencies: Set<string>, mayUse?: string): Add {
    const lookup = new ReferenceLookup(module, (diagnostic) => this.diagnostics.push(diagnostic))
    return (reference) => {
      for (const target of lookup.targetsOf(reference)) if (target !== mayUse) dependencies.add(target)
    }
  }

  #addReferences(add: Add, ...expressions: readonly (Expression | undefined)[]): void {
    for (const expression of expressions) if (expression) visitReferences(expression, add)
  }

  #addVariables(node: ModuleNode): void {
    const { module, call, parent } = node
    for (const [name, variable] of module.variables) {
      this.#add(node, 'variable', name, variable.range)
      const id = nodeId(node, 'variable', name)
      const dependencies = this.dependencies.get(id) as Set<string>
      const add = this.#adder(node, dependencies, id)
      for (const rule of variable.validations) this.#addReferences(add, rule.condition, rule.errorMessage)
      const input = call?.inputs.get(name)
      if (input && parent) this.#addReferences(this.#adder(parent, dependencies), input.expression)
    }
  }

  #addOutputs(node: ModuleNode): void {
    for (const [name, output] of node.module.outputs) {
      const add = this.#add(node, 'output', name, output.range)
      this.#addReferences(add, output.expression)
      for (const rule of output.preconditions) this.#addReferences(add, rule.condition, rule.errorMessage)
      this.#addDependsOn(node, nodeId(node, 'output', name), output.dependsOn)
    }
  }

  #addResource(node: ModuleNode, name: string, resource: ResourceBlock): void {
    const { lifecycle } = resource
    const add = this.#add(node, 'resource', name, resource.range)
    const { count, forEach, enabled } = resource
    this.#addReferences(add, count, forEach, enabled, lifecycle.preventDestroy, ...lifecycle.replaceTriggeredBy)
    const id = nodeId(node, 'resource', name)
    const dependencies = this.dependencies.get(id) as Set<string>
    for (const rule of lifecycle.preconditions) this.#addReferences(add, rule.condition, rule.errorMessage)
    // A postcondition may speak of its own object.
    const addOther = this.#adder(node, dependencies, id)
    for (const rule of lifecycle.postconditions) this.#addReferences(addOther, rule.condition, rule.errorMessage)
    this.#addDependsOn(node, id, resource.dependsOn)
    this.#addBodyReferences(add, resource.body, metaArguments, metaBlocks)
    for (const { body } of resource.provisioners) this.#addBodyReferences(add, body, metaProvisionerArguments)
    const configuration = findConfiguration(node, resource.provider)
    if (configuration) dependencies.add(nodeId(configuration.module, 'provider', configuration.name))
  }

  #addDependsOn(node: ModuleNode, id: string, references: readonly Reference[]): void {
    const dependencies = this.dependencies.get(id)
    const lookup = new ReferenceLookup(node, (diagnostic) => this.diagnostics.push(diagnostic))
    for (const target of lookup.ordersOf(references)) dependencies?.add(target)
  }

  #addBodyReferences(
    add: Add,
    body: Body,
    attributes: ReadonlySet<string>,
    blocks: ReadonlySet<string> = nothing,
  ): void {
    visitBodyReferences(body, add, { attributes, blocks })
  }

  #addProviders(node: ModuleNode): void {
    for (const block of node.module.providerBlocks) {
      const add = this.#add(node, 'provider', configurationName(block), block.range)
      this.#addBodyReferences(add, block.body, metaProviderArguments)
    }
  }

  #addChecks(node: ModuleNode): void {
    for (const check of node.module.checks.values()) {
      const add = this.#add(node, 'check', check.name, check.range)
      for (const rule of check.assertions) this.#addReferences(add, rule.condition, rule.errorMessage)
      if (check.data)
        this.dependencies.get(nodeId(node, 'check', check.name))?.add(nodeId(node, 'resource', check.data))
    }
  }

  /** What is brought in must be known before its resource is planned. */
  #addImports(node: ModuleNode): void {
    for (const { to, id, forEach, range } of node.module.imports) {
      if (!to.resource) continue
      const target = formatBlock({ ...to.resource, module: to.module })
      const dependencies = this.dependencies.get(modulePrefix(node.names) + target)
      if (dependencies && to.module.length === 0) this.#addReferences(this.#adder(node, dependencies), id, forEach)
      else if (to.module.length === 0) {
        const detail = `There is no resource ${target} to import into. Declare it, if with empty hands: resource "${to.resource.type}" "${to.resource.name}" {}.`
        this.diagnostics.push(errorAt(range, 'Configuration for import target does not exist', detail))
      }
    }
  }

  #addCall(node: ModuleNode, name: string): void {
    const call = node.module.calls.get(name)
    const child = node.children.get(name)
    if (!call) return
    const add = this.#add(node, 'call', name, call.range)
    this.#addReferences(add, call.count, call.forEach, call.enabled)
    this.#addDependsOn(node, callId(node, name), call.dependsOn)
    const before = this.nodes.size
    if (child) this.addModule(child)
    const inner = [...this.nodes.keys()].slice(before)
    this.#add(node, 'close', name, call.range)
    const dependencies = this.dependencies.get(closeId(node, name)) as Set<string>
    for (const id of [callId(node, name), ...inner]) dependencies.add(id)
  }

  #warnDeprecated(range: Range, detail: string): void {
    const summary = 'Variable marked as deprecated by the module author'
    this.diagnostics.push({ severity: 'warning', summary, detail, range })
  }

  #checkInputs({ module, call }: ModuleNode): void {
    if (!call) return
    for (const input of call.inputs.values()) {
      const variable = module.variables.get(input.name)
      if (variable?.deprecated !== undefined) this.#warnDeprecated(input.expression.range, variable.deprecated)
      if (variable) continue
      const hint = didYouMean(input.name, module.variables.keys())
      const detail = `The module "${call.name}" has no variable named "${input.name}".${hint}`
      this.diagnostics.push(errorAt(input.nameRange, 'Unsupported argument', detail))
    }
    for (const variable of module.variables.values()) {
      if (call.inputs.has(variable.name) || variable.defaultValue) continue
      const detail = `The argument "${variable.name}" is required by the module "${call.name}".`
      this.diagnostics.push(errorAt(call.range, 'Missing required argument', detail))
    }
  }
}

/** What a block's `depends_on` waits for, and that of the modules around it. */
export function explicitDependencies(node: ModuleNode, references: readonly Reference[]): readonly string[] {
  const own = new ReferenceLookup(node, () => undefined).ordersOf(references)
  return node.parent && node.call ? [...own, ...explicitDependencies(node.parent, node.call.dependsOn)] : own
}

/** What an expression that is not part of the module refers to without it being declared there. */
export function undeclaredIn(
  node: ModuleNode,
  expression: Expression,
  isDeclaredElsewhere: (reference: Reference) => boolean,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const lookup = new ReferenceLookup(node, (diagnostic) => diagnostics.push(diagnostic))
  visitReferences(expression, (reference) => {
    if (!isDeclaredElsewhere(reference)) lookup.targetsOf(reference)
  })
  return diagnostics
}

const nothing: ReadonlySet<string> = new Set()

function nodeId(module: ModuleNode, kind: NodeKind, name: string): string {
  const prefix = modulePrefix(module.names)
  switch (kind) {
    case 'variable':
      return `${prefix}var.${name}`
    case 'local':
    case 'output':
    case 'provider':
    case 'check':
      return `${prefix}${kind}.${name}`
    case 'resource':
      return prefix + name
    case 'call':
      return callId(module, name)
    case 'close':
      return closeId(module, name)
  }
}

/** Finds what references in one module mean. */
class ReferenceLookup {
  readonly #node: ModuleNode
  readonly #report: (diagnostic: Diagnostic) => void

  constructor(node: ModuleNode, report: (diagnostic: Diagnostic) => void) {
    this.#node = node
    this.#report = report
  }

  /** The nodes a reference means; none for ambient names and, once told, for what does not exist. */
  targetsOf(reference: Reference): readonly string[] {
    const [first] = reference
    if (!first || ambientNames.has(first.name)) return []
    const { variables, locals } = this.#node.module
    switch (first.name) {
      case 'var':
        return this.#declared(reference, variables, 'variable', 'var', 'input variable', 'variable')
      case 'local':
        return this.#declared(reference, locals, 'local', 'local', 'local value', 'locals')
      case 'module':
        return this.#moduleOutput(reference)
      case 'data':
        return this.#resource(reference, 3)
      case 'resource':
        return this.#resource(reference.slice(1), 2)
      default:
        return this.#resource(reference, 2)
    }
  }

  /** What `depends_on` waits for: of a module all that is in it. */
  ordersOf(references: readonly Reference[]): readonly string[] {
    return references.flatMap((reference) => {
      const [first, call] = reference
      const isCall = first?.name === 'module' && call !== undefined && this.#node.module.calls.has(call.name)
      return isCall ? [closeId(this.#node, call.name)] : this.targetsOf(reference)
    })
  }

  #tell(range: Range, summary: string, detail: string): readonly string[] {
    this.#report(errorAt(range, summary, detail))
    return []
  }

  #declared(
    reference: Reference,
    declared: ReadonlyMap<string, unknown>,
    kind: NodeKind,
    prefix: string,
    what: string,
    block: string,
  ): readonly string[] {
    const [, second] = reference
    if (second && declared.has(second.name)) return [nodeId(this.#node, kind, second.name)]
    const range = spanOf(reference, 2)
    if (!second)
      return this.#tell(range, 'Invalid reference', `After "${prefix}" stands a dot and the name of the ${what}.`)
    const hint = didYouMean(second.name, declared.keys()) || ` Declare it in a "${block}" block.`
    return this.#tell(range, `Reference to undeclared ${what}`, `There is no ${what} named "${second.name}".${hint}`)
  }

  /** One output where it is named, else all of the module's. */
  #moduleOutput(reference: Reference): readonly string[] {
    const [, call, output] = reference
    const { calls } = this.#node.module
    if (!call)
      return this.#tell(
        spanOf(reference, 2),
        'Invalid reference',
        'After "module" stands a dot and the name of the call.',
      )
    if (!calls.has(call.name)) {
      const hint = didYouMean(call.name, calls.keys()) || ' Declare it in a "module" block.'
      return this.#tell(
        spanOf(reference, 2),
        'Reference to undeclared module',
        `There is no module call named "${call.name}".${hint}`,
      )
    }
    const child = this.#node.children.get(call.name)
    const opened = callId(this.#node, call.name)
    if (!child) return [opened]
    if (!output) return [opened, ...[...child.module.outputs.keys()].map((name) => nodeId(child, 'output', name))]
    const declared = child.module.outputs.get(output.name)
    if (declared?.deprecated !== undefined) this.#warnDeprecated(spanOf(reference, 3), declared.deprecated)
    if (declared) return [opened, nodeId(child, 'output', output.name)]
    const hint = didYouMean(output.name, child.module.outputs.keys())
    return this.#tell(
      output.range,
      'Unsupported attribute',
      `The module "${call.name}" has no output named "${output.name}".${hint}`,
    )
  }

  #warnDeprecated(range: Range, detail: string): void {
    this.#report({ severity: 'warning', summary: 'Value derived from a deprecated source', detail, range })
  }

  #resource(reference: Reference, length: number): readonly string[] {
    const name = reference
      .slice(0, length)
      .map((step) => step.name)
      .join('.')
    const { resources, variables, locals } = this.#node.module
    if (reference.length >= length && resources.has(name)) return [nodeId(this.#node, 'resource', name)]
    const range = spanOf(reference, length)
    const what = length === 3 ? 'data source' : 'resource'
    if (reference.length < length) {
      const first = reference[0]?.name ?? ''
      const hint = variables.has(first)
        ? ` For the variable, write var.${first}.`
        : locals.has(first)
          ? ` For the local value, write local.${first}.`
          : ''
      return this.#tell(range, 'Invalid reference', `A reference to a ${what} is its type, a dot and its name.${hint}`)
    }
    const candidates = [...resources.keys()].filter((key) => key.startsWith('data.') === (length === 3))
    return this.#tell(
      range,
      `Reference to undeclared ${what}`,
      `There is no ${what} ${name}.${didYouMean(name, candidates)}`,
    )
  }
}

function spanOf(reference: Reference, length: number): Range {
  const first = reference[0]?.range ?? noRange
  const last = reference[Math.min(length, reference.length) - 1]?.range ?? first
  return { ...first, end: last.end }
}

const noRange: Range = { file: '', start: 0, end: 0 }

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
