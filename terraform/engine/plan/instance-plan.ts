// What the planning of resources is about: one instance and its place, what will become of it, and what it takes to ask.

import type { InstanceKey, ResourceAddress } from '../../addresses.ts'
import type { ModuleNode, Provisioner, ResourceBlock } from '../../config/module.ts'
import type { Reference } from '../../lang/scope.ts'
import type { DataSourceType, ResourceType } from '../../provider.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Evaluation, InstanceNames } from '../evaluation/evaluation.ts'
import type { OnEvent } from '../providers/events.ts'
import type { StateObject, WorkingState } from '../state/working-state.ts'

export type ChangeAction = 'create' | 'read' | 'update' | 'replace' | 'delete' | 'forget' | 'no-op'

/** What will become of one object. */
export interface InstancePlan {
  readonly address: ResourceAddress
  readonly key: InstanceKey
  /** Its name in the state, where a `moved` block or a changed `count` gave it another. */
  readonly movedFrom?: string
  /** Set for an object whose replacement exists already. */
  readonly deposed?: string
  readonly action: ChangeAction
  /** Absent for what only the state has. */
  readonly block: ResourceBlock | undefined
  readonly names: InstanceNames
  /** How the state names the provider's configuration. */
  readonly providerAddress: string
  readonly managed?: ResourceType
  readonly data?: DataSourceType
  readonly prior: ObjectValue | null
  /** As far as it is known now; null when nothing is to be left. */
  readonly planned: ObjectValue | null
  /** The state's entry for the object as it is. */
  readonly stored: StateObject | undefined
  /** The new object is made before the old one goes. */
  readonly createBeforeDestroy: boolean
  /** The old object is left alone and forgotten, where it would have been destroyed. */
  readonly forgets?: boolean
  /** What runs after the object was made and before it goes. */
  readonly provisioners: readonly Provisioner[]
}

export interface PlanningContext {
  /** The template's folder. */
  readonly dir: string
  readonly working: WorkingState
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Whether a change is planned for any instance of the blocks behind these names, which stand in a module. */
  isChanging(module: ModuleNode, references: readonly Reference[]): boolean
  /** Whether a replacement is made before the old object goes, for its own sake or for that of what needs it. */
  isMadeEarly(address: ResourceAddress): boolean
  /** What is planned for the instances of a resource, by its address without key. */
  plansOf(resource: string): readonly InstancePlan[]
}

/** What it takes to ask a provider about what exists. */
export type AskingContext = Omit<PlanningContext, 'isChanging' | 'isMadeEarly' | 'plansOf'>

/** One instance of a block: where it is evaluated, and what is its own there. */
export interface Place {
  readonly block: ResourceBlock
  readonly evaluation: Evaluation
  readonly names: InstanceNames
}

export const addressIn = (evaluation: Evaluation, { address }: ResourceBlock): ResourceAddress =>
  evaluation.path.length === 0 ? address : { ...address, module: evaluation.path }
