// `source[*].a`: what stands behind the star, for each element of what stands before it.

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

/** What its elements will be is not known, but of what type, and how many there are. */
function splatOfUnknown(context: EvaluationContext, expression: ast.Splat, source: UnknownValue): Value {
  const each = (type: Type): Type => typeOf(context.evaluateEach(expression, unknown(type)))
  const { type, minLength, maxLength } = source
  if (type.kind === 'tuple') return withMarks(unknownNotNull(tupleType(type.elements.map(each))), source.marks)
  if (type.kind !== 'list' && type.kind !== 'set') {
    // Even if it turns out to be null, it must have what is asked of it.
    if (type.kind !== 'dynamic') each(type)
    return withMarks(unknown(), source.marks)
  }
  const lengths = {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
  }
  return withMarks(refine(unknownNotNull(listType(each(type.element))), lengths), source.marks)
}

/** Neither null, which makes an empty list, nor a list itself. */
const isSingleValue = ({ isNotNull, type }: Value & { kind: 'unknown' }): boolean =>
  isNotNull === true && ['string', 'number', 'bool', 'map', 'object'].includes(type.kind)
