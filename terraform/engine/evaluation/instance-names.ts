// Names that exist only inside an instance's block, and how a block repeats.

import type { InstanceKey } from '../../addresses.ts'
import type { Value } from '../../values/value.ts'

export type Repetition = 'single' | 'count' | 'for_each'

/** The values of `count`, `each` and `self` in one instance's block. */
export interface InstanceNames {
  readonly key?: InstanceKey
  /** The element's value, with `for_each`. */
  readonly each?: Value
  readonly self?: Value
  /** Set if this represents all instances of a block: values that differ between them are unknown. */
  readonly placeholderFor?: Exclude<Repetition, 'single'>
}
