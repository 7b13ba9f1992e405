import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts'
import {
  connectDatabase,
  type DatabaseConnection,
  isConnectionError,
  isTransientError,
  retryWhileUnavailable,
} from './connect.ts'

let database: TestDatabase
let connection: DatabaseConnection
const lost: Error[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  connection = connectDatabase({ url: database.url, onConnectionLost: (error) => lost.push(error) })
})
afterAll(async () => {
  await connection.close()
  await database.drop()
})

const newUser = (name: string) => ({ username: name, email: `${name}@example.com` })

test('a timestamp that was read is equal to the stored one', async () => {
  const { db } = connection
  const created = await db.insertInto('users').values(newUser('ada')).returningAll().executeTakeFirstOrThrow()
  const found = await db.selectFrom('users').select('id').where('created_at', '=', created.created_at).execute()
  expect(found).toEqual([{ id: created.id }])
})

test('bigint is read as a number, and jsonb as a value', async () => {
  const { rows } = await connection.pool.query(`select 9007199254740991::bigint as big, '{"a":[1]}'::jsonb as json`)
  expect(rows).toEqual([{ big: 9007199254740991, json: { a: [1] } }])
})

test('a connection that breaks inside a transaction fails only that transaction', async () => {
  const { db } = connection
  const failure = await db
    .transaction()
    .execute(async (tx) => {
      await tx.insertInto('users').values(newUser('grace')).execute()
      await killOtherConnections()
      await tx.insertInto('users').values(newUser('barbara')).execute()
    })
    .catch((error: unknown) => error)
  expect(isConnectionError(failure)).toBe(true)
  expect(await db.selectFrom('users').select('id').where('username', '=', 'grace').execute()).toEqual([])
  expect(lost.length).toBeGreaterThan(0)
})

test('a query fails after the retry timeout', async () => {
  const impatient = connectDatabase({ url: 'postgresql://coder@localhost/postgres?host=/nowhere', retryTimeoutMs: 60 })
  const failure = await impatient.pool.query('select 1').catch((error: unknown) => error)
  expect(isConnectionError(failure)).toBe(true)
  await impatient.close()
})

test('a query fails after the lock timeout and releases its connection', async () => {
  const other = connectDatabase({ url: database.url, maxConnections: 1, lockTimeoutMs: 60 })
  await connection.db.transaction().execute(async (tx) => {
    await sql`lock table users in access exclusive mode`.execute(tx)
    const failure = await other.pool.query('select from users').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: '55P03' })
    expect(isTransientError(failure)).toBe(true)
    expect((await other.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
  expect((await other.pool.query('select from users')).rowCount).not.toBeNull()
  await other.close()
})

test.each(['disk_full', 'too_many_connections', 'read_only_sql_transaction', 'query_canceled'])(
  'a query that fails with %s is retried',
  async (condition) => {
    let attempts = 0
    const result = await retryWhileUnavailable(async () => {
      if (attempts++ < 2) await sql`do ${sql.raw(`$$ begin raise ${condition}; end $$`)}`.execute(connection.db)
      return 'done'
    }, 5_000)
    expect([result, attempts]).toEqual(['done', 3])
  },
)

test('an error of the query itself is not transient', async () => {
  const failure = await connection.pool.query('select nonsense').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(isTransientError(failure)).toBe(false)
})

async function killOtherConnections(): Promise<void> {
  await connection.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
}
