// Evaluates object constructors, and `for` expressions that produce objects and tuples.

import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import { traversalOf } from '../../hcl/traversal.ts'
import { convert, failed } from '../../values/convert.ts'
import { describeType, stringType, type Type } from '../../values/type.ts'
import {
  int,
  object,
  primitiveText,
  string,
  tuple,
  typeOf,
  unknown,
  unknownIfStub,
  type Value,
  withMarks,
} from '../../values/value.ts'
import type { EvaluationContext } from './evaluation-context.ts'

const forKeyProblem = 'Invalid object key'
const alwaysIncluded: Value = { kind: 'bool', value: true, marks: 0 }

/** The keys and values to iterate over; undefined when the collection is unknown or invalid. */
export function iterationPairs(
  context: EvaluationContext,
  input: Value,
  from: ast.Expression,
): Iterable<readonly [Value, Value]> | undefined {
  const collection = unknownIfStub(input)
  switch (collection.kind) {
    case 'list':
    case 'tuple':
      return collection.elements.map((element, index) => [int(index), element] as const)
    case 'set':
      return collection.elements.map((element) => [element, element] as const)
    case 'map':
    case 'object':
      return [...collection.entries].map(([key, value]) => [string(key), value] as const)
    case 'unknown':
      if (['string', 'number', 'bool'].includes(collection.type.kind))
        reportNotIterable(context, collection.type.kind, from)
      return undefined
    case 'null':
      context.error(
        from.range,
        'Iteration over null value',
        'A null value cannot be iterated over. Use coalesce or a condition.',
        from,
      )
      return undefined
    default:
      reportNotIterable(context, collection.kind, from)
      return undefined
  }
}

function reportNotIterable(context: EvaluationContext, kind: Type['kind'], from: ast.Expression): void {
  context.error(from.range, 'Iteration over non-iterable value', `A ${kind} has no elements to iterate over.`, from)
}

export function objectExpression(context: EvaluationContext, expression: ast.ObjectConstructor): Value {
  const entries: [string, Value][] = []
  let marks = 0
  let isKnown = true
  for (const item of expression.items) {
    // Reported at the value, as in Terraform: the key may be a long expression.
    const whenNull = { summary: 'Null value as key', range: item.value.range }
    const key = isAmbiguousKey(item.key)
      ? context.error(item.key.range, 'Ambiguous attribute key', ambiguousKeyDetail)
      : keyOf(context, item.key, 'Incorrect key type', whenNull)
    const value = context.evaluate(item.value)
    if (key.kind === 'string') entries.push([key.value, value])
    else isKnown = false
    marks |= key.marks
  }
  return context.checkSize(withMarks(isKnown ? object(entries) : unknown(), marks), expression.range)
}

/** A string, or an unknown. */
function keyOf(
  context: EvaluationContext,
  expression: ast.Expression,
  wrongType: string,
  whenNull: { summary: string; range: Range },
): Value {
  const value = context.evaluate(expression)
  if (value.kind === 'null')
    return context.error(whenNull.range, whenNull.summary, 'The key of an object cannot be null.')
  // Only in a `for` expression is an unknown key never an error.
  if (value.kind === 'unknown' && wrongType === forKeyProblem) return withMarks(unknown(stringType), value.marks)
  const converted = convert(value, stringType)
  if (!failed(converted)) return converted
  return context.error(
    expression.range,
    wrongType,
    `The key of an object is a string, not ${describeType(typeOf(value))}.`,
  )
}

export function forExpression(context: EvaluationContext, expression: ast.For): Value {
  const collection = context.evaluate(expression.collection)
  const before = context.diagnostics.length
  const pairs = iterationPairs(context, collection, expression.collection)
  if (hasErrors(context.diagnostics.slice(before))) return unknown()
  if (typeOf(collection).kind !== 'dynamic' && !isValidCondition(context, expression)) return unknown()
  if (!pairs) return withMarks(unknown(), collection.marks)
  const result = expression.key
    ? forObject(context, expression, expression.key, pairs)
    : forTuple(context, expression, pairs)
  return context.checkSize(withMarks(result, collection.marks), expression.range)
}

/** Whether a condition is valid; also checked when there are no elements. */
function isValidCondition(context: EvaluationContext, expression: ast.For): boolean {
  if (!expression.condition) return true
  const before = context.diagnostics.length
  context.withVariables(expression, unknown(), unknown(), () => isIncluded(context, expression))
  return !hasErrors(context.diagnostics.slice(before))
}

function forTuple(context: EvaluationContext, expression: ast.For, pairs: Iterable<readonly [Value, Value]>): Value {
  const elements: Value[] = []
  let isKnown = true
  let marks = 0
  for (const [key, value] of pairs) {
    if (!context.spend(expression.range)) return unknown()
    context.withVariables(expression, key, value, () => {
      const included = isIncluded(context, expression)
      marks |= included.marks
      if (included.kind === 'unknown') isKnown = false
      else if (primitiveText(included) === 'true') elements.push(context.evaluate(expression.value))
    })
  }
  return withMarks(isKnown ? tuple(elements) : unknown(), marks)
}

function isIncluded(context: EvaluationContext, { condition }: ast.For): Value {
  return condition ? context.condition(condition, true) : alwaysIncluded
}

function forObject(
  context: EvaluationContext,
  expression: ast.For,
  keyExpression: ast.Expression,
  pairs: Iterable<readonly [Value, Value]>,
): Value {
  const entries = new Map<string, Value[]>()
  let isKnown = true
  let marks = 0
  for (const [key, value] of pairs) {
    if (!context.spend(expression.range)) return unknown()
    context.withVariables(expression, key, value, () => {
      const included = isIncluded(context, expression)
      marks |= included.marks
      if (included.kind === 'unknown') isKnown = false
      if (primitiveText(included) !== 'true') return
      const whenNull = { summary: forKeyProblem, range: keyExpression.range }
      // Keys are not checked once the result is unknown.
      const name = isKnown
        ? keyOf(context, keyExpression, forKeyProblem, whenNull)
        : lenientKeyOf(context, keyExpression)
      marks |= name.marks
      if (name.kind === 'string') addEntry(context, entries, name.value, expression)
      else isKnown = false
    })
  }
  const result = [...entries].map(
    ([key, values]) => [key, expression.groups ? tuple(values) : (values[0] ?? unknown())] as const,
  )
  return withMarks(isKnown ? object(result) : unknown(), marks)
}

function lenientKeyOf(context: EvaluationContext, expression: ast.Expression): Value {
  const value = context.evaluate(expression)
  const converted = value.kind === 'null' ? undefined : convert(value, stringType)
  return converted && !failed(converted) ? converted : withMarks(unknown(stringType), value.marks)
}

function addEntry(context: EvaluationContext, entries: Map<string, Value[]>, key: string, expression: ast.For): void {
  const value = context.evaluate(expression.value)
  const earlier = entries.get(key)
  if (!earlier) entries.set(key, [value])
  else if (expression.groups) earlier.push(value)
  else {
    const detail = `Two elements have the key ${JSON.stringify(key)}. To group the values of equal keys, write ... after the value.`
    context.error(expression.key?.range ?? expression.range, 'Duplicate object key', detail)
  }
}

/** Unparenthesized dotted names are ambiguous as a key. */
const isAmbiguousKey = (key: ast.Expression): boolean => (traversalOf(key)?.length ?? 0) > 1

const ambiguousKeyDetail =
  'To use the value of the reference as the key, put the reference in parentheses. To use the text itself, put it in quotes.'
