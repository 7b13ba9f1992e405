// `time_static`: the time of its creation, or a configured timestamp.

import type { ResourceType } from '../../provider.ts'
import { forceNew, noBlocks, optionalComputed, text } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import { checkTimestamps, id, timeFields, timestampField, triggers } from './schema.ts'
import { fieldsOf, now, type Timestamp, writeTimestamp } from './timestamps.ts'

const withTimestamp = (value: ObjectValue, timestamp: Timestamp): ObjectValue => {
  const written = string(writeTimestamp(timestamp))
  return withFields(value, { ...fieldsOf(timestamp), rfc3339: written, id: written })
}

export const staticTime: ResourceType = {
  schema: { attributes: { ...timeFields, id, rfc3339: forceNew(optionalComputed(text)), triggers }, blocks: noBlocks },
  validate: (config) => checkTimestamps(config, ['rfc3339']),
  plan({ config, prior, proposed }) {
    const configured = timestampField(config, 'rfc3339')
    return { planned: configured && !prior ? withTimestamp(proposed, configured) : proposed }
  },
  read: async (current) => ({ value: current }),
  create: async (planned) => ({ value: withTimestamp(planned, timestampField(planned, 'rfc3339') ?? now()) }),
  update: async (_prior, planned) => ({ value: planned }),
  delete: async () => ({ value: null }),
}
