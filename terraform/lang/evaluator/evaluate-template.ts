// Evaluates string templates: quoted templates and heredocs, with directives.

import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import { convert, failed } from '../../values/convert.ts'
import { refine, safePrefix } from '../../values/refinement.ts'
import { describeType, stringType } from '../../values/type.ts'
import { string, typeOf, unknown, unknownNotNull, type Value, withMarks } from '../../values/value.ts'
import { maxTextLength } from '../limits.ts'
import { iterationPairs } from './evaluate-loops.ts'
import type { EvaluationContext } from './evaluation-context.ts'

export function template(context: EvaluationContext, expression: ast.Template): Value {
  const [only] = expression.parts
  if (expression.isWrapper && only?.type === 'interpolation') return context.evaluate(only.expression)
  return context.checkSize(concatenate(context, expression.parts, expression.range), expression.range)
}

function concatenate(context: EvaluationContext, parts: readonly ast.TemplatePart[], range: Range): Value {
  let text = ''
  let marks = 0
  let isKnown = true
  for (const part of parts) {
    const value = valueOfPart(context, part, range)
    marks |= value.marks
    if (value.kind !== 'string') isKnown = false
    // The known parts before the first unknown part are the prefix of the result.
    else if (isKnown) text += value.value
    if (text.length > maxTextLength) return string(text)
  }
  const prefix = isKnown ? '' : safePrefix(text)
  const result = isKnown ? string(text) : refine(unknownNotNull(stringType), prefix === '' ? {} : { prefix })
  return withMarks(result, marks)
}

/** A string, or an unknown. */
function valueOfPart(context: EvaluationContext, part: ast.TemplatePart, range: Range): Value {
  switch (part.type) {
    case 'text':
      return string(part.text)
    case 'interpolation':
      return interpolation(context, part.expression)
    case 'if': {
      const condition = context.condition(part.condition)
      if (condition.kind !== 'bool') return withMarks(unknown(stringType), condition.marks)
      const text = concatenate(context, condition.value ? part.then : part.otherwise, range)
      const other = marksOf(context, condition.value ? part.otherwise : part.then, range)
      return withMarks(text, condition.marks | other)
    }
    case 'for':
      return templateFor(context, part, range)
  }
}

/** The unselected branch may fail; the result gets the marks of the condition. */
function marksOf(context: EvaluationContext, parts: readonly ast.TemplatePart[], range: Range): number {
  if (parts.every(({ type }) => type === 'text')) return 0
  const before = context.diagnostics.length
  const { marks } = concatenate(context, parts, range)
  context.diagnostics.splice(before)
  return marks
}

/** Reports values that do not convert to string, and omits them. */
function interpolation(context: EvaluationContext, expression: ast.Expression): Value {
  const value = context.evaluate(expression)
  if (value.kind === 'unknown') return withMarks(unknown(stringType), value.marks)
  const converted = value.kind === 'null' ? undefined : convert(value, stringType)
  if (converted && !failed(converted)) return converted
  const detail = converted
    ? `The value is ${describeType(typeOf(value))}, which cannot be part of a string. Use jsonencode or join to convert it to a string.`
    : 'The value is null, which cannot be part of a string. Use coalesce or a condition.'
  context.error(expression.range, 'Invalid template interpolation value', detail, expression)
  return withMarks(string(''), value.kind === 'null' ? 0 : value.marks)
}

function templateFor(context: EvaluationContext, part: ast.TemplatePart & { type: 'for' }, range: Range): Value {
  const collection = context.evaluate(part.collection)
  const before = context.diagnostics.length
  const pairs = iterationPairs(context, collection, part.collection)
  if (hasErrors(context.diagnostics.slice(before))) return unknown(stringType)
  if (!pairs) return withMarks(unknown(stringType), collection.marks)
  let text = ''
  let marks = collection.marks
  let isKnown = true
  for (const [key, value] of pairs) {
    if (!context.spend(range) || text.length > maxTextLength) return context.checkSize(string(text), range)
    const piece = context.withVariables(part, key, value, () => concatenate(context, part.body, range))
    marks |= piece.marks
    if (piece.kind === 'string') text += piece.value
    else isKnown = false
  }
  return withMarks(isKnown ? string(text) : unknown(stringType), marks)
}
