// Evaluates outputs and writes them into the state.

import type { OutputValue } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import { evaluate } from '../../lang/evaluate.ts'
import { valueToJson } from '../../values/json.ts'
import { typeToJson } from '../../values/type.ts'
import { deepMarks, ephemeralMark, hasInfinity, sensitiveMark, typeOf, type Value } from '../../values/value.ts'
import type { StateOutput } from '../state/state.ts'
import { checkCondition } from './conditions.ts'
import { type Evaluation, outputValue } from './evaluation.ts'

export function evaluateOutput(
  output: OutputValue,
  evaluation: Evaluation,
): { value: Value; diagnostics: readonly Diagnostic[] } {
  const scope = evaluation.scope()
  const of = {
    summary: 'Module output value precondition failed',
    ...evaluation.checkTarget('output', `output.${output.name}`),
  }
  const conditions = output.preconditions.flatMap((rule) => checkCondition(rule, scope, of))
  const { value, diagnostics } = evaluate(output.expression, scope)
  evaluation.setOutput(output.name, outputValue(value, output))
  const found = [...conditions, ...diagnostics]
  if (!output.ephemeral && !hasErrors(found) && (deepMarks(value) & ephemeralMark) !== 0) {
    const detail = `The output "${output.name}" would keep an ephemeral value. Set ephemeral = true on it in a module, or use ephemeralasnull(…).`
    found.push(errorAt(output.expression.range, 'Output does not allow ephemeral value', detail))
  }
  // A module's output may hold what is sensitive; only what leaves the template must say so.
  const leaves = evaluation.parent === undefined
  if (leaves && !output.sensitive && !hasErrors(found) && (deepMarks(value) & sensitiveMark) !== 0) {
    const detail = `The output "${output.name}" holds a sensitive value. Set sensitive = true on it, or use nonsensitive(…) if it may be shown.`
    found.push(errorAt(output.range, 'Output refers to sensitive values', detail))
  }
  if (leaves && hasInfinity(value)) {
    const detail = `The output "${output.name}" holds an infinite number, which a state can not: was something divided by zero?`
    found.push(errorAt(output.expression.range, 'Infinite number in output', detail))
  }
  return { value, diagnostics: found }
}

/** Undefined for null, which the state does not hold. */
export function outputToState({ sensitive, deprecated }: OutputValue, value: Value): StateOutput | undefined {
  if (value.kind === 'null') return undefined
  return {
    value: valueToJson(value),
    type: typeToJson(typeOf(value)),
    ...(sensitive && { sensitive: true }),
    ...(deprecated !== undefined && { deprecated }),
  }
}
