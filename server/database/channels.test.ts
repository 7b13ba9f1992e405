import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts'
import { type Channels, notifyChannel, openChannels } from './channels.ts'
import { connectDatabase, type DatabaseConnection } from './connect.ts'

let database: TestDatabase
let connection: DatabaseConnection
let channels: Channels
const errors: Error[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  connection = connectDatabase({ url: database.url })
  channels = await openChannels({ url: database.url, onError: (error) => errors.push(error) })
})
afterAll(async () => {
  await channels.close()
  await connection.close()
  await database.drop()
})

/** Subscribes to a channel; `next` returns the payloads in order. */
async function inbox(channel: string) {
  const payloads: string[] = []
  let wake: (() => void) | undefined
  const unlisten = await channels.listen(channel, (payload) => {
    payloads.push(payload)
    wake?.()
  })
  const next = async () => {
    while (payloads.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return payloads.shift()
  }
  return { next, unlisten }
}

test('a notification of a transaction arrives after a commit, and not after a rollback', async () => {
  const { next, unlisten } = await inbox('Channel "quoted":1')
  const { db } = connection
  await db
    .transaction()
    .execute(async (tx) => {
      await notifyChannel(tx, 'Channel "quoted":1', 'rolled back')
      throw new Error('no')
    })
    .catch(() => undefined)
  await db.transaction().execute((tx) => notifyChannel(tx, 'Channel "quoted":1', 'committed'))
  expect(await next()).toBe('committed')
  await unlisten()
})

test('every listener is notified, also after another one threw or unsubscribed', async () => {
  const leaving = await inbox('shared')
  await leaving.unlisten()
  await channels.listen('shared', () => {
    throw new Error('a bad listener')
  })
  const { next, unlisten } = await inbox('shared')
  await notifyChannel(connection.db, 'shared', 'hello')
  expect(await next()).toBe('hello')
  expect(errors.map(({ message }) => message)).toContain('a bad listener')
  await unlisten()
})

test('a lost connection is reestablished, reported to the hooks, and delivers again', async () => {
  const { next, unlisten } = await inbox('survives')
  const reconnected = new Promise<void>((resolve) => channels.onReconnect(resolve))
  await connection.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coderd listener' and datname = current_database()`,
  )
  await reconnected
  await notifyChannel(connection.db, 'survives', 'still here')
  expect(await next()).toBe('still here')
  await unlisten()
})

test('names and payloads above the limits of PostgreSQL are refused', async () => {
  await expect(notifyChannel(connection.db, 'big', 'x'.repeat(8_000))).rejects.toThrow('send an ID')
  await expect(channels.listen('x'.repeat(64), String)).rejects.toThrow('too long')
})
