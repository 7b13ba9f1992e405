// What a snapshot has of one type, and the names that come twice among it.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Snapshot, SnapshotInstance } from '../engine/plan/snapshot.ts'

export const listInstances = ({ instances }: Snapshot, mode: 'managed' | 'data', type: string) =>
  instances.filter(({ address }) => address.mode === mode && address.type === type)

/** Tells every name that comes a second time. */
export function reportDuplicates<T>(
  items: readonly { readonly item: T; readonly instance: SnapshotInstance }[],
  keyOf: (item: T) => string,
  what: string,
): Diagnostic[] {
  const seen = new Set<string>()
  return items.flatMap(({ item, instance }) => {
    const key = keyOf(item)
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [
      errorAt(
        instance.range,
        `Duplicate ${what}`,
        `There is more than one ${what} "${key}". Give each a name of its own.`,
      ),
    ]
  })
}
