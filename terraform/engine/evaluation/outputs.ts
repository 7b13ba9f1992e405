// Evaluates outputs and converts them for the state.

import type { OutputValue } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
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
  const context = {
    summary: 'Module output value precondition failed',
    ...evaluation.checkTarget('output', `output.${output.name}`),
  }
  const conditions = output.preconditions.flatMap((rule) => checkCondition(rule, scope, context))
  const { value, diagnostics } = evaluate(output.expression, scope)
  evaluation.setOutput(output.name, outputValue(value, output))
  const found = [...conditions, ...diagnostics]
  if (!output.ephemeral && !hasErrors(found) && (deepMarks(value) & ephemeralMark) !== 0) {
    const detail = `The value of the output "${output.name}" is ephemeral. In a module, set ephemeral = true; otherwise use ephemeralasnull(…).`
    found.push(errorAt(output.expression.range, 'Output does not allow ephemeral value', detail))
  }
  // Sensitive values are only restricted in root module outputs, which are shown.
  const isRoot = evaluation.parent === undefined
  if (isRoot && !output.sensitive && !hasErrors(found) && (deepMarks(value) & sensitiveMark) !== 0) {
    const detail = `The output "${output.name}" contains a sensitive value. Set sensitive = true, or use nonsensitive(…) if the value may be shown.`
    found.push(errorAt(output.range, 'Output refers to sensitive values', detail))
  }
  if (isRoot && hasInfinity(value)) {
    const detail = `The output "${output.name}" contains an infinite number, which the state cannot store. Check for a division by zero.`
    found.push(errorAt(output.expression.range, 'Infinite number in output', detail))
  }
  return { value, diagnostics: found }
}

/** Undefined for null, which the state does not store. */
export function outputToState({ sensitive, deprecated }: OutputValue, value: Value): StateOutput | undefined {
  if (value.kind === 'null') return undefined
  return {
    value: valueToJson(value),
    type: typeToJson(typeOf(value)),
    ...(sensitive && { sensitive: true }),
    ...(deprecated !== undefined && { deprecated }),
  }
}
