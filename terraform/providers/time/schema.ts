// Shared by the types of the `time` provider: schema attributes, and the validation of timestamps.

import type { AttributeSchema, ProviderDiagnostic } from '../../provider.ts'
import { computed, forceNew, num, optional, text, textMap } from '../../provider-schema.ts'
import { textField } from '../../values/fields.ts'
import { type ObjectValue, valuesEqual } from '../../values/value.ts'
import { fieldNames, parseTimestamp, type Timestamp } from './timestamps.ts'

export const timeFields: Readonly<Record<string, AttributeSchema>> = Object.fromEntries(
  fieldNames.map((name) => [name, computed(num)]),
)

export const id = computed(text)

/** A change of these values forces a replacement. */
export const triggers = forceNew(optional(textMap))

/** Reports arguments that are not RFC 3339 timestamps. */
export function checkTimestamps(config: ObjectValue, names: readonly string[]): ProviderDiagnostic[] {
  return names.flatMap((name) => {
    const text = textField(config, name)
    if (text === undefined || parseTimestamp(text)) return []
    const detail = `"${name}" must be an RFC 3339 timestamp, such as "2026-11-24T08:00:00Z"; it is ${JSON.stringify(text)}.`
    return [{ severity: 'error', summary: 'Invalid RFC3339 String Value', detail, path: [name] }]
  })
}

/** Reports if none of the arguments is set. An unknown value counts as set. */
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
    const [before, after] = [a.entries.get(name), b.entries.get(name)]
    return before === undefined || after === undefined || !valuesEqual(before, after)
  })
