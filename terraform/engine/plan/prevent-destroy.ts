// Checks `lifecycle.prevent_destroy`.

import { formatInstance } from '../../addresses.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import { convert, failed } from '../../values/convert.ts'
import { boolType } from '../../values/type.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { InstancePlan } from './instance-plan.ts'

/** An error if the plan destroys an object that `prevent_destroy` protects. */
export function checkPreventDestroy(plan: InstancePlan, evaluation: Evaluation | undefined): readonly Diagnostic[] {
  const { address, key, action, block } = plan
  const rule = block?.lifecycle.preventDestroy
  if (!rule || !evaluation) return []
  const { value, diagnostics } = evaluate(rule, evaluation.scope())
  if (hasErrors(diagnostics)) return diagnostics
  const prevents = convert(value, boolType)
  if (failed(prevents)) {
    const detail = '"prevent_destroy" must be true or false.'
    return [errorAt(rule.range, 'Invalid value for prevent_destroy', detail)]
  }
  if (prevents.kind !== 'bool' || !prevents.value || (action !== 'replace' && action !== 'delete')) return diagnostics
  const detail = `${formatInstance(address, key)} has lifecycle.prevent_destroy set, but the plan would destroy it. Remove the setting, or undo the change that requires a replacement.`
  return [errorAt(block?.range, 'Resource instance cannot be destroyed', detail)]
}
