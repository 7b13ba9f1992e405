// Traversals: a root name followed by attributes and constant indexes.

import type { Range } from '../diagnostics/source.ts'
import type { Value } from '../values/value.ts'
import type { Expression, Index } from './ast.ts'

export type TraversalStep =
  | { readonly kind: 'root' | 'attribute'; readonly name: string; readonly range: Range }
  | { readonly kind: 'index'; readonly key: Value; readonly range: Range }

/** Never empty; the first step, and no other, is the root. */
export type Traversal = readonly TraversalStep[]

/** Undefined for other expressions. */
export function traversalOf(expression: Expression): Traversal | undefined {
  const steps: TraversalStep[] = []
  let at = expression
  while (at.type === 'attribute' || at.type === 'index') {
    if (at.type === 'attribute') {
      steps.push({ kind: 'attribute', name: at.name, range: at.stepRange })
      at = at.object
      continue
    }
    const key = constantKey(at)
    if (!key) return undefined
    steps.push({ kind: 'index', key, range: at.bracketRange })
    at = at.collection
  }
  if (at.type !== 'variable') return undefined
  steps.push({ kind: 'root', name: at.name, range: at.range })
  return steps.reverse()
}

/** The literal key of an index; undefined for a computed one. */
function constantKey({ key }: Index): Value | undefined {
  if (key.type === 'literal') return key.value
  if (key.type === 'invalid') return { kind: 'unknown', type: { kind: 'dynamic' }, marks: 0 }
  if (key.type !== 'template' || key.parts.length > 1) return undefined
  const [part] = key.parts
  if (part && part.type !== 'text') return undefined
  return { kind: 'string', value: part?.text.normalize('NFC') ?? '', marks: 0 }
}
