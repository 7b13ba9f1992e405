// Encryption of secrets in the database with AES-256-GCM. Each value is stored with the ID of its key, so that values of
// earlier keys remain readable, and is bound to its row, so that it cannot be moved to another one.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { ApiError } from '../../api/errors.ts'

export interface EncryptionKey {
  /** Derived from the key. */
  readonly id: string
  readonly bytes: Buffer
}

export interface EncryptedValue {
  readonly keyId: string
  /** Nonce, ciphertext and authentication tag. */
  readonly data: Buffer
}

/** A row and column, such as `git_ssh_keys.private_key/<user ID>`. */
export type Binding = `${string}.${string}/${string}`

export interface Encryption {
  /** The key that encrypts. */
  readonly activeKeyId: string
  /** The keys that decrypt. */
  readonly keyIds: readonly string[]
  encrypt(value: string | Buffer, binding: Binding): EncryptedValue
  /** @param remedy what to do without the key: a sentence
   *  @throws MissingKeyError; Error if the value was modified or moved */
  decrypt(value: EncryptedValue, binding: Binding, remedy: string): Buffer
}

/** The value was encrypted with a key that this coderd does not have. */
export class MissingKeyError extends ApiError {
  constructor(binding: Binding, keyId: string, remedy: string) {
    const column = binding.slice(0, binding.indexOf('/'))
    super(
      500,
      `Could not decrypt ${column}: the encryption key ${keyId} is missing. ` +
        `Restore the file ${keyFileName} of the data folder from a backup and restart coderd. ${remedy}`,
    )
  }
}

export const keyFileName = 'encryption-keys'

const keyBytes = 32
const algorithm = 'aes-256-gcm'
// The nonce length for which GCM is defined. Random nonces are safe for 2^32 values of one key.
const nonceBytes = 12
const tagBytes = 16

/** @param keys the active key first */
export function createEncryption(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Encryption {
  const [active] = keys
  const byId = new Map(keys.map((key) => [key.id, key]))
  return {
    activeKeyId: active.id,
    keyIds: [...byId.keys()],
    encrypt(value, binding) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, active.bytes, nonce, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(binding))
      const data = Buffer.concat([nonce, cipher.update(Buffer.from(value)), cipher.final(), cipher.getAuthTag()])
      return { keyId: active.id, data }
    },
    decrypt({ keyId, data }, binding, remedy) {
      const key = byId.get(keyId)
      if (!key) throw new MissingKeyError(binding, keyId, remedy)
      const decipher = createDecipheriv(algorithm, key.bytes, data.subarray(0, nonceBytes), { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(binding)).setAuthTag(data.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(data.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch (cause) {
        throw new Error(`The encrypted value ${binding} was modified outside coderd.`, { cause })
      }
    },
  }
}

export const generateKey = (): EncryptionKey => toKey(randomBytes(keyBytes))

/** Null unless the text is a base64-encoded key. */
export function parseKey(text: string): EncryptionKey | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === keyBytes && /^[A-Za-z0-9+/]{43}=?$/.test(text) ? toKey(bytes) : null
}

/** The key is random, so the hash reveals nothing about it. */
function toKey(bytes: Buffer): EncryptionKey {
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 12), bytes }
}
