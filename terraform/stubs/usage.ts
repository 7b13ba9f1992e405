// What a value must hold, by what is asked of it: the shape of things whose type nobody here knows.

import { nullOf, objectFrom, tuple, unknown, type Value } from '../values/value.ts'
import type { Step } from './paths.ts'

export interface Usage {
  readonly attributes: Map<string, Usage>
  /** Elements by their key; those under a computed key are all alike. */
  readonly elements: Map<string | number | undefined, Usage>
}

export const emptyUsage = (): Usage => ({ attributes: new Map(), elements: new Map() })

export function recordUsage(usage: Usage, steps: readonly Step[]): void {
  let at = usage
  for (const step of steps) at = 'name' in step ? ownOr(at.attributes, step.name) : ownOr(at.elements, step.key)
}

function ownOr<K>(of: Map<K, Usage>, key: K): Usage {
  const known = of.get(key) ?? emptyUsage()
  of.set(key, known)
  return known
}

/** A value of that shape; what is only used whole is what `leaf` gives. */
export function valueOfUsage({ attributes, elements }: Usage, leaf: () => Value): Value {
  if (attributes.size > 0) return objectFrom(valuesOf(attributes, leaf))
  if (elements.size === 0) return leaf()
  const keys = [...elements.keys()].filter((key) => key !== undefined)
  const any = elements.get(undefined)
  if (keys.some((key) => typeof key === 'string')) return objectFrom(valuesOf(elements, leaf))
  const length = Math.max(...keys.map(Number), 0) + 1
  if (length > longestTuple) return unknown()
  const at = (index: number) => elements.get(index) ?? any
  return tuple(Array.from({ length }, (_, index) => elementValue(at(index), leaf)))
}

// An index beyond this is a computation's and no list that somebody wrote.
const longestTuple = 1000

const elementValue = (usage: Usage | undefined, leaf: () => Value) => (usage ? valueOfUsage(usage, leaf) : nullOf())

const valuesOf = (of: ReadonlyMap<string | number | undefined, Usage>, leaf: () => Value) =>
  Object.fromEntries(
    [...of].flatMap(([key, usage]) => (key === undefined ? [] : [[String(key), valueOfUsage(usage, leaf)] as const])),
  )
