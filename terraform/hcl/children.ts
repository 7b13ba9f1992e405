// Direct subexpressions of an expression, for generic traversal.

import type { Expression, TemplatePart } from './ast.ts'

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'literal':
    case 'variable':
    case 'splat-item':
    case 'invalid':
      return []
    case 'template':
      return expression.parts.flatMap(childrenOfPart)
    case 'attribute':
      return [expression.object]
    case 'index':
      return [expression.collection, expression.key]
    case 'splat':
      return [expression.source, expression.each]
    case 'call':
      return expression.args
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise]
    case 'tuple':
      return expression.elements
    case 'object':
      return expression.items.flatMap(({ key, value }) => [key, value])
    case 'for': {
      const { collection, key, value, condition } = expression
      return [collection, key, value, condition].filter((child) => child !== undefined)
    }
    case 'parentheses':
      return [expression.inner]
  }
}

function childrenOfPart(part: TemplatePart): readonly Expression[] {
  switch (part.type) {
    case 'text':
      return []
    case 'interpolation':
      return [part.expression]
    case 'if':
      return [part.condition, ...part.then.flatMap(childrenOfPart), ...part.otherwise.flatMap(childrenOfPart)]
    case 'for':
      return [part.collection, ...part.body.flatMap(childrenOfPart)]
  }
}
