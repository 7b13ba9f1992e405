// A real PostgreSQL for tests: the supervised one, in a temporary folder and without fsync, and as many migrated
// databases in it as tests ask for, each a copy of one template.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../database/migrate.ts'
import { packagedPostgres } from '../database/postgres/binaries.ts'
import { startBuiltinPostgres } from '../database/postgres/builtin-postgres.ts'
import { isClusterProcess, processExists, readPidFile } from '../database/postgres/pid-file.ts'

export interface TestPostgres {
  /** A superuser's connection to the database `postgres`, which has no tables of ours. */
  readonly adminUrl: string
  /** Takes the whole server and its folder away. */
  stop(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** How the server that the whole test run shares is told to the tests' processes. */
export const sharedPostgresVariable = 'CODER_LOCAL_TEST_POSTGRES'

const migratedTemplate = 'migrated'

const disposableSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }

/** @param major 18 is what we ship; 13 is the oldest that the migrations must run on. */
export async function startTestPostgres({ major = 18 }: { major?: 13 | 18 } = {}): Promise<TestPostgres> {
  sweepAbandoned()
  const folder = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const postgres = await startBuiltinPostgres({
    dataDir: folder,
    postgresDir: major === 13 ? packagedPostgres('postgres-13-linux-x64') : undefined,
    extraSettings: disposableSettings,
  })
  const adminUrl = postgres.url
  await query(adminUrl, `create database ${migratedTemplate}`)
  await migrate(withDatabase(adminUrl, migratedTemplate))
  return {
    adminUrl,
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A migrated database of the caller's own. @param adminUrl of the run's shared server unless another is given. */
export async function createTestDatabase(adminUrl = sharedAdminUrl()): Promise<TestDatabase> {
  return createDatabase(adminUrl, migratedTemplate)
}

/** A database without any table. */
export async function createEmptyDatabase(adminUrl = sharedAdminUrl()): Promise<TestDatabase> {
  return createDatabase(adminUrl, 'template1')
}

async function createDatabase(adminUrl: string, template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const [server] = await query(adminUrl, `select current_setting('server_version_num')::int as version`)
  // Copying files is the only way before 15, and without fsync the fastest one since: 20 ms instead of 40 to 200.
  const strategy = server?.version >= 150000 ? ' strategy file_copy' : ''
  await query(adminUrl, `create database ${name} template ${template}${strategy}`)
  return {
    url: withDatabase(adminUrl, name),
    drop: async () => {
      await query(adminUrl, `drop database ${name} with (force)`)
    },
  }
}

function sharedAdminUrl(): string {
  const url = process.env[sharedPostgresVariable]
  if (url) return url
  throw new Error('No PostgreSQL is shared by this run: start the tests with vitest, or call startTestPostgres.')
}

function withDatabase(url: string, database: string): string {
  return url.replace(/\/postgres(?=\?|$)/, `/${database}`)
}

async function query(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const folderPrefix = 'coder-local-test-postgres-'

/** PostgreSQL outlives a killed test run on purpose of its supervisor; here nobody will ever adopt it. */
function sweepAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix))) {
    if (processExists(Number(name.slice(folderPrefix.length).split('-')[0]))) continue
    const folder = join(tmpdir(), name)
    const cluster = join(realpathSync(folder), 'postgres')
    const holder = readPidFile(cluster)
    if (holder && isClusterProcess(holder.pid, cluster)) process.kill(holder.pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
}
