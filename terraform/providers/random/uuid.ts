// `random_uuid`, `random_uuid4` and `random_uuid7`.

import { randomBytes, randomUUID } from 'node:crypto'
import type { ResourceType } from '../../provider.ts'
import { computed, text } from '../../provider-schema.ts'
import { string } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'
import { keepers } from './keepers.ts'

const uuidForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

function uuidResource(create: () => string): ResourceType {
  const fieldsOf = (uuid: string) => ({ id: string(uuid), result: string(uuid) })
  return generatedResource({
    attributes: { id: computed(text), keepers, result: computed(text) },
    generate: () => fieldsOf(create()),
    parseId: (id) => (uuidForm.test(id) ? fieldsOf(id) : undefined),
  })
}

/** RFC 9562: version 7 starts with the milliseconds since 1970. */
function createTimeOrderedUuid(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export const randomUuid = uuidResource(randomUUID)
export const timeOrderedUuid = uuidResource(createTimeOrderedUuid)
