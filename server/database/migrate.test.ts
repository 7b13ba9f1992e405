import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  createEmptyDatabase,
  createTestDatabase,
  sharedPostgresVariable,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../testing/postgres.ts'
import { migrate } from './migrate.ts'

const run = promisify(execFile)

let postgres13: TestPostgres
beforeAll(async () => {
  postgres13 = await startTestPostgres({ major: 13 })
})
afterAll(() => postgres13.stop())

/** The migrations of an earlier version. */
function migrationsBefore(number: string): URL {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const isEarlier = (path: string) => !path.endsWith('.sql') || basename(path) < number
  cpSync(new URL('./migrations/', import.meta.url), folder, { recursive: true, filter: isEarlier })
  return pathToFileURL(`${folder}/`)
}

const servers = [
  { major: 18, adminUrl: () => process.env[sharedPostgresVariable] },
  { major: 13, adminUrl: () => postgres13.adminUrl },
]

describe.each(servers)('on PostgreSQL $major', ({ major, adminUrl }) => {
  let empty: TestDatabase
  beforeEach(async () => {
    empty = await createEmptyDatabase(adminUrl())
    return () => empty.drop()
  })

  test('a new database gets all migrations once', async () => {
    const [server] = await queryRows(empty.url, `select current_setting('server_version_num')::int / 10000 as major`)
    expect(server?.major).toBe(major)
    expect(await migrate(empty.url)).toContain('0001-deployment-and-people.sql')
    expect(await migrate(empty.url)).toEqual([])
    expect(await queryRows(empty.url, 'select name, is_default from organizations')).toEqual([
      { name: 'coder', is_default: true },
    ])
  })

  test('two processes that start simultaneously apply each migration once', async () => {
    const program = `
      const { migrate } = await import(${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)})
      console.log((await migrate(process.argv[1])).length)`
    const start = () => run(process.execPath, ['--input-type=module', '-e', program, empty.url])
    const counts = (await Promise.all([start(), start()])).map(({ stdout }) => Number(stdout))
    const [{ applied }] = (await queryRows(empty.url, 'select count(*)::int as applied from schema_migrations')) as [
      { applied: number },
    ]
    expect(counts.sort((a, b) => a - b)).toEqual([0, applied])
  })

  test('schema.ts matches the tables', async () => {
    await migrate(empty.url)
    expect(describedColumns()).toEqual(await actualColumns(empty.url))
  })

  test('tokens of agents become hashes; only those of external agents remain', async () => {
    await migrate(empty.url, migrationsBefore('0016'))
    const agents = await queryRows(
      empty.url,
      `with person as (insert into users (username, email) values ('ada', 'ada@example.com') returning id),
       file as (insert into files (hash, created_by, mimetype, data)
         select repeat('0', 64), id, 'application/x-tar', '' from person returning id, created_by),
       job as (insert into provisioner_jobs (organization_id, initiator_id, type, file_id)
         select organizations.id, file.created_by, 'workspace_build', file.id from organizations, file returning id),
       resource as (insert into workspace_resources (job_id, transition, type, name)
         select job.id, 'start', type, type from job, unnest(array['coder_external_agent', 'host_process']) type
         returning id, name)
       insert into workspace_agents (resource_id, name, operating_system, architecture)
         select id, name, 'linux', 'amd64' from resource returning name, auth_token`,
    )
    await migrate(empty.url)
    const migrated = 'select name, hashed_auth_token, auth_token from workspace_agents order by name'
    expect(await queryRows(empty.url, migrated)).toEqual(
      agents
        .toSorted((a, b) => String(a.name).localeCompare(String(b.name)))
        .map(({ name, auth_token: token }) => ({
          name,
          hashed_auth_token: createHash('sha256').update(String(token)).digest(),
          auth_token: name === 'coder_external_agent' ? token : null,
        })),
    )
  })

  test('the status of a job is derived from its timestamps and error', async () => {
    await migrate(empty.url)
    await queryRows(
      empty.url,
      `with person as (insert into users (username, email) values ('ada', 'ada@example.com') returning id),
       file as (insert into files (hash, created_by, mimetype, data)
         select repeat('0', 64), id, 'application/x-tar', '' from person returning id, created_by)
       insert into provisioner_jobs (organization_id, initiator_id, type, file_id)
         select organizations.id, file.created_by, 'workspace_build', file.id from organizations, file`,
    )
    const statusAfter = async (change: string) =>
      (await queryRows(empty.url, `update provisioner_jobs set ${change} returning job_status`))[0]?.job_status
    expect(await statusAfter('updated_at = now()')).toBe('pending')
    expect(await statusAfter('started_at = now()')).toBe('running')
    expect(await statusAfter('canceled_at = now()')).toBe('canceling')
    expect(await statusAfter('completed_at = now()')).toBe('canceled')
    expect(await statusAfter('canceled_at = null')).toBe('succeeded')
    expect(await statusAfter(`error = 'it broke'`)).toBe('failed')
  })
})

describe('migrations and a migrated database', () => {
  let database: TestDatabase
  let folder: string
  beforeEach(async () => {
    database = await createTestDatabase()
    folder = mkdtempSync(join(tmpdir(), 'migrations-'))
    cpSync(new URL('./migrations/', import.meta.url), folder, { recursive: true })
    return async () => {
      rmSync(folder, { recursive: true })
      await database.drop()
    }
  })
  const migrations = () => pathToFileURL(`${folder}/`)

  test('fail if the database has an unknown migration', async () => {
    await queryRows(database.url, `insert into schema_migrations (name, checksum) values ('9000-later.sql', 'x')`)
    await expect(migrate(database.url)).rejects.toThrow(
      'newer than this program: it contains the unknown migration 9000-later.sql',
    )
  })

  test('fail if an applied migration was edited', async () => {
    writeFileSync(join(folder, '0002-provisioning.sql'), 'select 1')
    await expect(migrate(database.url, migrations())).rejects.toThrow('0002-provisioning.sql was changed after')
  })

  test('fail if a new migration is numbered before applied ones', async () => {
    writeFileSync(join(folder, '0000-forgotten.sql'), 'select 1')
    await expect(migrate(database.url, migrations())).rejects.toThrow('0000-forgotten.sql is numbered before 0001')
  })

  test('match with CRLF line endings', async () => {
    const path = join(folder, '0002-provisioning.sql')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'))
    expect(await migrate(database.url, migrations())).toEqual([])
  })

  test('are rolled back on failure, with an error that contains the line', async () => {
    writeFileSync(join(folder, '9000-broken.sql'), 'create table half (id int);\n\nselect nonsense;')
    await expect(migrate(database.url, migrations())).rejects.toThrow('9000-broken.sql failed at line 3')
    expect(await queryRows(database.url, `select to_regclass('half') as half`)).toEqual([{ half: null }])
  })
})

async function queryRows(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** `table.column`, with `?` if it is nullable and `=` if it has a default. */
async function actualColumns(url: string): Promise<string[]> {
  // PostgreSQL reports all columns of views as nullable.
  const rows = await queryRows(
    url,
    `select table_name || '.' || column_name
       || case when is_nullable = 'YES' and table_name not in (select viewname from pg_views) then '?' else '' end
       || case when column_default is not null or is_generated = 'ALWAYS' then '=' else '' end as column
     from information_schema.columns where table_schema = 'public' and table_name <> 'schema_migrations'`,
  )
  return rows.map(({ column }) => column as string).sort()
}

function describedColumns(): string[] {
  const source = readFileSync(new URL('./schema.ts', import.meta.url), 'utf8')
  const fieldsOf = (name: string) => {
    const body = new RegExp(`interface ${name} \\{\n(.*?)\n\\}`, 's').exec(source)?.[1] ?? ''
    return [...body.matchAll(/^ {2}(\w+): (.*)$/gm)].map(([, field = '', type = '']) => ({ field, type }))
  }
  const mark = (type: string) => (/\| null$/.test(type) ? '?' : '') + (/^(Generated|CreatedAt)/.test(type) ? '=' : '')
  return fieldsOf('Database')
    .flatMap((table) => fieldsOf(table.type).map(({ field, type }) => `${table.field}.${field}${mark(type)}`))
    .sort()
}
