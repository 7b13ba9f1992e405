// Selects a snapshot's instances of one type, and reports duplicate names.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Snapshot, SnapshotInstance } from '../engine/plan/snapshot.ts'

export const listInstances = ({ instances }: Snapshot, mode: 'managed' | 'data', type: string) =>
  instances.filter(({ address }) => address.mode === mode && address.type === type)

/** Reports items with the same key as an earlier item. */
export function reportDuplicates<T>(
  items: readonly { readonly item: T; readonly instance: SnapshotInstance }[],
  keyOf: (item: T) => string,
  noun: string,
): Diagnostic[] {
  const keys = new Set<string>()
  return items.flatMap(({ item, instance }) => {
    const key = keyOf(item)
    if (!keys.has(key)) {
      keys.add(key)
      return []
    }
    return [
      errorAt(
        instance.range,
        `Duplicate ${noun}`,
        `There is more than one ${noun} "${key}". Each needs a unique name.`,
      ),
    ]
  })
}
