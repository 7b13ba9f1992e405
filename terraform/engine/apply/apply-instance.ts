// Makes, changes and ends single objects, and keeps the working state true to each step.

import { randomBytes } from 'node:crypto'
import { formatInstance, formatLocalResource, type InstanceKey, type ResourceAddress } from '../../addresses.ts'
import type { ResourceBlock } from '../../config/module.ts'
import { copyMarks, markBySchema } from '../../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import type { DataSourceType, OperationContext, Outcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { sensitivePaths } from '../../values/mark-paths.ts'
import { isWhollyKnown, type ObjectValue, withoutAnyMarks } from '../../values/value.ts'
import type { Evaluation, InstanceNames } from '../evaluation/evaluation.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'
import { attributesToJson, ignoreChanges } from '../plan/objects.ts'
import { checkPostconditions, configure, planByProvider, readData } from '../plan/plan-resource.ts'
import { runProvisioners } from '../plan/provisioning.ts'
import type { OnEvent } from '../providers/events.ts'
import { type Operation, perform } from '../providers/operations.ts'
import type { Registry } from '../providers/registry.ts'
import type { StateInstance } from '../state/state.ts'
import type { WorkingState } from '../state/working-state.ts'

export interface ApplyContext {
  /** The template's folder. */
  readonly dir: string
  /** The instance of the module that an object is in. */
  evaluationOf(address: ResourceAddress): Evaluation
  readonly working: WorkingState
  readonly registry: Registry
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** What is known by now of a block's instances. */
  namesOf(block: ResourceBlock, evaluation: Evaluation): ReadonlyMap<InstanceKey, InstanceNames>
  /** What the state says an object depends on. */
  dependenciesOf(plan: InstancePlan): readonly string[]
}

export interface Applied {
  /** What is there now; null when nothing is. */
  readonly value: ObjectValue | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Creates, updates or reads by what is known by now. */
export async function make(plan: InstancePlan, context: ApplyContext): Promise<Applied> {
  const type = currentType(plan, context)
  if (!plan.block || !type) throw new Error(`${formatInstance(plan.address, plan.key)} has no configuration to apply`)
  const evaluation = context.evaluationOf(plan.address)
  const names = currentNames(plan, plan.block, evaluation, context)
  const { config, diagnostics } = configure({ block: plan.block, evaluation, names }, type)
  const before = plan.action === 'update' ? plan.prior : null
  if (hasErrors(diagnostics)) return { value: before, diagnostics }
  const mayBeUnknown = 'fillsUnknown' in type && type.fillsUnknown
  const unknownError = plan.data && !mayBeUnknown && !isWhollyKnown(config) ? unknownConfiguration(plan) : undefined
  if (unknownError) return { value: before, diagnostics: [...diagnostics, unknownError] }
  const made = plan.data ? await read(plan, config, context) : await change(plan, type as ResourceType, config, context)
  const conditions =
    made.value && !hasErrors(made.diagnostics)
      ? checkPostconditions({ block: plan.block, evaluation, names }, made.value, type)
      : []
  return { value: made.value, diagnostics: [...diagnostics, ...made.diagnostics, ...conditions] }
}

/** With the value of `each` as it is known by now. */
function currentNames(
  plan: InstancePlan,
  block: ResourceBlock,
  evaluation: Evaluation,
  context: ApplyContext,
): InstanceNames {
  const { each } = plan.names
  if (!each || isWhollyKnown(each)) return plan.names
  return context.namesOf(block, evaluation).get(plan.key) ?? plan.names
}

/** The type as its provider is configured by now: while planning some of that may not have been known. */
function currentType(plan: InstancePlan, { registry }: ApplyContext): ResourceType | DataSourceType | undefined {
  return plan.data ?? registry.stored(plan.address, plan.providerAddress)?.type ?? plan.managed
}

const unknownConfiguration = (plan: InstancePlan) =>
  errorAt(
    plan.block?.range,
    'Unknown value',
    `An argument of ${formatInstance(plan.address, plan.key)} is still not known.`,
  )

async function read(plan: InstancePlan, config: ObjectValue, context: ApplyContext): Promise<Applied> {
  const { value, diagnostics } = await readData(plan, config, context)
  return { value: value ?? null, diagnostics }
}

async function change(
  plan: InstancePlan,
  type: ResourceType,
  config: ObjectValue,
  context: ApplyContext,
): Promise<Applied> {
  const prior = plan.action === 'update' ? plan.prior : null
  const wanted = prior && plan.block ? ignoreChanges(config, prior, plan.block.lifecycle.ignoreChanges) : config
  const { planned } = planByProvider(type, wanted, prior)
  if (!prior && plan.action === 'replace' && plan.createBeforeDestroy) depose(plan, context.working)
  const operation = operationOf(plan, prior ? 'update' : 'create', prior, context)
  let isTainted = false
  const performed = await perform(operation, async (inner) => {
    const outcome = await (prior
      ? type.update(withoutAnyMarks(prior) as ObjectValue, planned, inner)
      : type.create(planned, inner))
    const complete = requireKnown(outcome)
    if (prior || !complete.value || failed(complete)) return complete
    const self = copyMarks(wanted, markBySchema(complete.value, type.schema))
    const found = type.isMadeUp ? [] : await provision(plan, 'create', self, context, inner)
    isTainted = hasErrors(found)
    return { value: complete.value, diagnostics: [...(complete.diagnostics ?? []), ...found] }
  })
  isTainted ||= !prior && hasErrors(performed.diagnostics)
  if (!performed.value) return performed
  const value = copyMarks(wanted, markBySchema(performed.value, type.schema))
  context.working.put({
    address: plan.address,
    provider: plan.providerAddress,
    instance: instanceOf(plan, type, value, isTainted, context),
  })
  return { value, diagnostics: performed.diagnostics }
}

const failed = (outcome: Outcome) => (outcome.diagnostics ?? []).some((found) => found.severity === 'error')

function requireKnown(outcome: Outcome): Outcome {
  if (!outcome.value || isWhollyKnown(outcome.value)) return outcome
  const names = [...outcome.value.entries].filter(([, value]) => !isWhollyKnown(value)).map(([name]) => name)
  const problem: ProviderDiagnostic = {
    severity: 'error',
    summary: 'Provider returned an unknown value',
    detail: `After the change these are still not known: ${names.join(', ')}. This is a fault of the provider.`,
  }
  return { value: outcome.value, diagnostics: [...(outcome.diagnostics ?? []), problem] }
}

async function provision(
  plan: InstancePlan,
  when: 'create' | 'destroy',
  self: ObjectValue,
  context: ApplyContext,
  inner: OperationContext,
): Promise<readonly Diagnostic[]> {
  const evaluation = context.evaluationOf(plan.address)
  // A provisioner may also call its object by the resource's name.
  if (plan.key === undefined && when === 'create') evaluation.setResourceValue(formatLocalResource(plan.address), self)
  return runProvisioners(plan, when, self, evaluation, context.registry, inner)
}

/** Sets the old object aside while its replacement is made. */
function depose(plan: InstancePlan, working: WorkingState): void {
  if (!plan.stored) return
  working.remove(plan.address, plan.key)
  working.put({ ...plan.stored, instance: { ...plan.stored.instance, deposed: deposedId(plan) } })
}

const deposedIds = new WeakMap<InstancePlan, string>()

/** Eight hexadecimal digits, as Terraform names deposed objects. */
function deposedId(plan: InstancePlan): string {
  const id = deposedIds.get(plan) ?? randomBytes(4).toString('hex')
  deposedIds.set(plan, id)
  return id
}

function instanceOf(
  plan: InstancePlan,
  type: ResourceType,
  value: ObjectValue,
  isTainted: boolean,
  context: ApplyContext,
): StateInstance {
  return {
    ...(plan.key !== undefined && { indexKey: plan.key }),
    ...(isTainted && { status: 'tainted' as const }),
    schemaVersion: type.schemaVersion ?? 0,
    attributes: attributesToJson(value, type.schema),
    sensitiveAttributes: sensitivePaths(value),
    dependencies: context.dependenciesOf(plan),
    ...(plan.createBeforeDestroy && { createBeforeDestroy: true }),
    ...(plan.block?.lifecycle.keepsObject && { skipDestroy: true }),
  }
}

function operationOf(
  plan: InstancePlan,
  action: Operation['action'],
  object: ObjectValue | null,
  { dir, signal, onEvent }: ApplyContext,
): Operation {
  return { address: plan.address, key: plan.key, action, block: plan.block, object, dir, signal, onEvent }
}

/** Ends the object that the state has: for a delete, or as a half of a replacement. */
export async function destroy(plan: InstancePlan, context: ApplyContext): Promise<Applied> {
  const { prior } = plan
  const type = currentType(plan, context) as ResourceType | undefined
  if (!type || !prior) throw new Error(`${formatInstance(plan.address, plan.key)} has nothing to destroy`)
  if (plan.forgets) {
    context.working.remove(plan.address, plan.key, deposedAs(plan))
    return { value: null, diagnostics: [] }
  }
  const performed = await perform(operationOf(plan, 'delete', prior, context), async (inner) => {
    const found = type.isMadeUp ? [] : await provision(plan, 'destroy', prior, context, inner)
    if (hasErrors(found)) return { value: prior, diagnostics: found }
    const outcome = await type.delete(withoutAnyMarks(prior) as ObjectValue, inner)
    return { value: outcome.value, diagnostics: [...found, ...(outcome.diagnostics ?? [])] }
  })
  if (!hasErrors(performed.diagnostics)) context.working.remove(plan.address, plan.key, deposedAs(plan))
  return performed
}

/** Under which id the old object stands in the state beside its replacement. */
function deposedAs(plan: InstancePlan): string | undefined {
  const isReplaced = plan.action === 'replace' && plan.createBeforeDestroy
  return plan.deposed ?? (isReplaced ? deposedId(plan) : undefined)
}
