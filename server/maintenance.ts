// Maintenance of a deployment by its local user, without signing in and without a running coderd: open its database,
// set a password, create an owner, change the encryption key. Used by the command line only.

import { ApiError } from '../api/errors.ts'
import type { Config } from './config.ts'
import { connectDatabase, type Db, isUniqueViolation, verifyConnection } from './database/connect.ts'
import { migrate } from './database/migrate.ts'
import { findRunningPostgres, startBuiltinPostgres } from './database/postgres/builtin-postgres.ts'
import { deleteLostSecrets, type Rotation, rotateKey } from './encryption/rotate-key.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { assertStrongPassword, hashPassword } from './users/passwords.ts'
import { insertUser } from './users/users.ts'

export interface OpenPostgres {
  readonly url: string
  /** Stops the database if this started it. */
  close(): Promise<void>
}

/** Opens the configured external database, that of a running coderd, or the built-in one after starting it.
 *  @throws StartError when it fails to start. */
export async function openPostgres(config: Pick<Config, 'postgresUrl' | 'dataDir'>): Promise<OpenPostgres> {
  const nothing = async () => undefined
  if (config.postgresUrl !== '') return { url: config.postgresUrl, close: nothing }
  const running = findRunningPostgres(config.dataDir)
  if (running) return { url: running, close: nothing }
  const postgres = await startBuiltinPostgres({ dataDir: config.dataDir })
  return { url: postgres.url, close: () => postgres.stop() }
}

async function withDatabase<T>(config: Config, work: (db: Db) => Promise<T>): Promise<T> {
  if (config.postgresUrl !== '') await verifyConnection(config.postgresUrl)
  const postgres = await openPostgres(config)
  try {
    const { db, pool, close } = connectDatabase({ url: postgres.url, maxConnections: 2 })
    try {
      await migrate(pool)
      return await work(db)
    } finally {
      await close()
    }
  } finally {
    await postgres.close()
  }
}

/** Sets a password and ends the user's sessions, which may be compromised, too.
 *  @param user a name or an email. @throws ApiError 400 for a weak password, 404 when there is no such user. */
export async function resetPassword(config: Config, user: string, password: string): Promise<{ username: string }> {
  assertStrongPassword(password)
  const hashedPassword = await hashPassword(password)
  return withDatabase(config, (db) =>
    db.transaction().execute(async (tx) => {
      const row = await tx
        .updateTable('users')
        .set({ hashed_password: hashedPassword, login_type: 'password', updated_at: new Date() })
        .where('deleted', '=', false)
        .where((eb) => eb.or([eb('username', 'ilike', escapePattern(user)), eb('email', 'ilike', escapePattern(user))]))
        .returning(['id', 'username'])
        .executeTakeFirst()
      if (!row) throw new ApiError(404, `User ${user} not found.`)
      await tx.deleteFrom('api_keys').where('user_id', '=', row.id).where('login_type', '=', 'password').execute()
      return row
    }),
  )
}

const escapePattern = (text: string) => text.replace(/[\\%_]/g, '\\$&')

export interface NewOwner {
  readonly username: string
  readonly email: string
  readonly password: string
}

/** @throws ApiError 400 for a weak password, 409 when the name or the email is taken. */
export async function createAdminUser(config: Config, owner: NewOwner): Promise<{ id: string }> {
  assertStrongPassword(owner.password)
  const hashedPassword = await hashPassword(owner.password)
  const user = {
    ...owner,
    name: '',
    hashedPassword,
    loginType: 'password',
    status: 'active',
    roles: ['owner'],
  } as const
  return withDatabase(config, (db) =>
    db
      .transaction()
      .execute((tx) => insertUser(tx, { ...user, roles: ['owner'] }))
      .catch((error: unknown) => {
        if (isUniqueViolation(error)) throw new ApiError(409, 'The username or the email is taken.')
        throw error
      }),
  )
}

/** coderd must be stopped: it would encrypt with the earlier key. */
export const rotateEncryptionKey = (config: Config): Promise<Rotation> =>
  whileStopped(config, () => withDatabase(config, (db) => rotateKey(config, db)))

/** @returns the number of deleted secrets */
export const deleteUnreadableSecrets = (config: Config): Promise<number> =>
  whileStopped(config, () => withDatabase(config, (db) => deleteLostSecrets(config, db)))

/** @throws AlreadyRunningError */
async function whileStopped<T>(config: Config, work: () => Promise<T>): Promise<T> {
  const unlock = takeInstanceLock(config.dataDir)
  try {
    return await work()
  } finally {
    unlock()
  }
}
