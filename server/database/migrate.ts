// Applies the migrations in migrations/ to a database: each once, in its own transaction, recorded with its checksum.
// Concurrent coderd processes wait for each other.
//
// Name and checksum identify a migration in existing databases: files are never renamed or edited, not even in their
// comments. This is why number 0005 is missing and 0004 and 0007 have the same name.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { advisoryLocks } from './advisory-locks.ts'

const migrationsFolder = new URL('./migrations/', import.meta.url)

// The oldest supported version; the migrations are tested on it.
const minServerVersion = 130000

const undefinedTable = '42P01'

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

interface AppliedMigration {
  readonly name: string
  readonly checksum: string
}

/** The database and this program are incompatible; the message states the remedy. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Applies pending migrations. Costs one query if there are none.
 * @param target a pool or a database URL.
 * @param folder the migrations; tests use their own.
 * @returns the names of the applied migrations.
 */
export async function migrate(target: pg.Pool | string, folder: URL = migrationsFolder): Promise<string[]> {
  const migrations = readMigrations(folder)
  if (typeof target !== 'string') {
    const client = await target.connect()
    try {
      return await runMigrations(client, migrations)
    } finally {
      client.release()
    }
  }
  const client = new pg.Client({ connectionString: target })
  await client.connect()
  try {
    return await runMigrations(client, migrations)
  } finally {
    await client.end()
  }
}

async function runMigrations(client: pg.ClientBase, migrations: readonly Migration[]): Promise<string[]> {
  if (findPending(migrations, await readApplied(client)).length === 0) return []
  await requireSupportedServer(client)
  const { rows } = await client.query<{ lock_timeout: string }>('show lock_timeout')
  // The migrations of another coderd may take longer than the lock timeout.
  await client.query('set lock_timeout = 0')
  await client.query('select pg_advisory_lock($1)', [advisoryLocks.migrations])
  try {
    await client.query(`create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz(3) not null default now())`)
    const toApply = findPending(migrations, await readApplied(client))
    for (const migration of toApply) await applyMigration(client, migration)
    return toApply.map(({ name }) => name)
  } finally {
    await client.query('select pg_advisory_unlock($1)', [advisoryLocks.migrations])
    await client.query(`select set_config('lock_timeout', $1, false)`, [rows[0]?.lock_timeout])
  }
}

function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => {
    // A checkout on Windows may have CRLF line endings.
    const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

async function readApplied(client: pg.ClientBase): Promise<AppliedMigration[]> {
  try {
    const { rows } = await client.query<AppliedMigration>('select name, checksum from schema_migrations order by name')
    return rows
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === undefinedTable) return []
    throw error
  }
}

/** @throws MigrationError unless the applied migrations are a prefix of those of this program. */
function findPending(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  for (const [index, { name, checksum }] of applied.entries()) {
    const ours = migrations.find((migration) => migration.name === name)
    if (!ours) {
      throw new MigrationError(
        `The database is newer than this program: it contains the unknown migration ${name}. ` +
          'Start the version that last used the database or a newer one, or use another database.',
      )
    }
    if (ours.checksum !== checksum) {
      throw new MigrationError(
        `The migration ${name} was changed after it was applied to this database. ` +
          'Restore the file and put the change into a new migration.',
      )
    }
    if (migrations[index] !== ours) {
      throw new MigrationError(
        `The migration ${migrations[index]?.name} is numbered before ${name}, which was already applied to this database. ` +
          'Give the new migration the next free number.',
      )
    }
  }
  return migrations.slice(applied.length)
}

async function requireSupportedServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  )
  if (rows[0] && rows[0].number < minServerVersion) {
    throw new MigrationError(
      `PostgreSQL ${rows[0].version} is not supported: version 13 or newer is required. Upgrade it, or use the bundled PostgreSQL.`,
    )
  }
}

/** PostgreSQL executes a query message with several statements as one transaction. */
async function applyMigration(client: pg.ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  const record = `insert into schema_migrations (name, checksum) values ('${name}', '${checksum}');`
  try {
    await client.query(`${sql}\n;${record}`)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    const line = sql.slice(0, Number(error.position ?? 1) - 1).split('\n').length
    throw new MigrationError(`The migration ${name} failed at line ${line} and was rolled back: ${error.message}.`, {
      cause: error,
    })
  }
}
