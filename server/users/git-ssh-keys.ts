// SSH key pairs with which workspaces authenticate to git servers: one Ed25519 pair per user, in OpenSSH format. The private
// key is stored encrypted.

import { generateSshKeyPair, type SshKeyPair } from '../../lib/openssh-key.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

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
