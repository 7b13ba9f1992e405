// Fills in what a template leaves out: optional attributes with the provider's defaults, inside blocks too.

import { type ObjectValue, object, type Value } from '../../values/value.ts'

/** Attributes that are null or not known yet get their default. */
export function withDefaults(value: ObjectValue, defaults: Readonly<Record<string, Value>>): ObjectValue {
  return object(
    [...value.entries].map(([name, entry]) => {
      const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
      return [name, fallback && (entry.kind === 'null' || entry.kind === 'unknown') ? fallback : entry]
    }),
  )
}
