// `time_rotating`: a timestamp that expires after a period. Its replacement triggers that of its dependents.

import type { ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { forceNew, noBlocks, num, optional, optionalComputed, text } from '../../provider-schema.ts'
import { numberField, withFields } from '../../values/fields.ts'
import { isFullyKnown, nullOf, type ObjectValue, objectFrom, string } from '../../values/value.ts'
import { checkTimestamps, differsIn, id, requireOneOf, timeFields, timestampField, triggers } from './schema.ts'
import { addUnits, fieldsOf, now, type Timestamp, unixOf, writeTimestamp } from './timestamps.ts'

const periods = ['days', 'hours', 'minutes', 'months', 'years'].map((unit) => `rotation_${unit}`)

const endOf = (start: Timestamp, value: ObjectValue, period: string): Timestamp =>
  addUnits(start, objectFrom({ [period]: value.entries.get(period) ?? nullOf() }), 'rotation')

/** `explicitEnd` is the template's `rotation_rfc3339`, which overrides the periods. */
function withRotation(value: ObjectValue, start: Timestamp, explicitEnd: Timestamp | undefined): ObjectValue {
  const written = string(writeTimestamp(start))
  // Of several periods, the last one wins.
  const period = periods.findLast((name) => numberField(value, name) !== undefined)
  const end = explicitEnd ?? (period === undefined ? undefined : endOf(start, value, period))
  return withFields(value, {
    ...(end && { ...fieldsOf(end), rotation_rfc3339: string(writeTimestamp(end)) }),
    rfc3339: written,
    id: written,
  })
}

function checkPeriods(config: ObjectValue): ProviderDiagnostic[] {
  return periods.flatMap((name) => {
    const period = numberField(config, name)
    if (period === undefined || period >= 1) return []
    const detail = `"${name}" must be at least 1; it is ${period}.`
    return [{ severity: 'error', summary: 'Invalid Attribute Value', detail, path: [name] }]
  })
}

export const timeRotating: ResourceType = {
  schema: {
    attributes: {
      ...timeFields,
      id,
      rfc3339: forceNew(optionalComputed(text)),
      rotation_rfc3339: optionalComputed(text),
      triggers,
      ...Object.fromEntries(periods.map((name) => [name, optional(num)])),
    },
    blocks: noBlocks,
  },
  validate: (config) => [
    ...checkTimestamps(config, ['rfc3339', 'rotation_rfc3339']),
    ...checkPeriods(config),
    ...requireOneOf(config, [...periods, 'rotation_rfc3339']),
  ],
  plan({ config, prior, proposed }) {
    if (!prior || !differsIn(prior, proposed, [...periods, 'rotation_rfc3339'])) return { planned: proposed }
    const start = timestampField(proposed, 'rfc3339')
    const explicitEnd = timestampField(config, 'rotation_rfc3339')
    return { planned: start && isFullyKnown(proposed) ? withRotation(proposed, start, explicitEnd) : proposed }
  },
  async read(current) {
    const end = timestampField(current, 'rotation_rfc3339')
    return { value: end && unixOf(now()) > unixOf(end) ? null : current }
  },
  async create(planned) {
    const start = timestampField(planned, 'rfc3339') ?? now()
    return { value: withRotation(planned, start, timestampField(planned, 'rotation_rfc3339')) }
  },
  update: async (_prior, planned) => ({ value: planned }),
  delete: async () => ({ value: null }),
}
