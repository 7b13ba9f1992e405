// Fills in the provider's defaults for optional attributes, in nested blocks too, and plans replacements.

import type { BlockSchema, ResourcePlanOutcome } from '../../provider.ts'
import { numsEqual, zero } from '../../values/number.ts'
import { list, type ObjectValue, object, set, type Value, valuesEqual, withMarks } from '../../values/value.ts'

/** The schema version of all resources, as in the real provider. */
export const schemaVersion = 1

/** Replaces null and unknown attributes with their defaults. */
export function withDefaults(value: ObjectValue, defaults: Readonly<Record<string, Value>>): ObjectValue {
  return object(
    [...value.entries].map(([name, entry]) => {
      const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
      return [name, fallback && (entry.kind === 'null' || entry.kind === 'unknown') ? fallback : entry]
    }),
  )
}

/** Maps the nested blocks of one type. */
export function changeBlocks(
  value: ObjectValue,
  name: string,
  change: (block: ObjectValue) => ObjectValue,
): ObjectValue {
  const blocks = value.entries.get(name)
  if (blocks?.kind !== 'list' && blocks?.kind !== 'set') return value
  const changed = blocks.elements.map((block) => (block.kind === 'object' ? change(block) : block))
  const mapped = blocks.kind === 'list' ? list(blocks.elementType, changed) : set(blocks.elementType, changed)
  return object([...value.entries, [name, withMarks(mapped, blocks.marks)]])
}

/** Plans an immutable object: any difference requires a replacement. */
export function planReplacement(
  prior: ObjectValue | null,
  planned: ObjectValue,
  schema: BlockSchema,
): ResourcePlanOutcome {
  if (!prior) return { planned }
  const normalized = keepZeros(planned, prior) as ObjectValue
  const changed = [...normalized.entries].filter(([name, value]) => {
    const before = prior.entries.get(name)
    return !schema.attributes[name]?.readOnly && before !== undefined && !valuesEqual(value, before)
  })
  return { planned: normalized, requiresReplace: changed.map(([name]) => [name]) }
}

/** An omitted attribute equals an empty string, zero or false in the state. */
function keepZeros(planned: Value, prior: Value): Value {
  if (planned.kind === 'null') return isZero(prior) ? prior : planned
  if (planned.kind === 'object' && prior.kind === 'object') {
    return object(
      [...planned.entries].map(([name, value]) => {
        const before = prior.entries.get(name)
        return [name, before ? keepZeros(value, before) : value] as const
      }),
    )
  }
  if (planned.kind === 'list' && prior.kind === 'list' && planned.elements.length === prior.elements.length) {
    const elements = planned.elements.map((element, index) => keepZeros(element, prior.elements[index] as Value))
    return withMarks(list(planned.elementType, elements), planned.marks)
  }
  return planned
}

function isZero(value: Value): boolean {
  if (value.kind === 'string') return value.value === ''
  if (value.kind === 'number') return numsEqual(value.value, zero)
  return value.kind === 'bool' && !value.value
}
