// Conditions with their messages: validations of variables, pre- and postconditions, assertions of checks.

import type { Condition } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors, type Range } from '../../diagnostics.ts'
import { evaluate, explainIn } from '../../lang/evaluate.ts'
import type { Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { boolType, stringType } from '../../values/type.ts'
import { ephemeralMark, primitiveText, sensitiveMark } from '../../values/value.ts'
import type { CheckedObject, CheckResults } from './check-results.ts'

export interface ConditionContext {
  /** The headline when the condition does not hold. */
  readonly summary: string
  /** Where it is told; at the condition, unless said. */
  readonly range?: Range
  /** The headline when what it gives is no bool. */
  readonly wrongResult?: string
  readonly object: CheckedObject
  readonly results: CheckResults
}

/** Nothing when the condition holds or is not known yet. */
export function checkCondition(rule: Condition, scope: Scope, of: ConditionContext): Diagnostic[] {
  // Of a variable, the message is asked only where it is needed.
  const message = of.object.kind === 'var' ? undefined : messageOf(rule, scope, of)
  const { value, diagnostics: found } = evaluate(rule.condition, scope)
  const diagnostics = [...(message?.diagnostics ?? []), ...found]
  const result = convert(value, boolType)
  if (hasErrors(diagnostics) || failed(result) || result.kind === 'null') {
    of.results.record(of.object, 'error')
    if (hasErrors(diagnostics)) return [...diagnostics]
    const detail = `The condition must be true or false, but it is ${failed(result) ? 'no bool' : 'null'}.`
    return [...diagnostics, errorAt(rule.condition.range, of.wrongResult ?? 'Invalid condition result', detail)]
  }
  const outcome = primitiveText(result)
  if (outcome !== 'false') {
    of.results.record(of.object, outcome === 'true' ? 'pass' : 'unknown')
    return outcome === 'true' || of.object.kind !== 'check' ? [...diagnostics] : [...diagnostics, knownLater(rule)]
  }
  const late = message ?? messageOf(rule, scope, of)
  const { text } = late
  of.results.record(of.object, 'fail', text)
  const failure = errorAt(of.range ?? rule.condition.range, of.summary, text)
  return [...diagnostics, ...(message ? [] : late.diagnostics), explainIn(failure, rule.condition, scope)]
}

function knownLater({ condition }: Condition): Diagnostic {
  const detail = 'Whether it holds is known only when the plan is applied.'
  const summary = 'Check block assertion known after apply'
  return { ...errorAt(condition.range, summary, detail), severity: 'warning' }
}

const withoutMessage = 'A condition of the template does not hold.'

function messageOf(
  { errorMessage }: Condition,
  scope: Scope,
  { object }: ConditionContext,
): { text: string; diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = evaluate(errorMessage, scope)
  const text = convert(value, stringType)
  if (failed(text) || text.kind === 'null') {
    const problem = errorAt(errorMessage.range, 'Invalid error message', 'The message must be a text, and not null.')
    return { text: withoutMessage, diagnostics: hasErrors(diagnostics) ? diagnostics : [...diagnostics, problem] }
  }
  if ((text.marks & sensitiveMark) !== 0) {
    const detail = 'The message would show a sensitive value. Use nonsensitive(…) in it if it may be shown.'
    const severity = object.kind === 'var' ? ('error' as const) : ('warning' as const)
    const problem = { ...errorAt(errorMessage.range, 'Error message refers to sensitive values', detail), severity }
    return { text: withoutMessage, diagnostics: [...diagnostics, problem] }
  }
  if ((text.marks & ephemeralMark) !== 0) {
    const detail = 'The message would show a value that must not outlive the run. Leave it out of the message.'
    const summary = 'Error message refers to ephemeral values'
    const problem = { ...errorAt(errorMessage.range, summary, detail), severity: 'warning' as const }
    return { text: withoutMessage, diagnostics: [...diagnostics, problem] }
  }
  return { text: primitiveText(text) ?? withoutMessage, diagnostics }
}
