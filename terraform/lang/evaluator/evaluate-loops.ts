// Objects, and `for` expressions that make objects and tuples.

import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import { traversalOf } from '../../hcl/traversal.ts'
import { convert, failed } from '../../values/convert.ts'
import { describeType, stringType, type Type } from '../../values/type.ts'
import {
  asOpen,
  int,
  object,
  primitiveText,
  string,
  tuple,
  typeOf,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import type { Evaluating } from './evaluation-context.ts'

const forKeyProblem = 'Invalid object key'
const includedAlways: Value = { kind: 'bool', value: true, marks: 0 }

/** Keys and values to go through, or undefined when the collection is unknown or none. */
export function pairsOf(
  on: Evaluating,
  given: Value,
  from: ast.Expression,
): Iterable<readonly [Value, Value]> | undefined {
  const collection = asOpen(given)
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
      if (['string', 'number', 'bool'].includes(collection.type.kind)) notIterable(on, collection.type.kind, from)
      return undefined
    case 'null':
      on.error(
        from.range,
        'Iteration over null value',
        'A null value can not be gone through. Use coalesce or a condition.',
        from,
      )
      return undefined
    default:
      notIterable(on, collection.kind, from)
      return undefined
  }
}

function notIterable(on: Evaluating, kind: Type['kind'], from: ast.Expression): void {
  on.error(from.range, 'Iteration over non-iterable value', `A ${kind} has no elements to go through.`, from)
}

export function objectExpression(on: Evaluating, expression: ast.ObjectConstructor): Value {
  const entries: [string, Value][] = []
  let marks = 0
  let isKnown = true
  for (const item of expression.items) {
    // Blamed on the value, as in Terraform: the key itself may be a long expression.
    const whenNull = { summary: 'Null value as key', range: item.value.range }
    const key = isAmbiguousKey(item.key)
      ? on.error(item.key.range, 'Ambiguous attribute key', ambiguousKeyDetail)
      : keyOf(on, item.key, 'Incorrect key type', whenNull)
    const value = on.evaluate(item.value)
    if (key.kind === 'string') entries.push([key.value, value])
    else isKnown = false
    marks |= key.marks
  }
  return on.bound(withMarks(isKnown ? object(entries) : unknown(), marks), expression.range)
}

/** A string, or an unknown. */
function keyOf(
  on: Evaluating,
  expression: ast.Expression,
  wrongType: string,
  whenNull: { summary: string; range: Range },
): Value {
  const value = on.evaluate(expression)
  if (value.kind === 'null') return on.error(whenNull.range, whenNull.summary, 'The key of an object can not be null.')
  // Only beside a `for` nothing is held against a key that is not known yet.
  if (value.kind === 'unknown' && wrongType === forKeyProblem) return withMarks(unknown(stringType), value.marks)
  const converted = convert(value, stringType)
  if (!failed(converted)) return converted
  return on.error(expression.range, wrongType, `The key of an object is a string, not ${describeType(typeOf(value))}.`)
}

export function forExpression(on: Evaluating, expression: ast.For): Value {
  const collection = on.evaluate(expression.collection)
  const before = on.diagnostics.length
  const pairs = pairsOf(on, collection, expression.collection)
  if (hasErrors(on.diagnostics.slice(before))) return unknown()
  if (typeOf(collection).kind !== 'dynamic' && !mayFilter(on, expression)) return unknown()
  if (!pairs) return withMarks(unknown(), collection.marks)
  const result = expression.key ? forObject(on, expression, expression.key, pairs) : forTuple(on, expression, pairs)
  return on.bound(withMarks(result, collection.marks), expression.range)
}

/** Whether a condition holds up for anything: asked also where there are no elements. */
function mayFilter(on: Evaluating, expression: ast.For): boolean {
  if (!expression.condition) return true
  const before = on.diagnostics.length
  on.withNames(expression, unknown(), unknown(), () => isIncluded(on, expression))
  return !hasErrors(on.diagnostics.slice(before))
}

function forTuple(on: Evaluating, expression: ast.For, pairs: Iterable<readonly [Value, Value]>): Value {
  const elements: Value[] = []
  let isKnown = true
  let marks = 0
  for (const [key, value] of pairs) {
    if (!on.spend(expression.range)) return unknown()
    on.withNames(expression, key, value, () => {
      const included = isIncluded(on, expression)
      marks |= included.marks
      if (included.kind === 'unknown') isKnown = false
      else if (primitiveText(included) === 'true') elements.push(on.evaluate(expression.value))
    })
  }
  return withMarks(isKnown ? tuple(elements) : unknown(), marks)
}

function isIncluded(on: Evaluating, { condition }: ast.For): Value {
  return condition ? on.condition(condition, true) : includedAlways
}

function forObject(
  on: Evaluating,
  expression: ast.For,
  keyExpression: ast.Expression,
  pairs: Iterable<readonly [Value, Value]>,
): Value {
  const entries = new Map<string, Value[]>()
  let isKnown = true
  let marks = 0
  for (const [key, value] of pairs) {
    if (!on.spend(expression.range)) return unknown()
    on.withNames(expression, key, value, () => {
      const included = isIncluded(on, expression)
      marks |= included.marks
      if (included.kind === 'unknown') isKnown = false
      if (primitiveText(included) !== 'true') return
      const whenNull = { summary: forKeyProblem, range: keyExpression.range }
      // Once the result is not known anyway, no more is held against keys.
      const name = isKnown ? keyOf(on, keyExpression, forKeyProblem, whenNull) : keyIfFit(on, keyExpression)
      marks |= name.marks
      if (name.kind === 'string') addEntry(on, entries, name.value, expression)
      else isKnown = false
    })
  }
  const result = [...entries].map(
    ([key, values]) => [key, expression.groups ? tuple(values) : (values[0] ?? unknown())] as const,
  )
  return withMarks(isKnown ? object(result) : unknown(), marks)
}

function keyIfFit(on: Evaluating, expression: ast.Expression): Value {
  const value = on.evaluate(expression)
  const converted = value.kind === 'null' ? undefined : convert(value, stringType)
  return converted && !failed(converted) ? converted : withMarks(unknown(stringType), value.marks)
}

function addEntry(on: Evaluating, entries: Map<string, Value[]>, key: string, expression: ast.For): void {
  const value = on.evaluate(expression.value)
  const earlier = entries.get(key)
  if (!earlier) entries.set(key, [value])
  else if (expression.groups) earlier.push(value)
  else {
    const detail = `Two elements have the key ${JSON.stringify(key)}. Put ... behind the value to group the values of equal keys.`
    on.error(expression.key?.range ?? expression.range, 'Duplicate object key', detail)
  }
}

/** Several names in a row without parentheses might be meant as one. */
const isAmbiguousKey = (key: ast.Expression): boolean => (traversalOf(key)?.length ?? 0) > 1

const ambiguousKeyDetail =
  'Put the reference in parentheses if its value is to be the key, or in quotes if it is the key itself.'
