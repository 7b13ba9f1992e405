// Brings a database to the tables this program was written for. Each file of migrations/ runs once, in its own
// transaction, and is recorded with its checksum; several coderd at once take turns.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { advisoryLocks } from './advisory-locks.ts'

const migrationsFolder = new URL('./migrations/', import.meta.url)

// What servers' administrators still run, and what the migrations are tested on.
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

/** The database and the program don't fit; the message says which of them is to be changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Applies what is missing. One query when nothing is.
 * @param target a pool, or the URL of the database.
 * @param folder where the migrations are; another than the program's own only in tests.
 * @returns the names of the migrations that were applied now.
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
  // Another coderd that migrates may take its time.
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
    // A checkout on Windows may have other line ends; the migration is the same.
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

/** What is still to apply. Throws unless what was applied is a beginning of what the program has. */
function findPending(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  for (const [index, { name, checksum }] of applied.entries()) {
    const ours = migrations.find((migration) => migration.name === name)
    if (!ours) {
      throw new MigrationError(
        `The database is newer than this program: it was changed by ${name}, which is not known here. ` +
          'Start the version that last used it or a later one, or give this one another database.',
      )
    }
    if (ours.checksum !== checksum) {
      throw new MigrationError(
        `The migration ${name} was changed after it had been applied to this database. ` +
          'Restore the file as it was and put the change into a new migration.',
      )
    }
    if (migrations[index] !== ours) {
      throw new MigrationError(
        `The migration ${migrations[index]?.name} stands before ${name}, which this database has already applied. ` +
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
      `PostgreSQL ${rows[0].version} is too old: 13 or newer is needed. Upgrade the server or use the built-in one.`,
    )
  }
}

/** One message of several statements is one transaction in PostgreSQL, and one round trip. */
async function applyMigration(client: pg.ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  const record = `insert into schema_migrations (name, checksum) values ('${name}', '${checksum}');`
  try {
    await client.query(`${sql}\n;${record}`)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    const line = sql.slice(0, Number(error.position ?? 1) - 1).split('\n').length
    throw new MigrationError(
      `The migration ${name} failed at line ${line}: ${error.message}. Nothing of it was kept.`,
      {
        cause: error,
      },
    )
  }
}
