// The result of a plan or an apply: every resource and data instance with its values, and the graph. Conversions to coderd's
// model (agents, parameters …) read only this.

import type { InstanceKey, ResourceAddress } from '../../addresses.ts'
import type { Range } from '../../diagnostics/source.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Graph } from '../graph/graph.ts'

export interface SnapshotInstance {
  readonly address: ResourceAddress
  readonly key: InstanceKey
  /** In a plan's snapshot, values that are known only after apply are unknown. */
  readonly value: ObjectValue
  /** The block's header; undefined for objects that exist only in the state. */
  readonly range?: Range
}

export interface Snapshot {
  readonly instances: readonly SnapshotInstance[]
  /** Dependencies by address without instance keys; locals, variables and outputs are nodes too. */
  readonly graph: Graph
}
