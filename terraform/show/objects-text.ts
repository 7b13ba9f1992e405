// Plans and their results as text: one block per object, in the language's syntax.

import { formatInstance } from '../addresses.ts'
import type { Evaluation } from '../engine/evaluation/evaluation.ts'
import type { InstancePlan } from '../engine/plan/instance-plan.ts'
import type { Plan } from '../engine/plan/plan.ts'
import type { ObjectValue, Value } from '../values/value.ts'
import { valueToText } from './value-text.ts'

const verbs: Readonly<Record<string, string>> = {
  create: 'will be created',
  read: 'will be read during apply',
  update: 'will be updated in-place',
  replace: 'must be replaced',
  delete: 'will be destroyed',
  forget: 'will be removed from the state, but not destroyed',
}

export function planToText({ instances, evaluation }: Plan): string {
  const changing = instances.filter(({ action }) => action !== 'no-op')
  const blocks = changing.map((plan) => {
    return `# ${formatInstance(plan.address, plan.key)} ${verbs[plan.action]}\n${blockToText(plan, plan.planned)}`
  })
  return [...blocks, ...outputsToText(evaluation)].join('\n\n')
}

/** Every object with its values after the apply. */
export function stateToText({ instances }: Plan, evaluation: Evaluation): string {
  const blocks = instances
    .filter(({ planned }) => planned !== null)
    .map((plan) => {
      const value = evaluation.instanceAt(plan.address.module)?.instanceValue(plan.address, plan.key)
      const shown = value?.kind === 'object' ? value : plan.planned
      return `# ${formatInstance(plan.address, plan.key)}:\n${blockToText(plan, shown)}`
    })
  return [...blocks, ...outputsToText(evaluation)].join('\n\n')
}

function blockToText({ address }: InstancePlan, value: ObjectValue | null): string {
  const header = `${address.mode === 'data' ? 'data' : 'resource'} "${address.type}" "${address.name}"`
  const lines = [...(value?.entries ?? [])]
    .filter(([, entry]) => isShown(entry))
    .map(([name, entry]) => {
      return `    ${name} = ${valueToText(entry, 4)}`
    })
  return [`${header} {`, ...lines, '}'].join('\n')
}

/** Hides null values and empty collections. */
const isShown = (value: Value) => value.kind !== 'null' && !('elements' in value && value.elements.length === 0)

function outputsToText(evaluation: Evaluation): string[] {
  const outputs = [...evaluation.outputsValue().entries]
  if (outputs.length === 0) return []
  return [`Outputs:\n\n${outputs.map(([name, value]) => `${name} = ${valueToText(value)}`).join('\n')}`]
}
