// The instances planned so far, by resource and by graph node.

import { formatInstance, formatResource, type ResourceAddress } from '../../addresses.ts'
import type { ModuleNode } from '../../config/module.ts'
import type { Reference } from '../../lang/scope.ts'
import type { InstanceNames, Repetition } from '../evaluation/instance-names.ts'
import type { Graph } from '../graph/graph.ts'
import { explicitDependencies } from '../graph/reference-lookup.ts'
import type { StateObject } from '../state/working-state.ts'
import type { InstancePlan } from './instance-plan.ts'

export class PlannedInstances {
  readonly instances: InstancePlan[] = []
  /** Plans that stand for an unknown number of instances; shown, never applied. */
  readonly placeholders: InstancePlan[] = []
  /** By resource address without key; set once all instances of the resource are planned. */
  readonly repetitions = new Map<string, Repetition>()
  /** Addresses of all instances in the configuration. */
  readonly configured = new Set<string>()
  readonly #graph: Graph
  readonly #byResource = new Map<string, InstancePlan[]>()
  /** Graph nodes with a change among their instances. */
  readonly #changedNodes = new Set<string>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** Registers a resource's instances before they are planned. */
  startResource(address: ResourceAddress, instances: readonly InstanceNames[]): void {
    for (const { key } of instances) this.configured.add(formatInstance(address, key))
    this.#byResource.set(formatResource(address), [])
  }

  /** Adds an instance of the configuration. */
  addConfigured(nodeId: string, plan: InstancePlan): void {
    if (plan.names.placeholderFor) {
      this.placeholders.push(plan)
      return
    }
    this.#byResource.get(formatResource(plan.address))?.push(plan)
    this.add(nodeId, plan)
  }

  add(nodeId: string, plan: InstancePlan): void {
    this.instances.push(plan)
    if (plan.action !== 'no-op') this.#changedNodes.add(nodeId)
  }

  plansOf(resource: string): readonly InstancePlan[] {
    return this.#byResource.get(resource) ?? []
  }

  isConfigured({ address, instance }: StateObject): boolean {
    return instance.deposed === undefined && this.configured.has(formatInstance(address, instance.indexKey))
  }

  /** Whether anything that a `depends_on` list refers to has a planned change. */
  isChanging(module: ModuleNode, references: readonly Reference[]): boolean {
    return explicitDependencies(module, references).some((id) => this.#hasChange(id))
  }

  /** A module has a change if any of its nodes has one. */
  #hasChange(id: string): boolean {
    const { nodes, dependencies } = this.#graph
    if (nodes.get(id)?.kind !== 'close') return this.#changedNodes.has(id)
    return [...(dependencies.get(id) ?? [])].some((inner) => this.#hasChange(inner))
  }
}
