// Uses errors of a real PostgreSQL.

import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, sharedPostgresVariable, type TestDatabase } from '../testing/postgres.ts'
import { connectDatabase, type DatabaseConnection } from './connect.ts'
import { openOutageLog } from './outage-log.ts'

let database: TestDatabase
let connection: DatabaseConnection
beforeAll(async () => {
  database = await createTestDatabase()
  connection = connectDatabase({ url: database.url })
})
afterAll(async () => {
  await connection.close()
  await database.drop()
})

let lines: { readonly level: string; readonly fields: object; readonly text: string }[]
const recordAt = (level: string) => (fields: object, text: string) => lines.push({ level, fields, text })
const outages = () => openOutageLog({ warn: recordAt('warn'), error: recordAt('error') } as never)
beforeEach(() => {
  lines = []
})

const raising = (condition: string) => sql`do ${sql.raw(`$$ begin raise ${condition}; end $$`)}`.execute(connection.db)
const working = () => sql`select 1`.execute(connection.db)

test('an outage logs one message with the remedy and one when it ends, however many tasks fail', async () => {
  const log = outages()
  for (let round = 0; round < 3; round++) {
    await log.watch('purge', raising('disk_full'))
    await log.watch('heartbeats', raising('disk_full'))
    // Reads, and therefore succeeds.
    await log.watch('autobuild', working())
  }
  const startMessage = {
    level: 'warn',
    fields: { task: 'purge', reason: 'disk_full', remedy: expect.stringContaining('Free disk space') },
    text: expect.stringContaining('The disk of the database is full.'),
  }
  expect(lines).toEqual([startMessage])
  await log.watch('heartbeats', working())
  await log.watch('purge', working())
  const endMessage = { level: 'warn', fields: { task: 'heartbeats', seconds: 0 }, text: expect.any(String) }
  expect(lines).toEqual([startMessage, endMessage])
  await log.watch('purge', raising('disk_full'))
  expect(lines).toEqual([startMessage, endMessage, startMessage])
})

test('each problem of an outage is logged once', async () => {
  const log = outages()
  for (const condition of ['cannot_connect_now', 'disk_full', 'cannot_connect_now', 'disk_full'])
    await log.watch('purge', raising(condition))
  expect(lines.map(({ text }) => text)).toEqual([
    expect.stringContaining('not responding'),
    expect.stringContaining('is full'),
  ])
})

test('a database that does not accept connections is an outage', async () => {
  const log = outages()
  const admin = connectDatabase({ url: String(process.env[sharedPostgresVariable]), maxConnections: 1 })
  const name = sql.id(new URL(database.url).pathname.slice(1))
  const late = connectDatabase({ url: database.url, retryTimeoutMs: 0 })
  await sql`alter database ${name} with allow_connections false`.execute(admin.db)
  await log.watch('purge', sql`select 1`.execute(late.db))
  await sql`alter database ${name} with allow_connections true`.execute(admin.db)
  await log.watch('purge', sql`select 1`.execute(late.db))
  expect(lines.map(({ level, text }) => [level, text])).toEqual([
    ['warn', expect.stringContaining('does not accept connections')],
    ['warn', expect.stringContaining('available again')],
  ])
  await Promise.all([admin.close(), late.close()])
})

test('every other error is logged with its stack, each time', async () => {
  const log = outages()
  const failure = new Error('a bug')
  for (let round = 0; round < 2; round++) await log.watch('purge', Promise.reject(failure))
  const whole = { level: 'error', fields: { err: failure, task: 'purge' }, text: expect.any(String) }
  expect(lines).toEqual([whole, whole])
})
