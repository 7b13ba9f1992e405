// The dependency graph of a template with all its modules. Nodes are blocks, not instances; their ids are addresses:
// `var.x`, `data.coder_workspace.me`, `module.editor.coder_app.main`.

import { modulePrefix } from '../../addresses.ts'
import type { ModuleNode } from '../../config/module.ts'

export type NodeKind = 'variable' | 'local' | 'output' | 'resource' | 'provider' | 'call' | 'close' | 'check'

export interface GraphNode {
  readonly kind: NodeKind
  /** The module with the block; for a call and its close, the module with the `module` block. */
  readonly module: ModuleNode
  /** The key in the module's table of this kind. */
  readonly name: string
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** From each node to the nodes it refers to. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
}

/** Determines the instances of a module; every node inside depends on it. */
export const callId = (parent: ModuleNode, name: string) => `${modulePrefix(parent.names)}module.${name}`
/** Depends on every node inside a module. */
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

/** Dependencies first. Omits nodes of cycles and their dependents. */
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

/** From each managed resource to its nearest managed dependencies, looking through locals, variables and data. */
export function nearestResources({ nodes, dependencies }: Graph): Map<string, ReadonlySet<string>> {
  const isManaged = (id: string) => nodes.get(id)?.kind === 'resource' && !nodes.get(id)?.name.startsWith('data.')
  const nearest = new Map<string, ReadonlySet<string>>()
  for (const node of dependencies.keys()) {
    if (!isManaged(node)) continue
    const found = new Set<string>()
    const visited = new Set<string>()
    const queue = [...(dependencies.get(node) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (visited.has(next)) continue
      visited.add(next)
      if (isManaged(next)) found.add(next)
      else queue.push(...(dependencies.get(next) ?? []))
    }
    nearest.set(node, found)
  }
  return nearest
}

/** Resources with `create_before_destroy`, and their dependencies: a dependency replaced in the other order would be
 *  destroyed while it is still in use. */
export function findCreateBeforeDestroy(graph: Graph): ReadonlySet<string> {
  const queue = [...graph.nodes].filter(([, node]) => hasCreateBeforeDestroy(node)).map(([id]) => id)
  const found = new Set<string>()
  if (queue.length === 0) return found
  const dependencies = nearestResources(graph)
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue
    found.add(id)
    queue.push(...(dependencies.get(id) ?? []))
  }
  return found
}

const hasCreateBeforeDestroy = ({ kind, module, name }: GraphNode) =>
  kind === 'resource' && module.module.resources.get(name)?.lifecycle.createBeforeDestroy === true
