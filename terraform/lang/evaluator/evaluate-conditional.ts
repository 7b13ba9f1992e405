// Evaluates `condition ? then : otherwise`: both results share one type, and only the selected one may fail.

import type * as ast from '../../hcl/ast.ts'
import { convert, failed } from '../../values/convert.ts'
import { commonRefinement, refine, refinementOf } from '../../values/refinement.ts'
import { describeType, dynamicType, type Type, typesEqual } from '../../values/type.ts'
import { unify } from '../../values/unify.ts'
import { nullOf, typeOf, unknown, unknownIfStub, type Value, withMarks } from '../../values/value.ts'
import type { EvaluationContext } from './evaluation-context.ts'

const inconsistentResults = 'Inconsistent conditional result types'

export function conditional(context: EvaluationContext, expression: ast.Conditional): Value {
  const then = context.attempt(expression.then)
  const otherwise = context.attempt(expression.otherwise)
  const type =
    sharedResultType(then.value, otherwise.value) ??
    sharedResultType(unknownIfStub(then.value), unknownIfStub(otherwise.value))
  if (!type) return inconsistent(context, expression, then.value, otherwise.value)
  const condition = context.condition(expression.condition)
  if (isUntyped(condition)) return unknown(type)
  // The selection reveals the condition, so the result gets its marks.
  const marks = condition.marks | then.value.marks | otherwise.value.marks
  if (condition.kind !== 'bool') {
    // The unselected result may be invalid.
    return withMarks(undecided(then.value, otherwise.value, type), marks)
  }
  const chosen = condition.value ? then : otherwise
  context.diagnostics.push(...chosen.diagnostics)
  const converted = convert(chosen.value, type)
  if (!failed(converted)) return withMarks(converted, marks)
  const from = condition.value ? expression.then : expression.otherwise
  const detail = `This result must be of the type of both, but: ${converted.problem}.`
  return context.error(from.range, inconsistentResults, detail, from)
}

function inconsistent(context: EvaluationContext, expression: ast.Conditional, then: Value, otherwise: Value): Value {
  const detail = `The true and false results must have one type; here they are ${describeType(typeOf(then))} and ${describeType(typeOf(otherwise))}.`
  const range = { ...expression.then.range, end: expression.otherwise.range.end }
  return context.error(range, inconsistentResults, detail, expression)
}

/** An invalid condition, already reported. */
const isUntyped = (condition: Value) => condition.kind === 'unknown' && condition.type.kind === 'dynamic'

/** The refinement of a result whose condition is unknown. */
function undecided(then: Value, otherwise: Value, type: Type): Value {
  if (then.kind === 'null' && otherwise.kind === 'null') return nullOf(type)
  const refinement = commonRefinement(refinementOf(then), refinementOf(otherwise))
  const isSame = type.kind === 'number' || 'element' in type ? typesEqual(typeOf(then), typeOf(otherwise)) : false
  return refine(unknown(type), isSame ? refinement : refinement.isNotNull ? { isNotNull: true } : {})
}

function sharedResultType(then: Value, otherwise: Value): Type | undefined {
  const types = [then, otherwise].filter((value) => !isUntypedNull(value)).map(typeOf)
  if (types.some((type) => type.kind === 'dynamic')) return dynamicType
  return types.length === 0 ? dynamicType : unify(types)
}

const isUntypedNull = (value: Value) => value.kind === 'null' && value.type.kind === 'dynamic'
