// Plans one resource or data block: expands it into instances, plans each, and sets the value that expressions see.

import { formatLocalResource, formatResource, type InstanceKey, type ResourceAddress } from '../../addresses.ts'
import type { ModuleNode, ResourceBlock } from '../../config/module.ts'
import { typeOfSchema } from '../../config/schema.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { DataSourceType, ResourceType } from '../../provider.ts'
import { dynamicType, type Type } from '../../values/type.ts'
import { nullOf, unknown, unknownStub, type Value } from '../../values/value.ts'
import { providerConfigurationKey } from '../evaluation/configuration-key.ts'
import { asWarning, checkIgnoredPaths } from '../evaluation/evaluate-node.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { type Expansion, expand, isExpansion } from '../evaluation/expand.ts'
import type { InstanceNames } from '../evaluation/instance-names.ts'
import type { GraphNode } from '../graph/graph.ts'
import { isResolved, type ResolvedType } from '../providers/registry.ts'
import { checkProvisioners } from './check-provisioners.ts'
import { addressIn, type BlockInstance, type PlannedInstance } from './instance-plan.ts'
import { planData } from './plan-data.ts'
import { planManaged, planRefreshOnly } from './plan-managed.ts'
import { maxParallelOperations } from './plan-request.ts'
import type { PlanRun } from './plan-run.ts'

export class BlockPlanner {
  readonly #run: PlanRun

  constructor(run: PlanRun) {
    this.#run = run
  }

  /** Plans the block in every instance of its module; false if any of it failed. */
  async plan(id: string, { name, module }: GraphNode, evaluations: readonly Evaluation[]): Promise<boolean> {
    const block = module.module.resources.get(name)
    if (!block) return true
    const type = this.#resolveType(module, block)
    if (!isResolved(type)) return this.#run.report([type])
    if (!this.#run.report(this.#checkIgnoredPaths(module, block))) return false
    let isComplete = true
    for (const evaluation of evaluations) {
      isComplete = (await this.#planInstances(id, block, evaluation)) && isComplete
    }
    return isComplete
  }

  async #planInstances(id: string, block: ResourceBlock, evaluation: Evaluation): Promise<boolean> {
    const { planned, request, report } = this.#run
    const expansion = this.#expand(block, evaluation)
    if (!isExpansion(expansion)) return report(expansion)
    if (!report(this.#checkProvisioners(block, evaluation, expansion))) return false
    const address = addressIn(evaluation, block)
    planned.startResource(address, expansion.instances)
    const values = new Map<InstanceKey, Value>()
    let isComplete = true
    for (const batch of batches(expansion.instances, maxParallelOperations)) {
      if (request.signal.aborted) return false
      const results = await Promise.all(batch.map((names) => this.#planInstance({ block, evaluation, names })))
      for (const { plan, diagnostics } of results) {
        isComplete = report(block.isInCheck ? diagnostics.map(asWarning) : diagnostics) && isComplete
        if (!plan) continue
        planned.addConfigured(id, plan)
        if (plan.planned && !plan.names.placeholderFor) values.set(plan.key, plan.planned)
      }
    }
    planned.repetitions.set(formatResource(address), expansion.repetition)
    this.#setValue(block, evaluation, expansion, values)
    return isComplete
  }

  /** A refresh plans the instances in the state instead of those in the configuration. */
  #expand(block: ResourceBlock, evaluation: Evaluation): Expansion | readonly Diagnostic[] {
    const expansion = expand(block, evaluation.scope())
    if (!isExpansion(expansion) || !this.#isRefreshOnly(block)) return expansion
    return { ...expansion, instances: this.#storedInstances(addressIn(evaluation, block)) }
  }

  #isRefreshOnly({ address }: ResourceBlock): boolean {
    return this.#run.request.mode === 'refresh' && address.mode === 'managed'
  }

  #storedInstances(address: ResourceAddress): InstanceNames[] {
    const resource = formatResource(address)
    return this.#run.working
      .objects()
      .filter((object) => formatResource(object.address) === resource && object.instance.deposed === undefined)
      .map(({ instance }) => ({ key: instance.indexKey }))
  }

  /** Checked once, with the first instance's names: a mistake would be the same in all instances. */
  #checkProvisioners(block: ResourceBlock, evaluation: Evaluation, { instances: [first] }: Expansion): Diagnostic[] {
    if (!first || block.provisioners.length === 0) return []
    const self = unknown(this.#typeOfBlock(evaluation.node, block))
    return checkProvisioners(block, evaluation.scope({ ...first, self }), this.#run.registry)
  }

  /** Sets the resource's value for expressions; `values` are those of its instances. */
  #setValue(
    block: ResourceBlock,
    evaluation: Evaluation,
    { repetition, instances }: Expansion,
    values: ReadonlyMap<InstanceKey, Value>,
  ): void {
    const name = formatLocalResource(block.address)
    if (instances[0]?.placeholderFor) {
      evaluation.setResourceValue(name, unknownStub())
    } else if (repetition === 'single' && instances.length === 0) {
      const type = this.#typeOfBlock(evaluation.node, block)
      evaluation.setResourceValue(name, this.#isRefreshOnly(block) ? unknown(type) : nullOf(type))
    } else {
      evaluation.setResource(name, { repetition, values })
    }
  }

  /** Instances of one block may have different provider configurations. */
  async #planInstance(instance: BlockInstance): Promise<PlannedInstance> {
    const { registry, context, request } = this.#run
    const { block, evaluation, names } = instance
    const key = providerConfigurationKey(evaluation, names, block.provider)
    if (block.address.mode === 'data') {
      const type = registry.dataSource(evaluation.node, block, key)
      return isResolved(type) ? planData(instance, type, context) : { plan: undefined, diagnostics: [type] }
    }
    const type = registry.resource(evaluation.node, block, key)
    if (!isResolved(type)) return { plan: undefined, diagnostics: [type] }
    const planOne = request.mode === 'refresh' ? planRefreshOnly : planManaged
    return await planOne(instance, type, context)
  }

  /** Data sources have no changes to ignore. */
  #checkIgnoredPaths(module: ModuleNode, block: ResourceBlock): readonly Diagnostic[] {
    if (block.lifecycle.ignoreChanges.length === 0 || block.address.mode === 'data') return []
    return checkIgnoredPaths(block, this.#run.registry.resource(module, block))
  }

  #resolveType(module: ModuleNode, block: ResourceBlock): ResolvedType<ResourceType | DataSourceType> | Diagnostic {
    const { registry } = this.#run
    return block.address.mode === 'data' ? registry.dataSource(module, block) : registry.resource(module, block)
  }

  #typeOfBlock(module: ModuleNode, block: ResourceBlock): Type {
    const type = this.#resolveType(module, block)
    return isResolved(type) ? typeOfSchema(type.type.schema) : dynamicType
  }
}

function* batches<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
