// Checks conditions: variable validations, pre- and postconditions, assertions of `check` blocks.

import type { Condition } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import { evaluate, withNamedValues } from '../../lang/evaluator/evaluate.ts'
import type { Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { boolType, stringType } from '../../values/type.ts'
import { ephemeralMark, primitiveText, sensitiveMark } from '../../values/value.ts'
import type { CheckedObject, CheckResults } from './check-results.ts'

export interface ConditionContext {
  /** The diagnostic's summary if the condition is false. */
  readonly summary: string
  /** The diagnostic's range. Default: the condition. */
  readonly range?: Range
  /** The diagnostic's summary if the condition is not a bool. */
  readonly nonBoolSummary?: string
  readonly object: CheckedObject
  readonly results: CheckResults
}

/** Empty if the condition is true or unknown. */
export function checkCondition(rule: Condition, scope: Scope, context: ConditionContext): Diagnostic[] {
  // As in OpenTofu, the message of a variable is evaluated only when needed.
  const message = context.object.kind === 'var' ? undefined : messageOf(rule, scope, context)
  const { value, diagnostics: found } = evaluate(rule.condition, scope)
  const diagnostics = [...(message?.diagnostics ?? []), ...found]
  const result = convert(value, boolType)
  if (hasErrors(diagnostics) || failed(result) || result.kind === 'null') {
    context.results.record(context.object, 'error')
    if (hasErrors(diagnostics)) return [...diagnostics]
    const detail = `The condition must be true or false, but it is ${failed(result) ? 'not a bool' : 'null'}.`
    return [...diagnostics, errorAt(rule.condition.range, context.nonBoolSummary ?? 'Invalid condition result', detail)]
  }
  const outcome = primitiveText(result)
  if (outcome !== 'false') {
    context.results.record(context.object, outcome === 'true' ? 'pass' : 'unknown')
    return outcome === 'true' || context.object.kind !== 'check'
      ? [...diagnostics]
      : [...diagnostics, knownAfterApply(rule)]
  }
  const failureMessage = message ?? messageOf(rule, scope, context)
  const { text } = failureMessage
  context.results.record(context.object, 'fail', text)
  const failure = errorAt(context.range ?? rule.condition.range, context.summary, text)
  return [
    ...diagnostics,
    ...(message ? [] : failureMessage.diagnostics),
    withNamedValues(failure, rule.condition, scope),
  ]
}

/** The summary of the warning about an assertion whose values are still unknown. */
export const unknownAssertion = 'Check block assertion known after apply'

function knownAfterApply({ condition }: Condition): Diagnostic {
  const detail = 'The assertion depends on values that are known only after apply.'
  return { ...errorAt(condition.range, unknownAssertion, detail), severity: 'warning' }
}

const defaultMessage = 'A condition of the template is false.'

function messageOf(
  { errorMessage }: Condition,
  scope: Scope,
  { object }: ConditionContext,
): { text: string; diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = evaluate(errorMessage, scope)
  const text = convert(value, stringType)
  if (failed(text) || text.kind === 'null') {
    const problem = errorAt(errorMessage.range, 'Invalid error message', 'The message must be a string, and not null.')
    return { text: defaultMessage, diagnostics: hasErrors(diagnostics) ? diagnostics : [...diagnostics, problem] }
  }
  if ((text.marks & sensitiveMark) !== 0) {
    const detail = 'The message contains a sensitive value. If it may be shown, use nonsensitive(…).'
    const severity = object.kind === 'var' ? ('error' as const) : ('warning' as const)
    const problem = { ...errorAt(errorMessage.range, 'Error message refers to sensitive values', detail), severity }
    return { text: defaultMessage, diagnostics: [...diagnostics, problem] }
  }
  if ((text.marks & ephemeralMark) !== 0) {
    const detail = 'The message contains an ephemeral value. Remove the value from the message.'
    const summary = 'Error message refers to ephemeral values'
    const problem = { ...errorAt(errorMessage.range, summary, detail), severity: 'warning' as const }
    return { text: defaultMessage, diagnostics: [...diagnostics, problem] }
  }
  return { text: primitiveText(text) ?? defaultMessage, diagnostics }
}
