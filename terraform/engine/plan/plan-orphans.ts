// Plans the removal of orphans: objects in the state that the configuration does not declare.

import { formatBlock, formatLocalResource, formatResource, type ResourceAddress } from '../../addresses.ts'
import { errorAt } from '../../diagnostics/diagnostic.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { WorkItem } from '../graph/run-graph.ts'
import type { StateObject } from '../state/working-state.ts'
import { planDelete } from './plan-delete.ts'
import type { PlanRun } from './plan-run.ts'

/** Work items that plan each removal; `isOrphan` selects the objects. */
export function orphanItems(run: PlanRun, isOrphan: (object: StateObject) => boolean): WorkItem[] {
  return run.working
    .objects()
    .filter(isOrphan)
    .map((object, index) => ({ id: String(index), dependsOn: [], run: () => planOrphan(run, object) }))
}

/** Call it when all blocks are planned. */
export function isOrphan({ planned, evaluation }: PlanRun, object: StateObject): boolean {
  // If planning the block failed, its instances are not known: remove nothing.
  if (!planned.repetitions.has(formatResource(object.address))) return !mayBeDeclared(evaluation, object.address)
  return !planned.isConfigured(object)
}

function mayBeDeclared(root: Evaluation, address: ResourceAddress): boolean {
  let evaluation = root
  for (const { name, key } of address.module) {
    const children = evaluation.childrenOf(name)
    if (!children) return evaluation.module.calls.has(name)
    const child = children.instances.get(key)
    if (!child) return false
    evaluation = child
  }
  return evaluation.module.resources.has(formatLocalResource(address))
}

async function planOrphan(run: PlanRun, stored: StateObject): Promise<boolean> {
  const { address } = stored
  const type = run.registry.stored(address, stored.provider)
  if (!type) {
    const detail = `${formatResource(address)} is in the state, but its provider ${stored.provider} is not part of this deployment.`
    return run.report([errorAt(undefined, 'Provider not available', detail)])
  }
  const evaluation = run.evaluation.instanceAt(address.module)
  const block = evaluation?.module.resources.get(formatLocalResource(address))
  const isDestroy = run.request.mode === 'destroy'
  const removed = isDestroy ? undefined : run.removals.find(address)
  const { plan, diagnostics } = await planDelete(stored, type, { block, evaluation, removed, isDestroy }, run.context)
  if (plan) run.planned.add(formatBlock(address), plan)
  return run.report(diagnostics)
}
