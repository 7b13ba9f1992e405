// The data model of planning: one instance of a block, the change planned for it, and the services that planning it needs.

import type { InstanceKey, ResourceAddress } from '../../addresses.ts'
import type { ModuleNode, Provisioner, ResourceBlock } from '../../config/module.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Reference } from '../../lang/scope.ts'
import type { DataSourceType, ResourceType } from '../../provider.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { InstanceNames } from '../evaluation/instance-names.ts'
import type { OnEvent } from '../providers/events.ts'
import type { StateObject, WorkingState } from '../state/working-state.ts'

export type ChangeAction = 'create' | 'read' | 'update' | 'replace' | 'delete' | 'forget' | 'no-op'

/** The change planned for one object. */
export interface InstancePlan {
  readonly address: ResourceAddress
  readonly key: InstanceKey
  /** The previous address, if a `moved` block or a changed `count` renamed the object. */
  readonly movedFrom?: string
  /** Set for an object whose replacement exists already. */
  readonly deposed?: string
  readonly action: ChangeAction
  /** Undefined for objects that exist only in the state. */
  readonly block: ResourceBlock | undefined
  readonly names: InstanceNames
  /** The provider configuration's address, as in the state. */
  readonly providerAddress: string
  readonly managed?: ResourceType
  readonly data?: DataSourceType
  readonly prior: ObjectValue | null
  /** May hold unknown values; null for a removal. */
  readonly planned: ObjectValue | null
  /** The object's current entry in the state. */
  readonly stored: StateObject | undefined
  readonly createBeforeDestroy: boolean
  /** Removes the old object from the state instead of destroying it. */
  readonly forgets?: boolean
  readonly provisioners: readonly Provisioner[]
}

/** An instance's plan; undefined if planning failed. */
export interface PlannedInstance {
  readonly plan: InstancePlan | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The dependencies of a provider call about existing objects. */
export interface ProviderContext {
  /** The template's folder. */
  readonly dir: string
  readonly working: WorkingState
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
}

export interface PlanningContext extends ProviderContext {
  /** Whether a change is planned for any instance of the blocks that a module's references name. */
  isChanging(module: ModuleNode, references: readonly Reference[]): boolean
  /** Whether a replacement is created before the old object is destroyed, by its own setting or that of a dependent. */
  createsBeforeDestroy(address: ResourceAddress): boolean
  /** The plans of a resource's instances, by its address without key. */
  plansOf(resource: string): readonly InstancePlan[]
}

/** One instance of a block, with the module instance that evaluates it. */
export interface BlockInstance {
  readonly block: ResourceBlock
  readonly evaluation: Evaluation
  readonly names: InstanceNames
}

export const addressIn = (evaluation: Evaluation, { address }: ResourceBlock): ResourceAddress =>
  evaluation.path.length === 0 ? address : { ...address, module: evaluation.path }
