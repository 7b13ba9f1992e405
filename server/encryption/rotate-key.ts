// Maintenance of the encryption keys while coderd is stopped.

import { sql } from 'kysely'
import type { Db } from '../database/connect.ts'
import { StartError } from '../database/start-error.ts'
import { createEncryption, generateKey } from './encryption.ts'
import { type KeyConfig, readKeyFile, readKeys, writeKeyFile } from './key-file.ts'
import { encryptedColumns, reencrypt } from './reencrypt.ts'

export interface Rotation {
  readonly keyId: string
  /** Number of values that were encrypted again. */
  readonly count: number
}

/** Encrypts all secrets with a new key and removes the earlier keys from the key file. Can be repeated after an
 *  interruption: until the end, the file contains the earlier keys too. */
export async function rotateKey(config: KeyConfig, db: Db): Promise<Rotation> {
  if (config.externalTokenEncryptionKeys.length > 0) {
    throw new StartError(
      'The keys are configured in CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS. Insert a new key before them there and restart ' +
        'coderd, which then encrypts all secrets again. Generate one with: openssl rand -base64 32',
    )
  }
  const key = generateKey()
  writeKeyFile(config.dataDir, [key, ...readKeyFile(config.dataDir)])
  await db.insertInto('encryption_keys').values({ id: key.id }).execute()
  const encryption = createEncryption([key, ...readKeyFile(config.dataDir)])
  const count = await reencrypt(db, encryption)
  await removeUnusedKeys(
    db,
    encryption.keyIds.filter((id) => id !== key.id),
  )
  writeKeyFile(config.dataDir, [key])
  return { keyId: key.id, count }
}

/** Deletes the secrets of keys that this data folder does not have, as the last resort after their loss.
 *  @returns the number of deleted values */
export async function deleteLostSecrets(config: KeyConfig, db: Db): Promise<number> {
  const known = readKeys(config).map(({ id }) => id)
  const lost = (await db.selectFrom('encryption_keys').select('id').execute()).filter(({ id }) => !known.includes(id))
  return await db.transaction().execute(async (tx) => {
    let count = 0
    for (const { table, column, whenLost } of encryptedColumns) {
      const keyId = sql.ref(`${column}_key_id`)
      const isLost = sql`${keyId} is not null and not (${keyId} = any(${known}))`
      const change =
        whenLost === 'no row'
          ? sql`delete from ${sql.table(table)} where ${isLost}`
          : sql`update ${sql.table(table)} set ${keyId} = null, ${sql.ref(column)} = ${whenLost === 'default' ? sql.ref('default_value') : sql.lit(null)} where ${isLost}`
      count += Number((await change.execute(tx)).numAffectedRows ?? 0)
    }
    await removeUnusedKeys(
      tx,
      lost.map(({ id }) => id),
    )
    return count
  })
}

/** Foreign keys refuse to remove a key in use. */
async function removeUnusedKeys(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('encryption_keys').where('id', 'in', ids).execute()
}
