// SSH key pairs with which workspaces authenticate to git servers: one Ed25519 pair per user, in OpenSSH format. The private
// key is stored encrypted.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

export interface SshKeyPair {
  /** `authorized_keys` line without comment. */
  readonly publicKey: string
  /** Content of `id_ed25519`. */
  readonly privateKey: string
}

/** Returns the key pair of a user as stored; created on first use. */
export async function ensureGitSshKey(db: Db, encryption: Encryption, userId: string): Promise<Row<'git_ssh_keys'>> {
  const found = await db.selectFrom('git_ssh_keys').selectAll().where('user_id', '=', userId).executeTakeFirst()
  if (found) return found
  await db
    .insertInto('git_ssh_keys')
    .values({ user_id: userId, ...encryptKeyPair(encryption, userId, generateSshKeyPair()) })
    // Concurrent first requests return the same pair.
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return await db.selectFrom('git_ssh_keys').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow()
}

const bindingOf = (userId: string) => `git_ssh_keys.private_key/${userId}` as const

/** The columns of a key pair. */
export function encryptKeyPair(encryption: Encryption, userId: string, { publicKey, privateKey }: SshKeyPair) {
  const { data, keyId } = encryption.encrypt(privateKey, bindingOf(userId))
  return { public_key: publicKey, private_key: data.toString('base64'), private_key_key_id: keyId }
}

/** @throws MissingKeyError */
export function decryptPrivateKey(encryption: Encryption, row: Row<'git_ssh_keys'>): string {
  const { user_id, private_key, private_key_key_id: keyId } = row
  if (keyId === null) return private_key
  const value = { keyId, data: Buffer.from(private_key, 'base64') }
  const remedy = 'Without it, regenerate the Git SSH key in the account settings, and register the new public key.'
  return encryption.decrypt(value, bindingOf(user_id), remedy).toString('utf8')
}

const keyType = 'ssh-ed25519'
const magic = Buffer.from('openssh-key-v1\0')

export function generateSshKeyPair(): SshKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const { d = '' } = privateKey.export({ format: 'jwk' })
  const point = Buffer.from(x, 'base64url')
  const seed = Buffer.from(d, 'base64url')
  const publicBlob = Buffer.concat([text(keyType), text(point)])
  return {
    publicKey: `${keyType} ${publicBlob.toString('base64')}\n`,
    privateKey: toPem(Buffer.concat([magic, envelope(publicBlob, privateSection(point, seed))])),
  }
}

/** Unencrypted container: no cipher, no KDF, one key. */
function envelope(publicBlob: Buffer, secret: Buffer): Buffer {
  return Buffer.concat([text('none'), text('none'), text(''), number(1), text(publicBlob), text(secret)])
}

function privateSection(point: Buffer, seed: Buffer): Buffer {
  // Two equal numbers, which readers compare after decryption.
  const check = randomBytes(4)
  const comment = text('')
  const body = Buffer.concat([check, check, text(keyType), text(point), text(Buffer.concat([seed, point])), comment])
  // Padded with 1, 2, 3 … to the block size, which is 8 without a cipher.
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, at) => at + 1))
  return Buffer.concat([body, padding])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Encodes an SSH string: length and bytes. */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}
