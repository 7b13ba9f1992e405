// Uses a real PostgreSQL that refuses connections.

import { readFileSync, writeFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ApiError } from '../../api/errors.ts'
import { toApiError } from '../http/errors.ts'
import { startTestPostgres, type TestPostgres } from '../testing/postgres.ts'
import { connectDatabase, verifyConnection } from './connect.ts'
import { openOutageLog } from './outage-log.ts'

let postgres: TestPostgres
let admin: pg.Client
beforeAll(async () => {
  postgres = await startTestPostgres()
  admin = new pg.Client({ connectionString: postgres.adminUrl })
  await admin.connect()
  await admin.query("create role ada login password 'right'; create role grace nologin")
  const { rows } = await admin.query<{ hba_file: string }>('show hba_file')
  const file = rows[0]?.hba_file ?? ''
  writeFileSync(file, `local all ada scram-sha-256\n${readFileSync(file, 'utf8')}`)
  await admin.query('select pg_reload_conf()')
})
afterAll(async () => {
  await admin.end()
  await postgres.stop()
})

const buildUrl = (user: string, password = '', database = 'postgres') =>
  Object.assign(new URL(postgres.adminUrl), { username: user, password, pathname: database }).href

const refused = [
  ['a wrong password', () => buildUrl('ada', 'wrong'), 'refuses the password', 'ALTER ROLE'],
  ['a role without LOGIN', () => buildUrl('grace'), 'refuses the user', 'LOGIN'],
  ['a role that does not exist', () => buildUrl('nobody'), 'refuses the user', 'must exist'],
  ['a database that does not exist', () => buildUrl('ada', 'right', 'nothing'), 'does not exist', 'CREATE DATABASE'],
] as const

test.each(refused)('%s is reported with the setting and the remedy', async (_, url, summary, remedy) => {
  await expect(verifyConnection(url())).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(
      new RegExp(`${summary}.*CODER_PG_CONNECTION_URL.*${remedy}|CODER_PG.*${summary}.*${remedy}`),
    ),
  })
})

test('a changed password logs one message and responds with 503 until it is corrected', async () => {
  const lines: string[] = []
  const warn = (_: object, text: string) => void lines.push(text)
  const log = { warn, error: () => lines.push('an unexpected error') } as never
  const outages = openOutageLog(log)
  const { pool, close } = connectDatabase({ url: buildUrl('ada', 'right') })
  await outages.watch('purge', pool.query('select 1'))
  await admin.query("alter role ada password 'another'")
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ada'")
  // Until the pool has noticed, a query would fail on the terminated connection instead of at sign-in.
  await vi.waitFor(() => expect(pool.totalCount).toBe(0))
  const failure = await pool.query('select 1').catch((error: unknown) => error)
  for (let round = 0; round < 2; round++) await outages.watch('purge', pool.query('select 1'))
  expect(lines).toEqual([expect.stringContaining('The database refuses the password')])
  const response = toApiError(failure, log, 'request')
  expect(response).toBeInstanceOf(ApiError)
  expect(response).toMatchObject({ status: 503, message: expect.stringContaining('refuses the password') })
  await admin.query("alter role ada password 'right'")
  await outages.watch('purge', pool.query('select 1'))
  expect(lines.at(-1)).toContain('available again')
  await close()
})
