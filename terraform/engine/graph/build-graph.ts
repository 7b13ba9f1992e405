// Builds the graph of a template and checks its references: each must be declared and allowed in its place.

import { formatBlock, modulePrefix } from '../../addresses.ts'
import {
  type Condition,
  configurationName,
  type ModuleNode,
  metaArguments,
  metaBlocks,
  metaProviderArguments,
  metaProvisionerArguments,
  type ResourceBlock,
} from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Range } from '../../diagnostics/source.ts'
import type { Body, Expression } from '../../hcl/ast.ts'
import { referenceOf } from '../../lang/evaluator/reference.ts'
import { type Reference, referenceRange } from '../../lang/scope.ts'
import { findConfiguration } from '../modules/provider-configurations.ts'
import { StaticScope } from '../modules/static-scope.ts'
import { findCycles, selfReference } from './cycles.ts'
import { callId, closeId, type Graph, type GraphNode, type NodeKind, nodeId } from './graph.ts'
import { ReferenceLookup } from './reference-lookup.ts'
import { type ReferenceVisitor, visitBodyReferences, visitReferences } from './references.ts'

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
    this.#addEphemerals(node)
    for (const [name, resource] of module.resources) this.#addResource(node, name, resource)
    this.#addProviders(node)
    this.#addChecks(node)
    this.#addImports(node)
    for (const name of module.calls.keys()) this.#addCall(node, name)
    if (call && parent) this.#checkInputs(node)
  }

  /** Adds a node; the result adds the node's references to it. */
  #add(module: ModuleNode, kind: NodeKind, name: string, range: Range): ReferenceVisitor {
    const id = nodeId(module, kind, name)
    const dependencies = new Set<string>()
    this.nodes.set(id, { kind, module, name })
    this.dependencies.set(id, dependencies)
    this.ranges.set(id, range)
    if (module.parent && module.call) dependencies.add(callId(module.parent, module.call.name))
    return this.#collector(module, dependencies, { id })
  }

  /** A visitor that resolves references in the module and adds them to the dependencies of the node `self.id`. */
  #collector(
    module: ModuleNode,
    dependencies: Set<string>,
    self: { id: string; isAllowed?: boolean },
  ): ReferenceVisitor {
    const lookup = new ReferenceLookup(module, (diagnostic) => this.diagnostics.push(diagnostic))
    return (reference, indexed, unresolved) => {
      for (const target of lookup.resolveTargets(reference, indexed, unresolved)) {
        if (target !== self.id) dependencies.add(target)
        else if (!self.isAllowed) this.diagnostics.push(selfReference(target, reference))
      }
    }
  }

  /** Returns the number of conditions that refer to the configuration; the others are errors. */
  #addConditions(add: ReferenceVisitor, rules: readonly Condition[]): number {
    let count = 0
    for (const { kind, condition, errorMessage } of rules) {
      let hasReference = false
      visitReferences(condition, (reference, indexed, unresolved) => {
        hasReference = true
        add(reference, indexed, unresolved)
      })
      this.#addReferences(add, errorMessage)
      if (hasReference) {
        count++
        continue
      }
      const detail = 'The condition refers to nothing in the configuration, so its result never changes.'
      this.diagnostics.push(errorAt(condition.range, `Invalid ${kind} expression`, detail))
    }
    return count
  }

  #addReferences(add: ReferenceVisitor, ...expressions: readonly (Expression | undefined)[]): void {
    for (const expression of expressions) if (expression) visitReferences(expression, add)
  }

  /** A variable with `const = true` must have a static value. */
  #requireStatic(node: ModuleNode, name: string, range: Range): void {
    const steps = [
      { name: 'var', range },
      { name, range },
    ]
    const found: Diagnostic[] = []
    new StaticScope(node).resolve(steps, (diagnostic) => found.push(diagnostic))
    this.diagnostics.push(...found)
    if (found.length === 0 || !node.call) return
    const detail = `The variable "${name}" of the module has const = true, so its value must be known before planning.`
    this.diagnostics.push(errorAt(node.call.range, 'Unable to compute static value', detail))
  }

  #addVariables(node: ModuleNode): void {
    const { module, call, parent } = node
    for (const [name, variable] of module.variables) {
      this.#add(node, 'variable', name, variable.range)
      const id = nodeId(node, 'variable', name)
      const dependencies = this.dependencies.get(id) as Set<string>
      const add = this.#collector(node, dependencies, { id, isAllowed: true })
      this.#addConditions(add, variable.validations)
      if (variable.isStatic) this.#requireStatic(node, name, variable.range)
      for (const rule of variable.validations) this.#requireSelfReference(name, rule)
      const input = call?.inputs.get(name)
      if (input && parent) this.#addReferences(this.#collector(parent, dependencies, { id }), input.expression)
    }
  }

  #requireSelfReference(name: string, { condition }: Condition): void {
    let isNamed = false
    visitReferences(condition, ([first, second]) => {
      isNamed ||= first?.name === 'var' && second?.name === name
    })
    if (isNamed) return
    const detail = `The condition must refer to var.${name}, the variable that it validates.`
    this.diagnostics.push(errorAt(condition.range, 'Invalid variable validation condition', detail))
  }

  #addOutputs(node: ModuleNode): void {
    const { call } = node
    for (const [name, output] of node.module.outputs) {
      const add = this.#add(node, 'output', name, output.range)
      if (output.ephemeral && !call) {
        const detail = 'The state stores the outputs of the root module, so they cannot be ephemeral.'
        this.diagnostics.push(errorAt(output.range, 'Invalid output configuration', detail))
      }
      this.#addReferences(add, output.expression)
      this.#addConditions(add, output.preconditions)
      this.#addDependsOn(node, nodeId(node, 'output', name), output.dependsOn)
    }
  }

  #addEphemerals(node: ModuleNode): void {
    for (const { body, count, forEach } of node.module.ephemerals.values()) {
      const add = this.#collector(node, new Set(), { id: '' })
      this.#addReferences(add, count, forEach)
      this.#addBodyReferences(add, body, metaArguments, metaBlocks)
    }
  }

  #addResource(node: ModuleNode, name: string, resource: ResourceBlock): void {
    const { lifecycle } = resource
    const add = this.#add(node, 'resource', name, resource.range)
    const { count, forEach, enabled } = resource
    this.#addReferences(add, count, forEach, enabled)
    if (lifecycle.preventDestroy) visitReferences(lifecycle.preventDestroy, this.#rejectInstanceNames(add))
    this.#addTriggers(add, node, lifecycle.replaceTriggeredBy)
    const id = nodeId(node, 'resource', name)
    const dependencies = this.dependencies.get(id) as Set<string>
    this.#addConditions(add, lifecycle.preconditions)
    // A postcondition may refer to its own object.
    const addExceptSelf = this.#collector(node, dependencies, { id, isAllowed: true })
    this.#addConditions(addExceptSelf, lifecycle.postconditions)
    this.#addDependsOn(node, id, resource.dependsOn)
    this.#addBodyReferences(add, resource.body, metaArguments, metaBlocks)
    for (const { body, when } of resource.provisioners) {
      if (when === 'destroy') this.#checkDestroyReferences(body)
      else this.#addBodyReferences(addExceptSelf, body, metaProvisionerArguments)
    }
    for (const { type, body } of resource.body.blocks)
      if (type === 'connection') this.#addBodyReferences(addExceptSelf, body, noNames)
    const configuration = findConfiguration(node, resource.provider)
    if (configuration) dependencies.add(nodeId(configuration.module, 'provider', configuration.name))
  }

  /** When an object is destroyed, other objects may no longer exist. */
  #checkDestroyReferences(body: Body): void {
    const expressions = [body, ...body.blocks.map((block) => block.body)].flatMap((part) => [
      ...part.attributes.values(),
    ])
    for (const { name, expression } of expressions) {
      if (metaProvisionerArguments.has(name)) continue
      let hasOtherReference = false
      visitReferences(expression, ([first]) => {
        hasOtherReference ||= first !== undefined && !destroyNames.has(first.name)
      })
      if (!hasOtherReference) continue
      const detail = 'A destroy provisioner may only refer to self, count.index and each.key.'
      this.diagnostics.push(errorAt(expression.range, 'Invalid reference from destroy provisioner', detail))
    }
  }

  /** prevent_destroy has one value for all instances. */
  #rejectInstanceNames(add: ReferenceVisitor): ReferenceVisitor {
    return (reference, indexed) => {
      const [first] = reference
      if (first?.name === 'each' || first?.name === 'count' || first?.name === 'self') {
        const detail = `"${first.name}" differs between instances, but prevent_destroy has one value for all of them.`
        this.diagnostics.push(errorAt(referenceRange(reference, 2), 'Invalid reference in prevent_destroy', detail))
      } else add(reference, indexed)
    }
  }

  #addTriggers(add: ReferenceVisitor, { module }: ModuleNode, triggers: readonly Expression[]): void {
    for (const trigger of triggers) {
      const reference = triggerOf(trigger)
      const fail = (summary: string, detail: string) => this.diagnostics.push(errorAt(trigger.range, summary, detail))
      if (!reference) {
        fail('Invalid replace_triggered_by expression', 'It must be a list of resources and their attributes.')
        continue
      }
      const [first, second] = reference
      const name = `${first?.name}.${second?.name ?? ''}`
      if (nonResourceNames.has(first?.name ?? '')) {
        const detail = `${name} is not a resource. Store it in a terraform_data resource, and refer to that.`
        fail('Invalid reference in replace_triggered_by expression', detail)
        fail('Invalid replace_triggered_by expression', detail)
      } else if (!module.resources.has(name)) {
        const hint = didYouMean(name, module.resources.keys())
        fail('Undeclared resource in replace_triggered_by', `There is no resource ${name}.${hint}`)
      } else visitReferences(trigger, (inner) => add(inner.slice(0, 2)))
    }
  }

  #addDependsOn(node: ModuleNode, id: string, references: readonly Reference[]): void {
    const dependencies = this.dependencies.get(id)
    const lookup = new ReferenceLookup(node, (diagnostic) => this.diagnostics.push(diagnostic))
    for (const target of lookup.dependencyTargets(references)) if (target !== id) dependencies?.add(target)
  }

  #addBodyReferences(
    add: ReferenceVisitor,
    body: Body,
    attributes: ReadonlySet<string>,
    blocks: ReadonlySet<string> = noNames,
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
      const count = this.#addConditions(add, check.assertions)
      if (count === 0 && check.assertions.length > 0) {
        const detail = 'None of its assertions refers to anything in the configuration.'
        this.diagnostics.push(errorAt(check.range, 'Zero assert blocks', detail))
      }
      if (check.data)
        this.dependencies.get(nodeId(node, 'check', check.name))?.add(nodeId(node, 'resource', check.data))
    }
  }

  /** The import id must be known before the resource is planned. */
  #addImports(node: ModuleNode): void {
    for (const { to, id, forEach, range } of node.module.imports) {
      if (node.parent) {
        const detail = 'Import blocks are only allowed in the root module. The target address includes the module.'
        this.diagnostics.push(errorAt(range, 'Invalid import configuration', detail))
        continue
      }
      if (!to.resource) continue
      const target = formatBlock({ ...to.resource, module: to.module })
      const dependencies = this.dependencies.get(modulePrefix(node.names) + target)
      if (dependencies && to.module.length === 0)
        this.#addReferences(this.#collector(node, dependencies, { id: '' }), id, forEach)
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
      this.diagnostics.push(errorAt(call.openingRange, 'Missing required argument', detail))
    }
  }
}

const noNames: ReadonlySet<string> = new Set()

const destroyNames: ReadonlySet<string> = new Set(['self', 'count', 'each', 'path', 'terraform', 'tofu'])

const nonResourceNames: ReadonlySet<string> = new Set([
  'var',
  'local',
  'module',
  'data',
  'each',
  'count',
  'self',
  'path',
  'terraform',
  'tofu',
])

/** The reference in `terraform_data.a[count.index].id`, without the key. */
function triggerOf(expression: Expression): Reference | undefined {
  if (expression.type === 'index') return triggerOf(expression.collection)
  if (expression.type === 'attribute' && !referenceOf(expression)) return triggerOf(expression.object)
  return referenceOf(expression)
}
