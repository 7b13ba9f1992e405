// Shifts a separately parsed syntax tree to its position in a file.

import type { Range } from '../diagnostics/source.ts'
import { toPlainObject } from '../hcl/nodes.ts'

/** A copy with all ranges replaced; shared nodes remain shared. */
export function shiftRanges<T>(tree: T, shift: (range: Range) => Range): T {
  const copies = new Map<object, unknown>()
  const copy = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part
    const existing = copies.get(part)
    if (existing !== undefined) return existing
    if (isRange(part)) return shift(part)
    // Values have no ranges.
    if ('marks' in part) return part
    const created: Record<string, unknown> | unknown[] = Array.isArray(part) ? [] : {}
    copies.set(part, created)
    for (const [name, inner] of Object.entries(toPlainObject(part)))
      (created as Record<string, unknown>)[name] = copy(inner)
    return created
  }
  return copy(tree) as T
}

const isRange = (part: object): part is Range => 'file' in part && 'start' in part && 'end' in part
