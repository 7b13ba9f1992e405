// Fills in what a template leaves out: optional attributes with the provider's defaults, inside blocks too.

import { list, type ObjectValue, object, set, type Value } from '../../values/value.ts'

/** Of every resource, as the real provider numbers them. */
export const schemaVersion = 1

/** Attributes that are null or not known yet get their default. */
export function withDefaults(value: ObjectValue, defaults: Readonly<Record<string, Value>>): ObjectValue {
  return object(
    [...value.entries].map(([name, entry]) => {
      const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
      return [name, fallback && (entry.kind === 'null' || entry.kind === 'unknown') ? fallback : entry]
    }),
  )
}

/** Changes each of the nested blocks of one type. */
export function changeBlocks(
  value: ObjectValue,
  name: string,
  change: (block: ObjectValue) => ObjectValue,
): ObjectValue {
  const blocks = value.entries.get(name)
  if (blocks?.kind !== 'list' && blocks?.kind !== 'set') return value
  const changed = blocks.elements.map((block) => (block.kind === 'object' ? change(block) : block))
  const collect = blocks.kind === 'list' ? list : set
  return object([...value.entries, [name, { ...collect(blocks.elementType, changed), marks: blocks.marks }]])
}
