// Evaluates `replace_triggered_by`: its references are whole resources, single instances or attributes.

import { formatResource, type InstanceKey } from '../../addresses.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import { numToJs } from '../../values/number.ts'
import { nullOf, type ObjectValue, type Value, valuesEqual } from '../../values/value.ts'
import { addressIn, type BlockInstance, type InstancePlan } from './instance-plan.ts'

export function isReplacementTriggered(
  instance: BlockInstance,
  plansOf: (resource: string) => readonly InstancePlan[],
): boolean {
  return instance.block.lifecycle.replaceTriggeredBy.some((expression) => {
    const steps = stepsOf(expression, instance)
    const [type, name, ...rest] = steps ?? []
    if (typeof type !== 'string' || typeof name !== 'string') return false
    const address = { ...addressIn(instance.evaluation, instance.block), mode: 'managed' as const, type, name }
    const plans = plansOf(formatResource(address)).filter((plan) => plan.action !== 'no-op')
    if (rest.length === 0) return plans.length > 0
    const [first, ...path] = rest
    // If the resource has instance keys, the next step is one.
    const isKeyed = plans.some((plan) => plan.key !== undefined)
    return isKeyed
      ? plans.some((plan) => plan.key === first && hasChanged(plan, path))
      : plans.some((plan) => hasChanged(plan, rest))
  })
}

type Step = Exclude<InstanceKey, undefined>

function stepsOf(expression: Expression, instance: BlockInstance): Step[] | undefined {
  switch (expression.type) {
    case 'variable':
      return [expression.name]
    case 'attribute': {
      const before = stepsOf(expression.object, instance)
      return before && [...before, expression.name]
    }
    case 'index': {
      const before = stepsOf(expression.collection, instance)
      const { value } = evaluate(expression.key, instance.evaluation.scope(instance.names))
      const key = value.kind === 'number' ? numToJs(value.value) : value.kind === 'string' ? value.value : undefined
      return before && key !== undefined ? [...before, key] : undefined
    }
    default:
      return undefined
  }
}

function hasChanged({ prior, planned }: InstancePlan, path: readonly Step[]): boolean {
  return path.length === 0 || !valuesEqual(valueAt(prior, path), valueAt(planned, path))
}

function valueAt(object: ObjectValue | null, path: readonly Step[]): Value {
  let at: Value = object ?? nullOf()
  for (const step of path) {
    switch (at.kind) {
      case 'object':
      case 'map':
        at = at.entries.get(String(step)) ?? nullOf()
        break
      case 'list':
      case 'set':
      case 'tuple':
        at = at.elements[Number(step)] ?? nullOf()
        break
      default:
        return at
    }
  }
  return at
}
