// Plans the instances of one block: what is there, what the configuration wants, and the change between the two.

import { formatBlock, formatInstance } from '../../addresses.ts'
import { decodeBody, type ReservedNames } from '../../config/decode-body.ts'
import { metaArguments, metaBlocks, type RemovedBlock, type ResourceBlock } from '../../config/module.ts'
import { copyMarks, markBySchema } from '../../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import { evaluate } from '../../lang/evaluate.ts'
import type { DataSourceType, PlanOutcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { convert, failed } from '../../values/convert.ts'
import { markSensitive, marksEqual } from '../../values/mark-paths.ts'
import { boolType } from '../../values/type.ts'
import {
  absentMark,
  deepMarks,
  hasInfinity,
  isWhollyKnown,
  type ObjectValue,
  valuesEqual,
  withMarks,
  withoutAnyMarks,
} from '../../values/value.ts'
import { type ConditionCase, checkCondition } from '../evaluation/conditions.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { OnEvent } from '../providers/events.ts'
import { perform, placeDiagnostic } from '../providers/operations.ts'
import type { FoundType } from '../providers/registry.ts'
import type { StateObject } from '../state/working-state.ts'
import { importObject } from './import-object.ts'
import {
  type AskingContext,
  addressIn,
  type ChangeAction,
  type InstancePlan,
  type Place,
  type PlanningContext,
} from './instance-plan.ts'
import { attributesFromJson, attributesToJson, ignoreChanges, propose, replacingAttributes } from './objects.ts'
import { isTriggered } from './replace-triggers.ts'

export interface Planned {
  /** Undefined when it could not be planned. */
  readonly plan: InstancePlan | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const reservedNames: ReservedNames = { attributes: metaArguments, blocks: metaBlocks }

/** Evaluates the block of one instance and has the provider check it. */
export function configure(
  { block, evaluation, names }: Place,
  type: ResourceType | DataSourceType,
  asJudged = (found: ProviderDiagnostic): ProviderDiagnostic => found,
): { config: ObjectValue; diagnostics: readonly Diagnostic[] } {
  const scope = evaluation.scope(names)
  const of = { summary: 'Resource precondition failed', ...checkedInstance({ block, evaluation, names }) }
  const diagnostics = block.lifecycle.preconditions.flatMap((rule) => checkCondition(rule, scope, of))
  const what = `${block.address.mode === 'data' ? 'data' : 'resource'} "${block.address.type}"`
  const decoded = decodeBody(block.body, type.schema, scope, block.range, what, reservedNames)
  diagnostics.push(...decoded.diagnostics)
  for (const [name, value] of decoded.value.entries) {
    if (!hasInfinity(value)) continue
    const detail = `"${name}" holds an infinite number, which a state can not: was something divided by zero?`
    const range = block.body.attributes.get(name)?.expression.range ?? block.range
    diagnostics.push(errorAt(range, 'Infinite number in argument', detail))
  }
  if (!hasErrors(diagnostics)) {
    const refused = type.validate?.(decoded.value) ?? []
    const judged = 'judge' in type && refused.length === 0 ? (type.judge?.(decoded.value) ?? []) : []
    for (const found of [...refused, ...judged.map(asJudged)]) {
      diagnostics.push(placeDiagnostic(found, { address: addressIn(evaluation, block), key: names.key, block }))
    }
  }
  return { config: decoded.value, diagnostics }
}

export async function planData(
  place: Place,
  { providerAddress, type }: FoundType<DataSourceType>,
  context: PlanningContext,
): Promise<Planned> {
  const { block, names, evaluation } = place
  const { config, diagnostics } = configure(place, type)
  if (hasErrors(diagnostics)) return { plan: undefined, diagnostics }
  const base = {
    address: addressIn(evaluation, block),
    key: names.key,
    block,
    names,
    providerAddress,
    data: type,
    prior: null,
    stored: undefined,
    createBeforeDestroy: false,
    provisioners: [],
  }
  const waits = context.isChanging(evaluation.node, block.dependsOn)
  if (waits || !isWhollyKnown(config)) {
    const planned = withMarks(propose(type.schema, config, null), deepMarks(config) & absentMark)
    return { plan: { ...base, action: 'read', planned }, diagnostics }
  }
  const read = await readData({ ...base, action: 'read', planned: config }, config, context)
  if (!read.value) return { plan: undefined, diagnostics: [...diagnostics, ...read.diagnostics] }
  const found = [...diagnostics, ...read.diagnostics, ...checkPostconditions(place, read.value, type)]
  return { plan: { ...base, action: 'no-op', planned: read.value }, diagnostics: found }
}

/** As far as the values are known. */
export function checkPostconditions(
  { block, evaluation, names }: Pick<Place, 'block' | 'evaluation' | 'names'>,
  self: ObjectValue,
  { isGuessed }: ResourceType | DataSourceType,
): readonly Diagnostic[] {
  if (block.lifecycle.postconditions.length === 0 || isGuessed) return []
  const scope = evaluation.scope({ ...names, self })
  const of = { summary: 'Resource postcondition failed', ...checkedInstance({ block, evaluation, names }) }
  return block.lifecycle.postconditions.flatMap((rule) => checkCondition(rule, scope, of))
}

function checkedInstance({ block, evaluation, names }: Place): Pick<ConditionCase, 'object' | 'results'> {
  const address = addressIn(evaluation, block)
  const object = {
    kind: 'resource' as const,
    configAddress: formatBlock(address),
    address: formatInstance(address, names.key),
  }
  return { object, results: evaluation.checks }
}

/** Reads a data source whose configuration is known; without a value there is an error among the diagnostics. */
export async function readData(
  plan: InstancePlan,
  config: ObjectValue,
  { dir, signal, onEvent }: { dir: string; signal: AbortSignal; onEvent: OnEvent },
): Promise<{ value: ObjectValue | undefined; diagnostics: readonly Diagnostic[] }> {
  const { address, key, block, data } = plan
  if (!data) throw new Error(`${formatInstance(address, key)} is no data source`)
  const operation = { address, key, action: 'read' as const, block, object: null, dir, signal, onEvent }
  const { value, diagnostics } = await perform(operation, (inner) =>
    data.read(withoutAnyMarks(config) as ObjectValue, inner),
  )
  if (!value || hasErrors(diagnostics)) {
    const missing = errorAt(block?.range, 'No data found', `${formatInstance(address, key)} gave no result.`)
    return { value: undefined, diagnostics: hasErrors(diagnostics) ? diagnostics : [...diagnostics, missing] }
  }
  return { value: copyMarks(config, markBySchema(value, data.schema)), diagnostics }
}

export async function planManaged(
  place: Place,
  found: FoundType<ResourceType>,
  context: PlanningContext,
): Promise<Planned> {
  const { block, names } = place
  const address = addressIn(place.evaluation, block)
  const configured = configure(place, found.type)
  const imported = context.working.get(address, names.key) ? [] : await importObject(place, found, context)
  const stored = context.working.get(address, names.key)
  const refreshed = stored ? await refresh(stored, found, block, context) : { prior: null, diagnostics: [] }
  const triggers = block.lifecycle.replaceTriggeredBy.flatMap(
    (trigger) => evaluate(trigger, place.evaluation.scope(names)).diagnostics,
  )
  const diagnostics = [...configured.diagnostics, ...triggers, ...imported, ...refreshed.diagnostics]
  if (hasErrors(diagnostics)) return { plan: undefined, diagnostics }
  const change = decideChange(place, found.type, configured.config, refreshed.prior, context)
  diagnostics.push(...change.diagnostics)
  const movedFrom = stored?.movedFrom
  const plan: InstancePlan = {
    address,
    key: names.key,
    ...(movedFrom !== undefined && { movedFrom }),
    block,
    names,
    providerAddress: found.providerAddress,
    managed: found.type,
    action: change.action,
    prior: refreshed.prior,
    planned: change.planned,
    stored: context.working.get(address, names.key),
    createBeforeDestroy: context.isMadeEarly(address),
    forgets: block.lifecycle.keepsObject,
    provisioners: block.provisioners,
  }
  diagnostics.push(
    ...checkPreventDestroy(plan, place.evaluation),
    ...checkPostconditions(place, change.planned, found.type),
  )
  return hasErrors(diagnostics) ? { plan: undefined, diagnostics } : { plan, diagnostics }
}

/** Only asks what has become of the object; whatever the configuration wants, it stays as it is. */
export async function planKept(
  { block, evaluation, names }: Place,
  found: FoundType<ResourceType>,
  context: PlanningContext,
): Promise<Planned> {
  const address = addressIn(evaluation, block)
  const stored = context.working.get(address, names.key)
  if (!stored) return { plan: undefined, diagnostics: [] }
  const { prior, diagnostics } = await refresh(stored, found, block, context)
  if (hasErrors(diagnostics) || !prior) return { plan: undefined, diagnostics }
  const plan: InstancePlan = {
    address,
    key: names.key,
    block,
    names,
    providerAddress: found.providerAddress,
    managed: found.type,
    action: 'no-op',
    prior,
    planned: prior,
    stored: context.working.get(address, names.key),
    createBeforeDestroy: block.lifecycle.createBeforeDestroy,
    provisioners: [],
  }
  return { plan, diagnostics }
}

/** Asks the provider what became of the object, and puts the answer into the working state. */
async function refresh(
  stored: StateObject,
  { type }: FoundType<ResourceType>,
  block: ResourceBlock | undefined,
  { dir, working, signal, onEvent }: AskingContext,
): Promise<{ prior: ObjectValue | null; diagnostics: readonly Diagnostic[] }> {
  const { address, instance } = stored
  const key = instance.indexKey
  const schemaVersion = type.schemaVersion ?? 0
  if (instance.schemaVersion > schemaVersion)
    return { prior: null, diagnostics: [tooNew(stored, schemaVersion, block)] }
  const known = attributesFromJson(instance.attributes, type.schema)
  const operation = { address, key, action: 'refresh' as const, block, object: known, dir, signal, onEvent }
  const { value, diagnostics } = await perform(operation, (inner) => type.read(known, inner))
  if (hasErrors(diagnostics)) return { prior: known, diagnostics }
  if (!value) {
    working.remove(address, key, instance.deposed)
    return { prior: null, diagnostics }
  }
  working.put({ ...stored, instance: { ...instance, schemaVersion, attributes: attributesToJson(value, type.schema) } })
  const marked = markSensitive(markBySchema(value, type.schema), instance.sensitiveAttributes ?? []) as ObjectValue
  return { prior: marked, diagnostics }
}

/** What a newer provider has written may mean something else here. */
function tooNew({ address, instance }: StateObject, known: number, block: ResourceBlock | undefined): Diagnostic {
  const name = formatInstance(address, instance.indexKey)
  const detail = `The state holds ${name} in version ${instance.schemaVersion} of its form; this program knows versions up to ${known}. Use the program that wrote it, or a newer one.`
  return { ...errorAt(block?.range, 'Resource instance managed by newer provider version', detail), address: name }
}

interface Change {
  readonly action: ChangeAction
  readonly planned: ObjectValue
  readonly diagnostics: readonly Diagnostic[]
}

function decideChange(
  place: Place,
  type: ResourceType,
  config: ObjectValue,
  prior: ObjectValue | null,
  context: PlanningContext,
): Change {
  const { block, names, evaluation } = place
  if (!prior) return { ...askProvider(place, type, config, null), action: 'create' }
  const wanted = ignoreChanges(config, prior, block.lifecycle.ignoreChanges)
  const change = askProvider(place, type, wanted, prior)
  const isTainted = context.working.get(addressIn(evaluation, block), names.key)?.instance.status === 'tainted'
  const replaces = isTainted || change.replaces || isTriggered(place, context.plansOf)
  if (replaces) return { ...askProvider(place, type, wanted, null), action: 'replace' }
  const stays = valuesEqual(change.planned, prior) && marksEqual(change.planned, prior)
  return { ...change, action: stays ? 'no-op' : 'update' }
}

function askProvider(
  { block, evaluation, names }: Place,
  type: ResourceType,
  config: ObjectValue,
  prior: ObjectValue | null,
): { planned: ObjectValue; replaces: boolean; diagnostics: readonly Diagnostic[] } {
  const answer = planByProvider(type, config, prior)
  const planned = copyMarks(config, markBySchema(answer.planned, type.schema))
  const replaces =
    prior !== null &&
    ((answer.replaceBecause?.length ?? 0) > 0 || replacingAttributes(type.schema, prior, planned).length > 0)
  const diagnostics = (answer.diagnostics ?? []).map((found) =>
    placeDiagnostic(found, { address: addressIn(evaluation, block), key: names.key, block }),
  )
  return { planned, replaces, diagnostics }
}

/** Marks are the language's own: providers neither see nor lose them. */
export function planByProvider(type: ResourceType, config: ObjectValue, prior: ObjectValue | null): PlanOutcome {
  const [plainConfig, plainPrior] = [
    withoutAnyMarks(config) as ObjectValue,
    prior && (withoutAnyMarks(prior) as ObjectValue),
  ]
  const proposed = propose(type.schema, plainConfig, plainPrior)
  return type.plan?.({ config: plainConfig, prior: plainPrior, proposed }) ?? { planned: proposed }
}

function checkPreventDestroy(plan: InstancePlan, evaluation: Evaluation | undefined): readonly Diagnostic[] {
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
  const detail = `${formatInstance(address, key)} has lifecycle.prevent_destroy set, but the plan would destroy it. Take the setting out, or undo the change that needs a new object.`
  return [errorAt(block?.range, 'Resource instance cannot be destroyed', detail)]
}

/** What the configuration still says of an object that it does not want. */
export interface Leaving {
  readonly block: ResourceBlock | undefined
  readonly evaluation: Evaluation | undefined
  readonly removed: RemovedBlock | undefined
  /** Everything goes. */
  readonly isEnd: boolean
}

/** Plans the end of an object that the state has and the configuration does not want. */
export async function planDelete(
  stored: StateObject,
  found: FoundType<ResourceType>,
  { block, evaluation, removed, isEnd }: Leaving,
  context: AskingContext,
): Promise<Planned> {
  const refreshed = await refresh(stored, found, block, context)
  if (hasErrors(refreshed.diagnostics) || !refreshed.prior)
    return { plan: undefined, diagnostics: refreshed.diagnostics }
  const forgets = block
    ? block.lifecycle.keepsObject
    : removed
      ? !removed.destroys
      : stored.instance.skipDestroy === true
  const plan: InstancePlan = {
    address: stored.address,
    key: stored.instance.indexKey,
    ...(stored.instance.deposed !== undefined && { deposed: stored.instance.deposed }),
    action: forgets ? 'forget' : 'delete',
    block,
    names: { key: stored.instance.indexKey },
    ...(stored.movedFrom !== undefined && { movedFrom: stored.movedFrom }),
    providerAddress: found.providerAddress,
    managed: found.type,
    prior: refreshed.prior,
    planned: null,
    stored,
    createBeforeDestroy: false,
    forgets,
    provisioners: block?.provisioners ?? removed?.provisioners ?? [],
  }
  const diagnostics = [...refreshed.diagnostics, ...checkPreventDestroy(plan, evaluation)]
  if (forgets && !isEnd) diagnostics.push(forgetting(plan, removed))
  return hasErrors(diagnostics) ? { plan: undefined, diagnostics } : { plan, diagnostics }
}

function forgetting({ address, key }: InstancePlan, removed: RemovedBlock | undefined): Diagnostic {
  const detail = `${formatInstance(address, key)} is left as it is, and is no longer known here afterwards. To bring it back, import it.`
  const summary = 'Resource will be removed from the state'
  return { severity: 'warning', summary, detail, ...(removed && { range: removed.range }) }
}
