// What a plan foresees or an apply has left, in one form: every resource and data instance with its values, and the
// graph they stand in. Conversions to other models (agents, parameters …) read this and nothing else.

import type { InstanceKey, ResourceAddress } from '../../addresses.ts'
import type { Range } from '../../diagnostics.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Graph } from '../graph/graph.ts'

export interface SnapshotInstance {
  readonly address: ResourceAddress
  readonly key: InstanceKey
  /** After a plan, values that are only known after apply are unknown. */
  readonly value: ObjectValue
  /** The block's header; absent for what is in the state only. */
  readonly range?: Range
}

export interface Snapshot {
  readonly instances: readonly SnapshotInstance[]
  /** Who refers to whom, by address without instance keys; locals, variables and outputs are nodes too. */
  readonly graph: Graph
}
