// Rewrites a condition so that `2 == "2"` and `["a"] == tolist(["a"])` are true: values of inferred types are not converted to
// the real type.

import type { Call, Expression } from '../hcl/ast.ts'
import { toPlainObject } from '../hcl/nodes.ts'

export function withLooseEquality(expression: Expression): Expression {
  const inner = withLooseEquality
  switch (expression.type) {
    case 'binary': {
      const changed = { ...expression, left: inner(expression.left), right: inner(expression.right) }
      return changed.operator === '==' || changed.operator === '!=' ? compareLoosely(changed) : changed
    }
    case 'unary':
      return { ...expression, operand: inner(expression.operand) }
    case 'parentheses':
      return { ...expression, inner: inner(expression.inner) }
    case 'conditional':
      return {
        ...expression,
        condition: inner(expression.condition),
        // biome-ignore lint/suspicious/noThenProperty: the name of the syntax tree's field
        then: inner(expression.then),
        otherwise: inner(expression.otherwise),
      }
    case 'call':
      return { ...toPlainObject(expression), args: expression.args.map(inner) }
    case 'tuple':
      return { ...toPlainObject(expression), elements: expression.elements.map(inner) }
    case 'for':
      return {
        ...expression,
        value: inner(expression.value),
        condition: expression.condition && inner(expression.condition),
      }
    default:
      return expression
  }
}

/** Compares both sides as strings if possible, otherwise as JSON. */
function compareLoosely(expression: Expression & { type: 'binary' }): Expression {
  const { left, right, range } = expression
  const call = (name: string, arg: Expression): Call => ({
    type: 'call',
    name,
    nameRange: range,
    args: [arg],
    expandsLast: false,
    range,
  })
  const compare = (name: string): Expression => ({ ...expression, left: call(name, left), right: call(name, right) })
  const canBeText = (side: Expression) => call('can', call('tostring', side))
  return {
    type: 'conditional',
    condition: { type: 'binary', operator: '&&', left: canBeText(left), right: canBeText(right), range },
    // biome-ignore lint/suspicious/noThenProperty: the name of the syntax tree's field
    then: compare('tostring'),
    otherwise: compare('jsonencode'),
    range,
  }
}
