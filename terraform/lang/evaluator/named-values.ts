// Summarizes the values of a failed expression's references, without sensitive values.

import { counted } from '../../../lib/counted.ts'
import type { NamedValue } from '../../diagnostics/diagnostic.ts'
import type { Expression } from '../../hcl/ast.ts'
import { findTraversals } from '../../hcl/find-traversals.ts'
import type { Traversal } from '../../hcl/traversal.ts'
import { formatNum, isInfinite, isNegativeZero, type Num, numToJs } from '../../values/number.ts'
import { nameOfType } from '../../values/type.ts'
import { typeOf, type Value } from '../../values/value.ts'

/** `evaluateTraversal` returns undefined for references that cannot be evaluated. */
export function namedValuesIn(
  expression: Expression,
  evaluateTraversal: (traversal: Traversal) => Value | undefined,
): readonly NamedValue[] {
  const found = new Map<string, string>()
  for (const whole of findTraversals(expression)) {
    // If the whole traversal is invalid, a prefix of it may be valid.
    for (let length = whole.length; length > 0; length--) {
      const traversal = whole.slice(0, length)
      const value = evaluateTraversal(traversal)
      if (!value) continue
      const statement = describeValue(value)
      if (statement !== undefined) found.set(formatTraversal(traversal), statement)
      break
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([traversal, statement]) => ({ traversal, statement }))
}

/** Undefined for values that are sensitive or have no summary. */
function describeValue(value: Value): string | undefined {
  if (value.marks !== 0) return undefined
  if (value.kind !== 'unknown') return `is ${summarize(value)}`
  return value.type.kind === 'dynamic' ? undefined : `is a ${nameOfType(value.type)}`
}

/** One line. Omits elements of collections, which may be sensitive. */
function summarize(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return nameOfType(value.type)
    case 'null':
      return 'null'
    case 'string':
      return JSON.stringify(value.value)
    case 'number':
      return formatTenDigits(value.value)
    case 'bool':
      return String(value.value)
    case 'object':
      return summarizeObject([...value.entries.keys()])
    default: {
      const name = nameOfType(typeOf(value))
      const count = value.kind === 'map' ? value.entries.size : value.elements.length
      return count === 0 ? `empty ${name}` : `${name} with ${counted(count, 'element')}`
    }
  }
}

function summarizeObject(names: readonly string[]): string {
  const [only] = names
  if (only === undefined) return 'object with no attributes'
  return names.length === 1
    ? `object with 1 attribute ${JSON.stringify(only)}`
    : `object with ${names.length} attributes`
}

function formatTenDigits(value: Num): string {
  if (isInfinite(value) || isNegativeZero(value)) return formatNum(value)
  const rounded = Number(numToJs(value).toPrecision(10))
  const magnitude = Math.abs(rounded)
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e10)) return String(rounded)
  return rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

const formatTraversal = (traversal: Traversal): string =>
  traversal
    .map((step) => {
      if (step.kind === 'index') return `[${'size' in step.key ? '...' : summarize(step.key)}]`
      return step.kind === 'root' ? step.name : `.${step.name}`
    })
    .join('')
