// `time_offset`: a base timestamp and a timestamp with an offset from it.

import type { ResourceType } from '../../provider.ts'
import { computed, noBlocks, num, optional, optionalComputed, text } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { numberType, stringType } from '../../values/type.ts'
import { isFullyKnown, type ObjectValue, string, unknown } from '../../values/value.ts'
import { checkTimestamps, differsIn, id, requireOneOf, timeFields, timestampField, triggers } from './schema.ts'
import { addUnits, fieldNames, fieldsOf, now, type Timestamp, writeTimestamp } from './timestamps.ts'

const offsets = ['days', 'hours', 'minutes', 'months', 'seconds', 'years'].map((unit) => `offset_${unit}`)

function withOffset(value: ObjectValue, base: Timestamp): ObjectValue {
  const shifted = addUnits(base, value, 'offset')
  const written = string(writeTimestamp(base))
  return withFields(value, {
    ...fieldsOf(shifted),
    base_rfc3339: written,
    id: written,
    rfc3339: string(writeTimestamp(shifted)),
  })
}

const unknownFields = Object.fromEntries([
  ...fieldNames.map((name) => [name, unknown(numberType)] as const),
  ...['id', 'rfc3339'].map((name) => [name, unknown(stringType)] as const),
])

export const timeOffset: ResourceType = {
  schema: {
    attributes: {
      ...timeFields,
      id,
      base_rfc3339: optionalComputed(text),
      rfc3339: computed(text),
      triggers,
      ...Object.fromEntries(offsets.map((name) => [name, optional(num)])),
    },
    blocks: noBlocks,
  },
  validate: (config) => [...checkTimestamps(config, ['base_rfc3339']), ...requireOneOf(config, offsets)],
  plan({ prior, proposed }) {
    if (!prior) return { planned: proposed }
    const base = timestampField(proposed, 'base_rfc3339')
    if (base && isFullyKnown(proposed) && differsIn(prior, proposed, offsets))
      return { planned: withOffset(proposed, base) }
    return { planned: differsIn(prior, proposed, ['base_rfc3339']) ? withFields(proposed, unknownFields) : proposed }
  },
  read: async (current) => ({ value: current }),
  create: async (planned) => ({ value: withOffset(planned, timestampField(planned, 'base_rfc3339') ?? now()) }),
  update: async (_prior, planned) => ({ value: withOffset(planned, timestampField(planned, 'base_rfc3339') ?? now()) }),
  delete: async () => ({ value: null }),
}
