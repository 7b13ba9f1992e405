// Plans the change of one managed object: refreshes it, compares it with its configuration, and chooses the action.

import { copyMarks, markBySchema } from '../../config/schema.ts'
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import type { ResourcePlanOutcome, ResourceType } from '../../provider.ts'
import { marksEqual } from '../../values/mark-paths.ts'
import { type ObjectValue, valuesEqual, withoutAnyMarks } from '../../values/value.ts'
import { locateDiagnostic } from '../providers/operations.ts'
import type { ResolvedType } from '../providers/registry.ts'
import { checkPostconditions, configureBlock } from './configure-block.ts'
import { importObject } from './import-object.ts'
import {
  addressIn,
  type BlockInstance,
  type ChangeAction,
  type InstancePlan,
  type PlannedInstance,
  type PlanningContext,
} from './instance-plan.ts'
import { applyIgnoreChanges, changedForceNewAttributes, proposeObject } from './object-changes.ts'
import { checkPreventDestroy } from './prevent-destroy.ts'
import { refreshObject } from './refresh-object.ts'
import { isReplacementTriggered } from './replace-triggers.ts'

export async function planManaged(
  instance: BlockInstance,
  resolved: ResolvedType<ResourceType>,
  context: PlanningContext,
): Promise<PlannedInstance> {
  const { block, names } = instance
  const address = addressIn(instance.evaluation, block)
  const configured = configureBlock(instance, resolved.type)
  const imported = context.working.get(address, names.key) ? [] : await importObject(instance, resolved, context)
  const stored = context.working.get(address, names.key)
  const refreshed = stored ? await refreshObject(stored, resolved, block, context) : { prior: null, diagnostics: [] }
  const triggers = block.lifecycle.replaceTriggeredBy.flatMap(
    (trigger) => evaluate(trigger, instance.evaluation.scope(names)).diagnostics,
  )
  const diagnostics = [...configured.diagnostics, ...triggers, ...imported, ...refreshed.diagnostics]
  if (hasErrors(diagnostics)) return { plan: undefined, diagnostics }
  const change = decideChange(instance, resolved.type, configured.config, refreshed.prior, context)
  diagnostics.push(...change.diagnostics)
  const movedFrom = stored?.movedFrom
  const plan: InstancePlan = {
    address,
    key: names.key,
    ...(movedFrom !== undefined && { movedFrom }),
    block,
    names,
    providerAddress: resolved.providerAddress,
    managed: resolved.type,
    action: change.action,
    prior: refreshed.prior,
    planned: change.planned,
    stored: context.working.get(address, names.key),
    createBeforeDestroy: context.createsBeforeDestroy(address),
    forgets: block.lifecycle.skipsDestroy,
    provisioners: block.provisioners,
  }
  diagnostics.push(
    ...checkPreventDestroy(plan, instance.evaluation),
    ...checkPostconditions(instance, change.planned, resolved.type),
  )
  return hasErrors(diagnostics) ? { plan: undefined, diagnostics } : { plan, diagnostics }
}

/** Refreshes the object and plans no change. */
export async function planRefreshOnly(
  { block, evaluation, names }: BlockInstance,
  resolved: ResolvedType<ResourceType>,
  context: PlanningContext,
): Promise<PlannedInstance> {
  const address = addressIn(evaluation, block)
  const stored = context.working.get(address, names.key)
  if (!stored) return { plan: undefined, diagnostics: [] }
  const { prior, diagnostics } = await refreshObject(stored, resolved, block, context)
  if (hasErrors(diagnostics) || !prior) return { plan: undefined, diagnostics }
  const plan: InstancePlan = {
    address,
    key: names.key,
    block,
    names,
    providerAddress: resolved.providerAddress,
    managed: resolved.type,
    action: 'no-op',
    prior,
    planned: prior,
    stored: context.working.get(address, names.key),
    createBeforeDestroy: block.lifecycle.createBeforeDestroy,
    provisioners: [],
  }
  return { plan, diagnostics }
}

interface Change {
  readonly action: ChangeAction
  readonly planned: ObjectValue
  readonly diagnostics: readonly Diagnostic[]
}

function decideChange(
  instance: BlockInstance,
  type: ResourceType,
  config: ObjectValue,
  prior: ObjectValue | null,
  context: PlanningContext,
): Change {
  const { block, names, evaluation } = instance
  if (!prior) return { ...proposeChange(instance, type, config, null), action: 'create' }
  const desired = applyIgnoreChanges(config, prior, block.lifecycle.ignoreChanges)
  const change = proposeChange(instance, type, desired, prior)
  const isTainted = context.working.get(addressIn(evaluation, block), names.key)?.instance.status === 'tainted'
  const replaces = isTainted || change.replaces || isReplacementTriggered(instance, context.plansOf)
  if (replaces) return { ...proposeChange(instance, type, desired, null), action: 'replace' }
  const isUnchanged = valuesEqual(change.planned, prior) && marksEqual(change.planned, prior)
  return { ...change, action: isUnchanged ? 'no-op' : 'update' }
}

function proposeChange(
  { block, evaluation, names }: BlockInstance,
  type: ResourceType,
  config: ObjectValue,
  prior: ObjectValue | null,
): { planned: ObjectValue; replaces: boolean; diagnostics: readonly Diagnostic[] } {
  const outcome = planWithProvider(type, config, prior)
  const planned = copyMarks(config, markBySchema(outcome.planned, type.schema))
  const replaces =
    prior !== null &&
    ((outcome.requiresReplace?.length ?? 0) > 0 || changedForceNewAttributes(type.schema, prior, planned).length > 0)
  const diagnostics = (outcome.diagnostics ?? []).map((found) =>
    locateDiagnostic(found, { address: addressIn(evaluation, block), key: names.key, block }),
  )
  return { planned, replaces, diagnostics }
}

/** Providers get values without marks, which belong to the language. */
export function planWithProvider(
  type: ResourceType,
  config: ObjectValue,
  prior: ObjectValue | null,
): ResourcePlanOutcome {
  const [plainConfig, plainPrior] = [
    withoutAnyMarks(config) as ObjectValue,
    prior && (withoutAnyMarks(prior) as ObjectValue),
  ]
  const proposed = proposeObject(type.schema, plainConfig, plainPrior)
  return type.plan?.({ config: plainConfig, prior: plainPrior, proposed }) ?? { planned: proposed }
}
