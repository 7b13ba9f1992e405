// The `null` provider: a resource and a data source without effects, for triggers and provisioners.

import { randomInt } from 'node:crypto'
import type { Provider } from '../../provider.ts'
import { computed, noBlocks, optional, optionalComputed, text, textMap } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { nullOf, string } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'

// As long as the ids of the real provider: up to 19 digits.
const newId = () => string(`${randomInt(1, 2 ** 47)}${String(randomInt(1e5)).padStart(5, '0')}`.slice(0, 19))

export const nullProvider: Provider = {
  name: 'null',
  source: 'hashicorp/null',
  compatibleVersion: '3.2',
  configuration: { attributes: {}, blocks: noBlocks },
  resources: {
    null_resource: generatedResource({
      attributes: { id: computed(text), triggers: optional(textMap) },
      generate: () => ({ id: newId() }),
      parseId: (id) => ({ id: string(id) }),
    }),
  },
  dataSources: {
    null_data_source: {
      schema: {
        attributes: {
          id: computed(text),
          inputs: optional(textMap),
          outputs: computed(textMap),
          random: computed(text),
          has_computed_default: optionalComputed(text),
        },
        blocks: noBlocks,
      },
      read: async (config) => ({
        value: withFields(config, {
          id: string('static'),
          outputs: config.entries.get('inputs') ?? nullOf(textMap),
          random: newId(),
          ...(config.entries.get('has_computed_default')?.kind === 'null' && {
            has_computed_default: string('default'),
          }),
        }),
      }),
    },
  },
}
