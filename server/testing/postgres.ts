// PostgreSQL for tests: the built-in server, without fsync and in memory where the system has a file system for that. Each
// test database is a copy of one migrated template.

import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { identifyProcess, isAlive } from '../../lib/process-identity.ts'
import { migrate } from '../database/migrate.ts'
import { packagedPostgres } from '../database/postgres/binaries.ts'
import { startBuiltinPostgres } from '../database/postgres/builtin-postgres.ts'
import { isClusterProcess, processExists, readPidFile } from '../database/postgres/pid-file.ts'

export interface TestPostgres {
  /** Connects a superuser to the database `postgres`, which contains no tables of coderd. */
  readonly adminUrl: string
  /** Stops the server and deletes its folder. */
  stop(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** The environment variable with the admin URL of the server that the test run shares. */
export const sharedPostgresVariable = 'CODER_LOCAL_TEST_POSTGRES'

const migratedTemplate = 'migrated'

const disposableSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '128MB',
  max_connections: '200',
}

// Creating and deleting the 300 files of a database takes half of PostgreSQL's processor time on ext4.
const memoryFolder = '/dev/shm'
const minMemoryBytes = 2 * 1024 ** 3

/** The memory file system if it is large enough; in containers it often has 64 MB. */
function clusterParent(): string {
  if (!existsSync(memoryFolder)) return tmpdir()
  const { bavail, bsize } = statfsSync(memoryFolder)
  return bavail * bsize >= minMemoryBytes ? memoryFolder : tmpdir()
}

/** @param major 18 is bundled with the application; 13 is the oldest supported version. */
export async function startTestPostgres({ major = 18 }: { major?: 13 | 18 } = {}): Promise<TestPostgres> {
  removeOrphanServers()
  const folder = mkdtempSync(join(clusterParent(), `${folderPrefix}${process.pid}-`))
  writeFileSync(join(folder, ownerFile), JSON.stringify(identifyProcess(process.pid)))
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

/** A migrated database. @param adminUrl defaults to the server that the test run shares. */
export async function createTestDatabase(adminUrl = sharedAdminUrl()): Promise<TestDatabase> {
  return createDatabase(adminUrl, migratedTemplate)
}

/** A database without tables. */
export async function createEmptyDatabase(adminUrl = sharedAdminUrl()): Promise<TestDatabase> {
  return createDatabase(adminUrl, 'template1')
}

async function createDatabase(adminUrl: string, template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const [server] = await query(adminUrl, `select current_setting('server_version_num')::int as version`)
  // Before version 15 this is the only strategy. Without fsync it is also the fastest: 20 ms instead of 40 to 200 ms.
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
  throw new Error('This run has no shared PostgreSQL. Start the tests with vitest, or call startTestPostgres.')
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
const ownerFile = 'owner.json'

/** Removes the servers of killed test runs: PostgreSQL survives its parent by design, and no later run adopts it. */
function removeOrphanServers(): void {
  for (const parent of [memoryFolder, tmpdir()].filter((folder) => existsSync(folder))) {
    for (const name of readdirSync(parent)) {
      if (name.startsWith(folderPrefix) && !isOwnerAlive(parent, name)) removeServer(join(parent, name))
    }
  }
}

function isOwnerAlive(parent: string, name: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(join(parent, name, ownerFile), 'utf8')))
  } catch {
    // The owner has not written the file yet, or another run is removing the folder.
    return processExists(Number(name.slice(folderPrefix.length).split('-')[0]))
  }
}

function removeServer(folder: string): void {
  try {
    const cluster = join(realpathSync(folder), 'postgres')
    const postmaster = readPidFile(cluster)
    if (postmaster && isClusterProcess(postmaster.pid, cluster)) process.kill(postmaster.pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    if (!isRemovedConcurrently(error) && !isOfAnotherUser(error)) throw error
  }
}

/** Another run removes the same folder, or the processes in it exit. */
const isRemovedConcurrently = (error: unknown): boolean => hasCode(error, ['ENOENT', 'ENOTEMPTY', 'ESRCH'])

const isOfAnotherUser = (error: unknown): boolean => hasCode(error, ['EACCES', 'EPERM'])

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))
