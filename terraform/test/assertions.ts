// Evaluates the `assert` blocks of a run with the values of its plan or apply.

import type { Condition, ModuleNode } from '../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Evaluation } from '../engine/evaluation/evaluation.ts'
import { visitReferences } from '../engine/graph/references.ts'
import type { Expression } from '../hcl/ast.ts'
import { evaluate, evaluateTo } from '../lang/evaluator/evaluate.ts'
import type { Scope } from '../lang/scope.ts'
import { valueToText } from '../show/value-text.ts'
import { convert, failed } from '../values/convert.ts'
import { boolType, stringType } from '../values/type.ts'
import { isSensitive, primitiveText } from '../values/value.ts'
import { withLooseEquality } from './loose-equality.ts'
import { scopeOfAssertions, type TestNames, undeclaredInAssertion } from './test-scope.ts'

export interface AssertionResult {
  readonly status: 'pass' | 'fail' | 'error'
  readonly diagnostics: readonly Diagnostic[]
}

export interface AssertionTarget {
  readonly node: ModuleNode
  readonly evaluation: Evaluation
  readonly names: TestNames
  /** Whether values are unknown because a module or provider is missing. Assertions about them are skipped with a warning. */
  readonly hasMissingParts: boolean
  /** Whether some types are inferred. */
  readonly isInferred: boolean
}

export function evaluateAssertion(rule: Condition, target: AssertionTarget): AssertionResult {
  const { node, evaluation, names } = target
  const undeclared = [rule.condition, rule.errorMessage].flatMap((expression) =>
    undeclaredInAssertion(node, expression, names),
  )
  if (hasErrors(undeclared)) return { status: 'error', diagnostics: undeclared }
  const scope = scopeOfAssertions(names, evaluation, node)
  const { value, diagnostics } = evaluate(rule.condition, scope)
  if (hasErrors(diagnostics)) return { status: 'error', diagnostics }
  const converted = convert(value, boolType)
  if (failed(converted)) return invalid(rule, `Invalid condition run value: ${converted.problem}.`)
  if (converted.kind === 'null')
    return invalid(rule, 'Condition expression must return either true or false, not null.')
  if (converted.kind === 'unknown') return unknownResult(rule, target)
  if (converted.kind === 'bool' && converted.value) return { status: 'pass', diagnostics }
  if (target.isInferred && isTrue(withLooseEquality(rule.condition), scope)) return { status: 'pass', diagnostics }
  return fail(rule, scope)
}

function isTrue(condition: Expression, scope: Scope): boolean {
  const { value, diagnostics } = evaluateTo(condition, boolType, scope, 'condition')
  return !hasErrors(diagnostics) && value.kind === 'bool' && value.value
}

const invalid = ({ condition }: Condition, detail: string): AssertionResult => ({
  status: 'error',
  diagnostics: [errorAt(condition.range, 'Invalid condition run', detail)],
})

function unknownResult({ condition }: Condition, { hasMissingParts }: AssertionTarget): AssertionResult {
  if (!hasMissingParts) {
    const detail = 'Condition expression could not be evaluated at this time: a value in it is only known after apply.'
    return { status: 'error', diagnostics: [errorAt(condition.range, 'Unknown condition run', detail)] }
  }
  const detail =
    'A value in this condition comes from a missing module or provider, so the assertion was not evaluated.'
  const warning: Diagnostic = {
    severity: 'warning',
    summary: 'Assertion not evaluated',
    detail,
    range: condition.range,
  }
  return { status: 'pass', diagnostics: [warning] }
}

function fail({ condition, errorMessage }: Condition, scope: Scope): AssertionResult {
  const { value, diagnostics } = evaluateTo(errorMessage, stringType, scope, 'error_message')
  if (hasErrors(diagnostics)) return { status: 'error', diagnostics }
  const message = isSensitive(value)
    ? 'The error message included a sensitive value, so it is not shown.'
    : (primitiveText(value) ?? 'The condition is false.')
  const detail = [message, ...valuesIn(condition, scope)].join('\n')
  return { status: 'fail', diagnostics: [errorAt(condition.range, 'Test assertion failed', detail)] }
}

// Longer values would hide the message.
const maxShownLines = 12

/** The values of the condition's references, one line or block each. */
function valuesIn(condition: Expression, scope: Scope): string[] {
  const shown = new Map<string, string>()
  visitReferences(condition, (reference) => {
    const name = reference.map((step) => step.name).join('.')
    if (shown.has(name)) return
    const { value, consumed } = scope.resolve(reference, () => undefined)
    const rest = reference.slice(consumed)
    const found = rest.reduce<typeof value | undefined>(
      (at, step) => (at && 'entries' in at ? at.entries.get(step.name) : undefined),
      value,
    )
    const text = found && valueToText(found, 2)
    if (text !== undefined && text.split('\n').length <= maxShownLines) shown.set(name, text)
  })
  return shown.size === 0 ? [] : ['', ...[...shown].sort().map(([name, text]) => `  ${name} is ${text}`)]
}
