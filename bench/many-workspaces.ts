// Inserts thousands of workspaces into the database of a deployment: copies of a built workspace, without its processes.

import pg from 'pg'
import { findRunningPostgres } from '../server/database/postgres/builtin-postgres.ts'
import type { Fixture } from './fixture.ts'

/** Values of the columns that differ: SQL over `n`, the number of the copy, and `original`, the copied row. */
type ColumnValues = Readonly<Record<string, string>>

const id = (kind: string) => `md5('${kind}' || n)::uuid`

const copiedTables: readonly { table: string; where: string; columns: ColumnValues }[] = [
  { table: 'workspaces', where: `id = $1`, columns: { id: id('workspace'), name: `'copy-' || n` } },
  {
    table: 'provisioner_jobs',
    where: `id = (select job_id from workspace_builds where workspace_id = $1 order by build_number desc limit 1)`,
    columns: { id: id('job') },
  },
  {
    table: 'workspace_builds',
    where: `id = (select id from workspace_builds where workspace_id = $1 order by build_number desc limit 1)`,
    columns: { id: id('build'), workspace_id: id('workspace'), job_id: id('job') },
  },
  {
    table: 'workspace_resources',
    where: `id = (select resource_id from workspace_agents where id = $2)`,
    columns: { id: id('resource'), job_id: id('job') },
  },
  {
    table: 'workspace_agents',
    where: `id = $2`,
    columns: {
      id: id('agent'),
      resource_id: id('resource'),
      hashed_auth_token: `sha256(convert_to('token' || n, 'UTF8'))`,
    },
  },
]

/** @param from number of the first copy; the last is `count` */
export async function copyWorkspace(fixture: Fixture, workspaceId: string, from: number, count: number): Promise<void> {
  const { deployment, agent } = fixture
  const url = findRunningPostgres(deployment.dataDir)
  if (!url) throw new Error('The deployment does not run its own PostgreSQL.')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const { table, where, columns } of copiedTables) {
      const names = await columnsOf(client, table)
      const values = names.map((name) => columns[name] ?? `original.${name}`)
      const ids = [workspaceId, agent.id].filter((_, at) => where.includes(`$${at + 1}`))
      await client.query(
        `insert into ${table} (${names.join(', ')}) select ${values.join(', ')}
         from (select * from ${table} where ${where.replace('$2', '$1')}) original, generate_series(${from}, ${count}) n`,
        ids,
      )
    }
    await client.query('analyze')
  } finally {
    await client.end()
  }
}

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ column_name: string }>(
    `select column_name from information_schema.columns
     where table_name = $1 and table_schema = 'public' and is_generated = 'NEVER'`,
    [table],
  )
  return rows.map(({ column_name: name }) => name)
}
