// Evaluates operators. An operand's error is reported once, and not when the other operand decides the result.

import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type * as ast from '../../hcl/ast.ts'
import { boolType } from '../../values/type.ts'
import { unknown, type Value } from '../../values/value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { applyBinary, applyUnary, decide, type OperatorResult, resultTypeOf, unsuitableOperands } from './operators.ts'

export function unary(context: EvaluationContext, expression: ast.Unary): Value {
  return resultOf(context, applyUnary(expression.operator, context.evaluate(expression.operand)), expression)
}

export function binary(context: EvaluationContext, expression: ast.Binary): Value {
  const { operator } = expression
  const before = context.diagnostics.length
  const left = context.evaluate(expression.left)
  const between = context.diagnostics.length
  const right = context.evaluate(expression.right)
  const failures = unsuitableOperands(operator, left, right)
  for (const failure of failures) resultOf(context, failure, expression)
  if (failures.length > 0) return unknown(resultTypeOf(operator))
  const decision = decide(operator, left, right, hasErrors(context.diagnostics.slice(before, between)))
  // The other operand is irrelevant then, including its errors: `x != null && x.y`.
  if (decision?.by === 'left') context.diagnostics.splice(between)
  if (decision?.by === 'right') context.diagnostics.splice(before, between - before)
  if (decision) return decision.result
  // An invalid operand is reported once, not again as an invalid operation.
  if (hasErrors(context.diagnostics.slice(before))) return unknown(resultTypeOf(operator))
  return resultOf(context, applyBinary(operator, left, right), expression)
}

function resultOf(context: EvaluationContext, result: OperatorResult, expression: ast.Unary | ast.Binary): Value {
  if (!('problem' in result)) return result
  const failedExpression = failedOperand(expression, result.operand)
  const summary = failedExpression === expression ? 'Operation failed' : 'Invalid operand'
  context.error(failedExpression.range, summary, result.problem, failedExpression)
  return unknown(expression.operator === '!' ? boolType : resultTypeOf(expression.operator))
}

function failedOperand(expression: ast.Unary | ast.Binary, operand: 'left' | 'right' | 'both'): ast.Expression {
  if (operand === 'both') return expression
  return expression.type === 'unary' ? expression.operand : operand === 'left' ? expression.left : expression.right
}
