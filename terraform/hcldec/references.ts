// Finds the references to variables in the parts of a body that the specification reads.

import type { Traversal } from '../hcl/traversal.ts'
import type { Content, SchemaBody } from './body.ts'
import { childrenOf, type Spec, schemaOf } from './spec.ts'

export function referencesIn(body: SchemaBody, spec: Spec): Traversal[] {
  const { content } = body.partialContent(schemaOf(spec), () => undefined)
  const found: Traversal[] = []
  const visit = (visited: Spec): void => {
    found.push(...ownReferences(visited, content))
    for (const child of childrenOf(visited)) visit(child)
  }
  visit(spec)
  return found
}

function ownReferences(spec: Spec, content: Content): readonly Traversal[] {
  switch (spec.kind) {
    case 'attribute':
      return content.attributes.get(spec.name)?.value.traversals() ?? []
    case 'block': {
      const block = content.blocks.find(({ type }) => type === spec.type)
      return block ? referencesIn(block.body, spec.nested) : []
    }
    case 'block list':
    case 'block set':
    case 'block tuple':
    case 'block map':
      return content.blocks
        .filter(({ type }) => type === spec.type)
        .flatMap(({ body }) => referencesIn(body, spec.nested))
    case 'block attributes': {
      const block = content.blocks.find(({ type }) => type === spec.type)
      const attributes = block?.body.justAttributes(() => undefined) ?? new Map()
      return [...attributes.values()].flatMap(({ value }) => value.traversals())
    }
    default:
      return []
  }
}
