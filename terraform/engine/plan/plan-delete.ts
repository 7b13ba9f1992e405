// Plans the removal of an object that is in the state and not in the configuration.

import { formatInstance } from '../../addresses.ts'
import type { RemovedBlock, ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { ResourceType } from '../../provider.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { ResolvedType } from '../providers/registry.ts'
import type { StateObject } from '../state/working-state.ts'
import type { InstancePlan, PlannedInstance, ProviderContext } from './instance-plan.ts'
import { checkPreventDestroy } from './prevent-destroy.ts'
import { refreshObject } from './refresh-object.ts'

/** The remaining declarations for an orphan: its block, its module, its `removed` block. */
export interface OrphanContext {
  readonly block: ResourceBlock | undefined
  readonly evaluation: Evaluation | undefined
  readonly removed: RemovedBlock | undefined
  /** The plan destroys the whole workspace. */
  readonly isDestroy: boolean
}

export async function planDelete(
  stored: StateObject,
  resolved: ResolvedType<ResourceType>,
  { block, evaluation, removed, isDestroy }: OrphanContext,
  context: ProviderContext,
): Promise<PlannedInstance> {
  const refreshed = await refreshObject(stored, resolved, block, context)
  if (hasErrors(refreshed.diagnostics) || !refreshed.prior)
    return { plan: undefined, diagnostics: refreshed.diagnostics }
  const forgets = block
    ? block.lifecycle.skipsDestroy
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
    providerAddress: resolved.providerAddress,
    managed: resolved.type,
    prior: refreshed.prior,
    planned: null,
    stored,
    createBeforeDestroy: false,
    forgets,
    provisioners: block?.provisioners ?? removed?.provisioners ?? [],
  }
  const diagnostics = [...refreshed.diagnostics, ...checkPreventDestroy(plan, evaluation)]
  if (forgets && !isDestroy) diagnostics.push(warnForgotten(plan, removed))
  return hasErrors(diagnostics) ? { plan: undefined, diagnostics } : { plan, diagnostics }
}

function warnForgotten({ address, key }: InstancePlan, removed: RemovedBlock | undefined): Diagnostic {
  const detail = `${formatInstance(address, key)} is not destroyed, and is no longer managed afterwards. To manage it again, import it.`
  const summary = 'Resource will be removed from the state'
  return { severity: 'warning', summary, detail, ...(removed && { range: removed.range }) }
}
