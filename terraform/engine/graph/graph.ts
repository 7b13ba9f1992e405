// The graph of what refers to what in a template, through all its modules. Nodes are blocks, not instances, and are written
// as in the language, with the modules they stand in: `var.x`, `data.coder_workspace.me`, `module.editor.coder_app.main`.

import { modulePrefix } from '../../addresses.ts'
import type { ModuleNode } from '../../config/module.ts'

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

/** Done when the number of a module's instances is known; everything inside waits for it. */
export const callId = (parent: ModuleNode, name: string) => `${modulePrefix(parent.names)}module.${name}`
/** Done when everything inside of a module is. */
export const closeId = (parent: ModuleNode, name: string) => `${callId(parent, name)} (close)`

export function nodeId(module: ModuleNode, kind: NodeKind, name: string): string {
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

/** From each managed resource to the managed ones it needs, through locals, variables and data but not through others
 *  of its kind. */
export function nearestResources({ nodes, dependencies }: Graph): Map<string, ReadonlySet<string>> {
  const isManaged = (id: string) => nodes.get(id)?.kind === 'resource' && !nodes.get(id)?.name.startsWith('data.')
  const nearest = new Map<string, ReadonlySet<string>>()
  for (const node of dependencies.keys()) {
    if (!isManaged(node)) continue
    const found = new Set<string>()
    const seen = new Set<string>()
    const queue = [...(dependencies.get(node) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      if (isManaged(next)) found.add(next)
      else queue.push(...(dependencies.get(next) ?? []))
    }
    nearest.set(node, found)
  }
  return nearest
}

/** What an object that is made before its old one goes needs, must itself be replaced in that order: otherwise its old
 *  form would have to go first, while it is still in use. */
export function findCreateBeforeDestroy(graph: Graph): ReadonlySet<string> {
  const queue = [...graph.nodes].filter(([, node]) => asksForEarly(node)).map(([id]) => id)
  const early = new Set<string>()
  if (queue.length === 0) return early
  const needs = nearestResources(graph)
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (early.has(id)) continue
    early.add(id)
    queue.push(...(needs.get(id) ?? []))
  }
  return early
}

const asksForEarly = ({ kind, module, name }: GraphNode) =>
  kind === 'resource' && module.module.resources.get(name)?.lifecycle.createBeforeDestroy === true
