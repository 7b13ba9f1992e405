// Finds cycles and self-references in a graph.

import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import { type Reference, referenceRange } from '../../lang/scope.ts'
import { type Graph, topologicalOrder } from './graph.ts'

export function selfReference(id: string, reference: Reference): Diagnostic {
  const isLocal = reference[0]?.name === 'local'
  const detail = `${id} refers to itself. Use self or a local value, or remove the reference.`
  const summary = isLocal ? 'Self-referencing local value' : 'Self-referential block'
  return errorAt(referenceRange(reference, reference[0]?.name === 'data' ? 3 : 2), summary, detail)
}

/** One diagnostic per cycle, with its path. */
export function findCycles(graph: Graph, ranges: ReadonlyMap<string, Range>): Diagnostic[] {
  const ordered = new Set(topologicalOrder(graph))
  const reported = new Set<string>()
  const diagnostics: Diagnostic[] = []
  for (const node of graph.dependencies.keys()) {
    if (ordered.has(node) || reported.has(node)) continue
    const cycle = followCycle(graph, node, ordered)
    if (cycle.some((member) => reported.has(member))) continue
    for (const member of cycle) reported.add(member)
    const [first = node] = cycle
    const detail =
      cycle.length === 1
        ? `${first} refers to itself. Use self or a local value, or remove the reference.`
        : `These refer to each other in a cycle: ${[...cycle, first].join(' → ')}. Remove one of the references.`
    diagnostics.push(errorAt(ranges.get(first), cycle.length === 1 ? 'Self-referential block' : 'Cycle', detail))
  }
  return diagnostics
}

/** Follows dependencies from a node in or before a cycle until a node repeats. */
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
