// Finds the references in an expression or a body, without evaluating it.

import { iteratorOf } from '../../config/decode-body.ts'
import type { Range } from '../../diagnostics/source.ts'
import type { Body, Expression, TemplatePart } from '../../hcl/ast.ts'
import { traversalOf } from '../../hcl/traversal.ts'
import { referenceOf } from '../../lang/evaluator/reference.ts'
import type { Reference } from '../../lang/scope.ts'

/** `indexed`: the range including an index directly after the names. `unresolved`: set for a module output whose module
 *  instance is computed. */
export type ReferenceVisitor = (reference: Reference, indexed?: IndexedRange, unresolved?: UnresolvedIndex) => void

/** Selects module instances by a computed key or by a splat. */
export type UnresolvedIndex = 'key' | 'splat' | undefined

export interface IndexedRange extends Range {
  readonly hasConstantKey: boolean
}

/** Names of the enclosing `for` and `dynamic` variables, which shadow all others. */
type Bound = ReadonlySet<string>

const none: Bound = new Set()

export function visitReferences(expression: Expression, visit: ReferenceVisitor, bound: Bound = none): void {
  const inner = (child: Expression) => visitReferences(child, visit, bound)
  switch (expression.type) {
    case 'literal':
    case 'splat-item':
    case 'invalid':
      return
    case 'template':
      visitParts(expression.parts, visit, bound)
      return
    case 'variable':
    case 'attribute': {
      const plain = referenceOf(expression)
      const reference = plain ?? moduleOutputOf(expression, inner)
      if (!reference) inner((expression as Expression & { type: 'attribute' }).object)
      else if (reference[0] && !bound.has(reference[0].name))
        visit(reference, undefined, plain || traversalOf(expression) ? undefined : 'key')
      return
    }
    case 'index': {
      const reference = referenceOf(expression.collection)
      if (!reference) inner(expression.collection)
      else if (reference[0] && !bound.has(reference[0].name))
        visit(reference, { ...expression.range, hasConstantKey: traversalOf(expression) !== undefined })
      inner(expression.key)
      return
    }
    case 'splat': {
      const reference = splatOutputOf(expression)
      if (reference) visit(reference, undefined, 'splat')
      else inner(expression.source)
      inner(expression.each)
      return
    }
    case 'call':
      expression.args.forEach(inner)
      return
    case 'unary':
      inner(expression.operand)
      return
    case 'binary':
      inner(expression.left)
      inner(expression.right)
      return
    case 'conditional':
      inner(expression.condition)
      inner(expression.then)
      inner(expression.otherwise)
      return
    case 'tuple':
      expression.elements.forEach(inner)
      return
    case 'object':
      for (const item of expression.items) {
        inner(item.key)
        inner(item.value)
      }
      return
    case 'for': {
      inner(expression.collection)
      const named = withNames(bound, expression)
      for (const child of [expression.key, expression.value, expression.condition]) {
        if (child) visitReferences(child, visit, named)
      }
      return
    }
    case 'parentheses':
      inner(expression.inner)
  }
}

/** `module.a[key].output` as the reference `module.a.output`. Visits the key. */
function moduleOutputOf(expression: Expression, visitKey: (key: Expression) => void): Reference | undefined {
  if (expression.type !== 'attribute' || expression.object.type !== 'index') return undefined
  const reference = moduleCallOf(expression.object.collection)
  if (!reference) return undefined
  visitKey(expression.object.key)
  return [...reference, { name: expression.name, range: expression.nameRange, stepRange: expression.stepRange }]
}

/** `module.a[*].output` as the reference `module.a.output`. */
function splatOutputOf({ source, each, item }: Expression & { type: 'splat' }): Reference | undefined {
  const reference = moduleCallOf(source)
  let first = each
  while (first.type === 'attribute' && first.object !== item) first = first.object
  if (!reference || first.type !== 'attribute') return undefined
  return [...reference, { name: first.name, range: first.nameRange, stepRange: first.stepRange }]
}

function moduleCallOf(expression: Expression): Reference | undefined {
  const reference = expression.type === 'attribute' ? referenceOf(expression) : undefined
  return reference?.length === 2 && reference[0]?.name === 'module' ? reference : undefined
}

const withNames = (bound: Bound, { keyName, valueName }: { keyName: string | undefined; valueName: string }): Bound =>
  new Set([...bound, valueName, ...(keyName === undefined ? [] : [keyName])])

function visitParts(parts: readonly TemplatePart[], visit: ReferenceVisitor, bound: Bound): void {
  for (const part of parts) {
    switch (part.type) {
      case 'interpolation':
        visitReferences(part.expression, visit, bound)
        break
      case 'if':
        visitReferences(part.condition, visit, bound)
        visitParts(part.then, visit, bound)
        visitParts(part.otherwise, visit, bound)
        break
      case 'for':
        visitReferences(part.collection, visit, bound)
        visitParts(part.body, visit, withNames(bound, part))
    }
  }
}

/** Visits a body, except for the skipped arguments and blocks. */
export function visitBodyReferences(
  body: Body,
  visit: ReferenceVisitor,
  skips: { readonly attributes: ReadonlySet<string>; readonly blocks: ReadonlySet<string> },
  bound: Bound = none,
): void {
  for (const attribute of body.attributes.values()) {
    if (!skips.attributes.has(attribute.name)) visitReferences(attribute.expression, visit, bound)
  }
  for (const block of body.blocks) {
    if (skips.blocks.has(block.type)) continue
    if (block.type === 'dynamic') {
      const named = new Set([...bound, iteratorOf(block)])
      const forEach = block.body.attributes.get('for_each')
      if (forEach) visitReferences(forEach.expression, visit, bound)
      for (const content of block.body.blocks) visitBodyReferences(content.body, visit, nothingSkipped, named)
    } else {
      visitBodyReferences(block.body, visit, nothingSkipped, bound)
    }
  }
}

const nothingSkipped = { attributes: none, blocks: none }
