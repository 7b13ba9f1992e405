// The shape of a value of unknown type, inferred from the attributes and elements that are read from it.

import { nullOf, objectFrom, tuple, unknown, type Value } from '../values/value.ts'
import type { Step } from './paths.ts'

export interface Usage {
  readonly attributes: Map<string, Usage>
  /** Elements by key; undefined for computed keys. */
  readonly elements: Map<string | number | undefined, Usage>
}

export const emptyUsage = (): Usage => ({ attributes: new Map(), elements: new Map() })

export function recordUsage(usage: Usage, steps: readonly Step[]): void {
  let at = usage
  for (const step of steps)
    at = 'name' in step ? getOrCreate(at.attributes, step.name) : getOrCreate(at.elements, step.key)
}

function getOrCreate<K>(usages: Map<K, Usage>, key: K): Usage {
  const usage = usages.get(key) ?? emptyUsage()
  usages.set(key, usage)
  return usage
}

/** A value with that shape; `leaf` creates the innermost values. */
export function valueOfUsage({ attributes, elements }: Usage, leaf: () => Value): Value {
  if (attributes.size > 0) return objectFrom(valuesOf(attributes, leaf))
  if (elements.size === 0) return leaf()
  const keys = [...elements.keys()].filter((key) => key !== undefined)
  const computed = elements.get(undefined)
  if (keys.some((key) => typeof key === 'string')) return objectFrom(valuesOf(elements, leaf))
  const length = Math.max(...keys.map(Number), 0) + 1
  if (length > maxTupleLength) return unknown()
  const at = (index: number) => elements.get(index) ?? computed
  return tuple(Array.from({ length }, (_, index) => elementValue(at(index), leaf)))
}

// A larger index comes from a computation, not from a list in the template.
const maxTupleLength = 1000

const elementValue = (usage: Usage | undefined, leaf: () => Value) => (usage ? valueOfUsage(usage, leaf) : nullOf())

const valuesOf = (usages: ReadonlyMap<string | number | undefined, Usage>, leaf: () => Value) =>
  Object.fromEntries(
    [...usages].flatMap(([key, usage]) =>
      key === undefined ? [] : [[String(key), valueOfUsage(usage, leaf)] as const],
    ),
  )
