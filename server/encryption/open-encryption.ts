// Opens the encryption of a deployment at start-up: reads or creates the keys, registers the active one in the database,
// and reports keys that the database uses but this coderd does not have.

import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.ts'
import type { Db } from '../database/connect.ts'
import { StartError } from '../database/start-error.ts'
import { createEncryption, type Encryption, type EncryptionKey, generateKey } from './encryption.ts'
import { type KeyConfig, keyFilePath, readKeys, writeKeyFile } from './key-file.ts'

/** @throws StartError if the keys are invalid, or if other coderds of an external database use other keys */
export async function openEncryption(
  config: KeyConfig & Pick<Config, 'postgresUrl'>,
  db: Db,
  log: Pick<FastifyBaseLogger, 'error'>,
): Promise<Encryption> {
  const used = (await db.selectFrom('encryption_keys').select('id').orderBy('created_at').execute()).map(({ id }) => id)
  const keys = readKeys(config)
  const known = new Set(keys.map(({ id }) => id))
  const missing = used.filter((id) => !known.has(id))
  // Otherwise each coderd of the database would encrypt with a key that the others do not have.
  if (missing.length > 0 && missing.length === used.length && isShared(config))
    throw new StartError(explainMissing(config, missing))
  const [active = createKeyFile(config.dataDir), ...others] = keys
  await db
    .insertInto('encryption_keys')
    .values({ id: active.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  if (missing.length > 0) log.error({ keys: missing }, explainMissing(config, missing))
  return createEncryption([active, ...others])
}

/** A key that an operator configures explicitly is accepted as the new one. */
const isShared = ({ postgresUrl, externalTokenEncryptionKeys }: KeyConfig & Pick<Config, 'postgresUrl'>) =>
  postgresUrl !== '' && externalTokenEncryptionKeys.length === 0

function createKeyFile(dataDir: string): EncryptionKey {
  const key = generateKey()
  writeKeyFile(dataDir, [key])
  return key
}

const explainMissing = (
  { dataDir, postgresUrl }: Pick<Config, 'dataDir' | 'postgresUrl'>,
  missing: readonly string[],
): string =>
  `The database contains values encrypted with keys that this coderd does not have: ${missing.join(', ')}. ` +
  `Restore ${keyFilePath(dataDir)} from a backup` +
  (postgresUrl === ''
    ? ' and restart. '
    : ', copy it from the data folder of another coderd on this database, or set CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS, ' +
      'and restart. If the keys are lost, start with a new key in CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS. ') +
  'Without the keys, running workspaces keep running, and users, templates, terminals and logs work. ' +
  'Workspaces whose state is lost cannot be built: delete them with "coder delete --orphan" and remove their resources by ' +
  'hand. Users regenerate their Git SSH key in the account settings. Push a new version of templates with sensitive ' +
  'variables. To give up all unreadable values at once, stop coderd and run "coder server dbcrypt delete".'
