// `terraform_data`: stores a value, and is replaced when its trigger changes.

import { randomUUID } from 'node:crypto'
import type { ResourceType } from '../../provider.ts'
import { computed, forceNew, noBlocks, optional, text } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { dynamicType, stringType } from '../../values/type.ts'
import {
  nullOf,
  type ObjectValue,
  objectFrom,
  string,
  typeOf,
  unknown,
  unknownNotNull,
  type Value,
  valuesEqual,
} from '../../values/value.ts'

const inputOf = (value: ObjectValue): Value => value.entries.get('input') ?? nullOf()

export const dataResource: ResourceType = {
  schema: {
    attributes: {
      id: { ...computed(text), readOnlyMessage: '"id" attribute is read-only' },
      input: optional(dynamicType),
      output: { ...computed(dynamicType), readOnlyMessage: '"output" attribute is read-only' },
      triggers_replace: forceNew(optional(dynamicType)),
    },
    blocks: noBlocks,
  },
  plan({ prior, proposed }) {
    const input = inputOf(proposed)
    if (prior && valuesEqual(inputOf(prior), input)) return { planned: proposed }
    const output = input.kind === 'null' ? input : unknown(typeOf(input))
    return { planned: withFields(proposed, prior ? { output } : { id: unknownNotNull(stringType), output }) }
  },
  read: async (current) => ({ value: current }),
  create: async (planned) => ({ value: withFields(planned, { id: string(randomUUID()), output: inputOf(planned) }) }),
  update: async (_prior, planned) => ({ value: withFields(planned, { output: inputOf(planned) }) }),
  import: async (id) => ({
    value: objectFrom({ id: string(id), input: nullOf(), output: nullOf(), triggers_replace: nullOf() }),
  }),
  delete: async () => ({ value: null }),
}
