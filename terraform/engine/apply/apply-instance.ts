// Creates, updates, reads and destroys single objects, and updates the working state after each step.

import { randomBytes } from 'node:crypto'
import { formatInstance, formatLocalResource, type InstanceKey, type ResourceAddress } from '../../addresses.ts'
import type { ResourceBlock } from '../../config/module.ts'
import { copyMarks, markBySchema } from '../../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { DataSourceType, OperationContext, Outcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { sensitivePaths } from '../../values/mark-paths.ts'
import { isFullyKnown, type ObjectValue, withoutAnyMarks } from '../../values/value.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { InstanceNames } from '../evaluation/instance-names.ts'
import { checkPostconditions, configureBlock } from '../plan/configure-block.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'
import { applyIgnoreChanges } from '../plan/object-changes.ts'
import { readData } from '../plan/plan-data.ts'
import { planWithProvider } from '../plan/plan-managed.ts'
import type { OnEvent } from '../providers/events.ts'
import { type Operation, runOperation } from '../providers/operations.ts'
import type { Registry } from '../providers/registry.ts'
import { attributesToJson } from '../state/attributes-json.ts'
import type { StateInstance } from '../state/state.ts'
import type { WorkingState } from '../state/working-state.ts'
import { runProvisioners } from './run-provisioners.ts'

export interface ApplyContext {
  /** The template's folder. */
  readonly dir: string
  /** The module instance of an object. */
  evaluationOf(address: ResourceAddress): Evaluation
  readonly working: WorkingState
  readonly registry: Registry
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** A block's instances with the values known by now. */
  namesOf(block: ResourceBlock, evaluation: Evaluation): ReadonlyMap<InstanceKey, InstanceNames>
  /** The dependencies to store for an object. */
  dependenciesOf(plan: InstancePlan): readonly string[]
}

export interface InstanceResult {
  /** Null if the object does not exist. */
  readonly value: ObjectValue | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Creates, updates or reads the object, with its configuration evaluated again. */
export async function applyInstance(plan: InstancePlan, context: ApplyContext): Promise<InstanceResult> {
  const type = currentType(plan, context)
  if (!plan.block || !type) throw new Error(`${formatInstance(plan.address, plan.key)} has no configuration to apply`)
  const evaluation = context.evaluationOf(plan.address)
  const names = currentNames(plan, plan.block, evaluation, context)
  const { config, diagnostics } = configureBlock({ block: plan.block, evaluation, names }, type)
  const before = plan.action === 'update' ? plan.prior : null
  if (hasErrors(diagnostics)) return { value: before, diagnostics }
  const acceptsUnknown = 'acceptsUnknown' in type && type.acceptsUnknown
  const unknownError = plan.data && !acceptsUnknown && !isFullyKnown(config) ? unknownConfiguration(plan) : undefined
  if (unknownError) return { value: before, diagnostics: [...diagnostics, unknownError] }
  const result = plan.data
    ? await read(plan, config, context)
    : await createOrUpdate(plan, type as ResourceType, config, context)
  const conditions =
    result.value && !hasErrors(result.diagnostics)
      ? checkPostconditions({ block: plan.block, evaluation, names }, result.value, type)
      : []
  return { value: result.value, diagnostics: [...diagnostics, ...result.diagnostics, ...conditions] }
}

/** The instance's names, with the current value of `each`. */
function currentNames(
  plan: InstancePlan,
  block: ResourceBlock,
  evaluation: Evaluation,
  context: ApplyContext,
): InstanceNames {
  const { each } = plan.names
  if (!each || isFullyKnown(each)) return plan.names
  return context.namesOf(block, evaluation).get(plan.key) ?? plan.names
}

/** The type with its provider's final configuration, part of which may have been unknown during planning. */
function currentType(plan: InstancePlan, { registry }: ApplyContext): ResourceType | DataSourceType | undefined {
  return plan.data ?? registry.stored(plan.address, plan.providerAddress)?.type ?? plan.managed
}

const unknownConfiguration = (plan: InstancePlan) =>
  errorAt(
    plan.block?.range,
    'Unknown value',
    `An argument of ${formatInstance(plan.address, plan.key)} is still unknown during apply.`,
  )

async function read(plan: InstancePlan, config: ObjectValue, context: ApplyContext): Promise<InstanceResult> {
  const { value, diagnostics } = await readData(plan, config, context)
  return { value: value ?? null, diagnostics }
}

async function createOrUpdate(
  plan: InstancePlan,
  type: ResourceType,
  config: ObjectValue,
  context: ApplyContext,
): Promise<InstanceResult> {
  const prior = plan.action === 'update' ? plan.prior : null
  const desired = prior && plan.block ? applyIgnoreChanges(config, prior, plan.block.lifecycle.ignoreChanges) : config
  const { planned } = planWithProvider(type, desired, prior)
  if (!prior && plan.action === 'replace' && plan.createBeforeDestroy) depose(plan, context.working)
  const operation = toOperation(plan, prior ? 'update' : 'create', prior, context)
  let isTainted = false
  const performed = await runOperation(operation, async (inner) => {
    const outcome = await (prior
      ? type.update(withoutAnyMarks(prior) as ObjectValue, planned, inner)
      : type.create(planned, inner))
    const complete = requireKnown(outcome)
    if (prior || !complete.value || hasFailed(complete)) return complete
    const self = copyMarks(desired, markBySchema(complete.value, type.schema))
    const found = type.isMock ? [] : await provision(plan, 'create', self, context, inner)
    isTainted = hasErrors(found)
    return { value: complete.value, diagnostics: [...(complete.diagnostics ?? []), ...found] }
  })
  isTainted ||= !prior && hasErrors(performed.diagnostics)
  if (!performed.value) return performed
  const value = copyMarks(desired, markBySchema(performed.value, type.schema))
  context.working.put({
    address: plan.address,
    provider: plan.providerAddress,
    instance: toStateInstance(plan, type, value, isTainted, context),
  })
  return { value, diagnostics: performed.diagnostics }
}

const hasFailed = (outcome: Outcome) => (outcome.diagnostics ?? []).some((found) => found.severity === 'error')

function requireKnown(outcome: Outcome): Outcome {
  if (!outcome.value || isFullyKnown(outcome.value)) return outcome
  const names = [...outcome.value.entries].filter(([, value]) => !isFullyKnown(value)).map(([name]) => name)
  const problem: ProviderDiagnostic = {
    severity: 'error',
    summary: 'Provider returned an unknown value',
    detail: `These attributes are still unknown after the change: ${names.join(', ')}. This is a bug in the provider.`,
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
  // A provisioner may also refer to its object by the resource's name.
  if (plan.key === undefined && when === 'create') evaluation.setResourceValue(formatLocalResource(plan.address), self)
  return runProvisioners(plan, when, self, evaluation, context.registry, inner)
}

/** Marks the old object as deposed before its replacement is created. */
function depose(plan: InstancePlan, working: WorkingState): void {
  if (!plan.stored) return
  working.remove(plan.address, plan.key)
  working.put({ ...plan.stored, instance: { ...plan.stored.instance, deposed: deposedId(plan) } })
}

const deposedIds = new WeakMap<InstancePlan, string>()

/** Eight hexadecimal digits, as in Terraform. */
function deposedId(plan: InstancePlan): string {
  const id = deposedIds.get(plan) ?? randomBytes(4).toString('hex')
  deposedIds.set(plan, id)
  return id
}

function toStateInstance(
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
    ...(plan.block?.lifecycle.skipsDestroy && { skipDestroy: true }),
  }
}

function toOperation(
  plan: InstancePlan,
  action: Operation['action'],
  object: ObjectValue | null,
  { dir, signal, onEvent }: ApplyContext,
): Operation {
  return { address: plan.address, key: plan.key, action, block: plan.block, object, dir, signal, onEvent }
}

/** Destroys the object in the state: a delete, or one half of a replacement. */
export async function destroyInstance(plan: InstancePlan, context: ApplyContext): Promise<InstanceResult> {
  const { prior } = plan
  const type = currentType(plan, context) as ResourceType | undefined
  if (!type || !prior) throw new Error(`${formatInstance(plan.address, plan.key)} has nothing to destroy`)
  if (plan.forgets) {
    context.working.remove(plan.address, plan.key, deposedKey(plan))
    return { value: null, diagnostics: [] }
  }
  const performed = await runOperation(toOperation(plan, 'delete', prior, context), async (inner) => {
    const found = type.isMock ? [] : await provision(plan, 'destroy', prior, context, inner)
    if (hasErrors(found)) return { value: prior, diagnostics: found }
    const outcome = await type.delete(withoutAnyMarks(prior) as ObjectValue, inner)
    return { value: outcome.value, diagnostics: [...found, ...(outcome.diagnostics ?? [])] }
  })
  if (!hasErrors(performed.diagnostics)) context.working.remove(plan.address, plan.key, deposedKey(plan))
  return performed
}

/** The old object's deposed id in the state; undefined if it has no replacement yet. */
function deposedKey(plan: InstancePlan): string | undefined {
  const isReplaced = plan.action === 'replace' && plan.createBeforeDestroy
  return plan.deposed ?? (isReplaced ? deposedId(plan) : undefined)
}
