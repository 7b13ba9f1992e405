// The range that diagnostics show for an expression: its first one or two tokens, because the rest may be long.

import type { Range } from '../diagnostics/source.ts'
import type { Expression, Template } from './ast.ts'

export function startRange(expression: Expression): Range {
  const { range } = expression
  switch (expression.type) {
    case 'template':
      return startOfTemplate(expression)
    case 'call':
      return { ...range, end: expression.nameRange.end + 1 }
    case 'unary':
    case 'tuple':
    case 'object':
    case 'for':
      return { ...range, end: range.start + 1 }
    case 'binary':
      return startRange(expression.left)
    case 'conditional':
      return startRange(expression.condition)
    case 'parentheses':
      return startRange(expression.inner)
    case 'splat':
      return expression.item.range
    case 'index':
      return isTraversal(expression.key)
        ? range
        : { ...range, start: expression.bracketRange.start, end: expression.bracketRange.start + 1 }
    default:
      return range
  }
}

/** A constant index is part of the traversal, like an attribute. */
const isTraversal = (key: Expression): boolean =>
  key.type === 'literal' || (key.type === 'template' && key.parts.length <= 1 && key.parts[0]?.type !== 'interpolation')

function startOfTemplate(template: Template): Range {
  const [first] = template.parts
  if (first?.type === 'interpolation') return template.isWrapper ? template.range : startRange(first.expression)
  return first?.type === 'if' ? startRange(first.condition) : (template.firstText ?? template.range)
}
