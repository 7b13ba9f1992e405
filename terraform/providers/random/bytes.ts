// `random_bytes` and `random_id`.

import { randomBytes } from 'node:crypto'
import type { ResourceType } from '../../provider.ts'
import { computed, num, optional, required, sensitive, text } from '../../provider-schema.ts'
import { numberField, textField } from '../../values/fields.ts'
import { int, string, type Value } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'
import { keepers, requireAtLeast } from './keepers.ts'

// The state stores the bytes as text.
const maxBytes = 1024 * 1024

const encodings = (bytes: Buffer) => ({ base64: string(bytes.toString('base64')), hex: string(bytes.toString('hex')) })

export const randomBytesResource: ResourceType = generatedResource({
  attributes: {
    length: required(num),
    keepers,
    base64: sensitive(computed(text)),
    hex: sensitive(computed(text)),
  },
  validate: (config) => requireAtLeast(config, 'length', 1),
  generate: (planned) => encodings(randomBytes(Math.min(numberField(planned, 'length') ?? 0, maxBytes))),
  parseId: (id) => ({ ...encodings(Buffer.from(id, 'base64')), length: int(Buffer.from(id, 'base64').length) }),
})

/** `id` is the value without the prefix. */
function idFields(bytes: Buffer, prefix: string): Record<string, Value> {
  const id = bytes.toString('base64url')
  const hex = bytes.toString('hex')
  return {
    id: string(id),
    b64_std: string(prefix + bytes.toString('base64')),
    b64_url: string(prefix + id),
    dec: string(prefix + BigInt(`0x${hex || '0'}`).toString()),
    hex: string(prefix + hex),
  }
}

export const randomId: ResourceType = generatedResource({
  attributes: {
    id: computed(text),
    byte_length: required(num),
    prefix: optional(text),
    keepers,
    b64_std: computed(text),
    b64_url: computed(text),
    dec: computed(text),
    hex: computed(text),
  },
  validate: (config) => requireAtLeast(config, 'byte_length', 1),
  generate: (planned) =>
    idFields(
      randomBytes(Math.min(numberField(planned, 'byte_length') ?? 0, maxBytes)),
      textField(planned, 'prefix') ?? '',
    ),
  parseId(written) {
    // A prefix may contain commas, the encoded bytes cannot.
    const at = written.lastIndexOf(',')
    const bytes = Buffer.from(written.slice(at + 1), 'base64url')
    const prefix = written.slice(0, Math.max(at, 0))
    return {
      ...idFields(bytes, prefix),
      byte_length: int(bytes.length),
      ...(prefix !== '' && { prefix: string(prefix) }),
    }
  },
})
