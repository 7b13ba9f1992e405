// The `random` provider: values that are generated once and stored in the state. It has no effects outside the state.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { randomBytesResource, randomId } from './bytes.ts'
import { randomInteger, randomShuffle } from './choices.ts'
import { randomPet } from './pet.ts'
import { randomPassword, randomString } from './text.ts'
import { randomUuid, timeOrderedUuid } from './uuid.ts'

export const randomProvider: Provider = {
  name: 'random',
  source: 'hashicorp/random',
  compatibleVersion: '3.8',
  configuration: { attributes: {}, blocks: noBlocks },
  resources: {
    random_bytes: randomBytesResource,
    random_id: randomId,
    random_integer: randomInteger,
    random_password: randomPassword,
    random_pet: randomPet,
    random_shuffle: randomShuffle,
    random_string: randomString,
    random_uuid: randomUuid,
    random_uuid4: randomUuid,
    random_uuid7: timeOrderedUuid,
  },
  dataSources: {},
}
