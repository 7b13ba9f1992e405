// Whether `replace_triggered_by` asks for a new object: a change of a whole resource, of one instance, or of one
// attribute, as it is written.

import { formatResource, type InstanceKey } from '../../addresses.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate } from '../../lang/evaluate.ts'
import { numToJs } from '../../values/number.ts'
import { nullOf, type ObjectValue, type Value, valuesEqual } from '../../values/value.ts'
import { addressIn, type BlockInstance, type InstancePlan } from './instance-plan.ts'

export function isReplacementTriggered(
  place: BlockInstance,
  plansOf: (resource: string) => readonly InstancePlan[],
): boolean {
  return place.block.lifecycle.replaceTriggeredBy.some((expression) => {
    const steps = stepsOf(expression, place)
    const [type, name, ...rest] = steps ?? []
    if (typeof type !== 'string' || typeof name !== 'string') return false
    const address = { ...addressIn(place.evaluation, place.block), mode: 'managed' as const, type, name }
    const plans = plansOf(formatResource(address)).filter((plan) => plan.action !== 'no-op')
    if (rest.length === 0) return plans.length > 0
    const [first, ...path] = rest
    // Behind a resource with keys stands the key of one instance.
    const isKeyed = plans.some((plan) => plan.key !== undefined)
    return isKeyed
      ? plans.some((plan) => plan.key === first && hasChanged(plan, path))
      : plans.some((plan) => hasChanged(plan, rest))
  })
}

type Step = Exclude<InstanceKey, undefined>

function stepsOf(expression: Expression, place: BlockInstance): Step[] | undefined {
  switch (expression.type) {
    case 'variable':
      return [expression.name]
    case 'attribute': {
      const before = stepsOf(expression.object, place)
      return before && [...before, expression.name]
    }
    case 'index': {
      const before = stepsOf(expression.collection, place)
      const { value } = evaluate(expression.key, place.evaluation.scope(place.names))
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
