// What the types of the `time` provider have in common: arguments that must be points in time, and what follows from one.

import type { AttributeSchema, ProviderDiagnostic } from '../../provider.ts'
import { computed, forceNew, num, optional, text, textMap } from '../../provider-schema.ts'
import { textField } from '../../values/fields.ts'
import { type ObjectValue, valuesEqual } from '../../values/value.ts'
import { fieldNames, parseTimestamp, type Timestamp } from './timestamps.ts'

export const timeFields: Readonly<Record<string, AttributeSchema>> = Object.fromEntries(
  fieldNames.map((name) => [name, computed(num)]),
)

export const id = computed(text)

/** Values whose change makes a new object. */
export const triggers = forceNew(optional(textMap))

/** Tells a text that is no point in time. */
export function checkTimestamps(config: ObjectValue, names: readonly string[]): ProviderDiagnostic[] {
  return names.flatMap((name) => {
    const given = textField(config, name)
    if (given === undefined || parseTimestamp(given)) return []
    const detail = `"${name}" is a point in time such as "2026-11-24T08:00:00Z"; it is ${JSON.stringify(given)}.`
    return [{ severity: 'error', summary: 'Invalid RFC3339 String Value', detail, path: [name] }]
  })
}

/** Tells when none of the arguments is there. One that is not known yet may be. */
export function requireOneOf(config: ObjectValue, names: readonly string[]): ProviderDiagnostic[] {
  if (names.some((name) => config.entries.get(name)?.kind !== 'null')) return []
  const detail = `At least one of these must be set: ${names.join(', ')}.`
  return [{ severity: 'error', summary: 'Missing Attribute Configuration', detail }]
}

export const timestampField = (value: ObjectValue, name: string): Timestamp | undefined => {
  const written = textField(value, name)
  return written === undefined ? undefined : parseTimestamp(written)
}

export const differsIn = (a: ObjectValue, b: ObjectValue, names: readonly string[]): boolean =>
  names.some((name) => {
    const [one, other] = [a.entries.get(name), b.entries.get(name)]
    return one === undefined || other === undefined || !valuesEqual(one, other)
  })
