// Plans and reads data sources.

import { formatInstance } from '../../addresses.ts'
import { copyMarks, markBySchema } from '../../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { DataSourceType } from '../../provider.ts'
import { deepMarks, isFullyKnown, type ObjectValue, stubMark, withMarks, withoutAnyMarks } from '../../values/value.ts'
import { runOperation } from '../providers/operations.ts'
import type { ResolvedType } from '../providers/registry.ts'
import { checkPostconditions, configureBlock } from './configure-block.ts'
import {
  addressIn,
  type BlockInstance,
  type InstancePlan,
  type PlannedInstance,
  type PlanningContext,
  type ProviderContext,
} from './instance-plan.ts'
import { proposeObject } from './object-changes.ts'

export async function planData(
  instance: BlockInstance,
  { providerAddress, type }: ResolvedType<DataSourceType>,
  context: PlanningContext,
): Promise<PlannedInstance> {
  const { block, names, evaluation } = instance
  const { config, diagnostics } = configureBlock(instance, type)
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
  const isDeferred = context.isChanging(evaluation.node, block.dependsOn)
  if (isDeferred || !isFullyKnown(config)) {
    const planned = withMarks(proposeObject(type.schema, config, null), deepMarks(config) & stubMark)
    return { plan: { ...base, action: 'read', planned }, diagnostics }
  }
  const read = await readData({ ...base, action: 'read', planned: config }, config, context)
  if (!read.value) return { plan: undefined, diagnostics: [...diagnostics, ...read.diagnostics] }
  const found = [...diagnostics, ...read.diagnostics, ...checkPostconditions(instance, read.value, type)]
  return { plan: { ...base, action: 'no-op', planned: read.value }, diagnostics: found }
}

/** Reads a data source with a known configuration. A missing value comes with an error. */
export async function readData(
  plan: InstancePlan,
  config: ObjectValue,
  { dir, signal, onEvent }: Pick<ProviderContext, 'dir' | 'signal' | 'onEvent'>,
): Promise<{ value: ObjectValue | undefined; diagnostics: readonly Diagnostic[] }> {
  const { address, key, block, data } = plan
  if (!data) throw new Error(`${formatInstance(address, key)} is not a data source`)
  const operation = { address, key, action: 'read' as const, block, object: null, dir, signal, onEvent }
  const { value, diagnostics } = await runOperation(operation, (inner) =>
    data.read(withoutAnyMarks(config) as ObjectValue, inner),
  )
  if (!value || hasErrors(diagnostics)) {
    const missing = errorAt(block?.range, 'No data found', `${formatInstance(address, key)} returned no result.`)
    return { value: undefined, diagnostics: hasErrors(diagnostics) ? diagnostics : [...diagnostics, missing] }
  }
  return { value: copyMarks(config, markBySchema(value, data.schema)), diagnostics }
}
