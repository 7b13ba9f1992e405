// Evaluates `source[*].a`: applies the expression after the star to each element of the source.

import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type * as ast from '../../hcl/ast.ts'
import { refine } from '../../values/refinement.ts'
import { listType, type Type, tupleType } from '../../values/type.ts'
import { unify } from '../../values/unify.ts'
import {
  list,
  tuple,
  typeOf,
  type UnknownValue,
  unknown,
  unknownNotNull,
  type Value,
  withMarks,
} from '../../values/value.ts'
import type { EvaluationContext } from './evaluation-context.ts'

export function splat(context: EvaluationContext, expression: ast.Splat): Value {
  const source = context.evaluate(expression.source)
  if (source.kind === 'unknown' && !isSingleValue(source)) return splatOfUnknown(context, expression, source)
  if (source.kind === 'null') return withMarks(tuple([]), source.marks)
  const isSequence = source.kind === 'list' || source.kind === 'set' || source.kind === 'tuple'
  const elements = isSequence ? source.elements : [source]
  const results: Value[] = []
  const before = context.diagnostics.length
  for (const element of elements) {
    if (!context.spend(expression.range)) return unknown()
    results.push(context.evaluateEach(expression, element))
  }
  if (hasErrors(context.diagnostics.slice(before))) return unknown(tupleType(results.map(typeOf)))
  const shared = isSequence && source.kind !== 'tuple' ? unify(results.map(typeOf)) : undefined
  return context.checkSize(withMarks(shared ? list(shared, results) : tuple(results), source.marks), expression.range)
}

/** The element values are unknown, but their type and number are known. */
function splatOfUnknown(context: EvaluationContext, expression: ast.Splat, source: UnknownValue): Value {
  const each = (type: Type): Type => typeOf(context.evaluateEach(expression, unknown(type)))
  const { type, minLength, maxLength } = source
  if (type.kind === 'tuple') return withMarks(unknownNotNull(tupleType(type.elements.map(each))), source.marks)
  if (type.kind !== 'list' && type.kind !== 'set') {
    // The attribute must exist in the type, even if the value becomes null.
    if (type.kind !== 'dynamic') each(type)
    return withMarks(unknown(), source.marks)
  }
  const lengths = {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
  }
  return withMarks(refine(unknownNotNull(listType(each(type.element))), lengths), source.marks)
}

/** Neither null, which results in an empty list, nor a list. */
const isSingleValue = ({ isNotNull, type }: Value & { kind: 'unknown' }): boolean =>
  isNotNull === true && ['string', 'number', 'bool', 'map', 'object'].includes(type.kind)
