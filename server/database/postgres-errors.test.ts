// What a real PostgreSQL says to whom it does not let in.

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

const urlOf = (user: string, password = '', database = 'postgres') =>
  Object.assign(new URL(postgres.adminUrl), { username: user, password, pathname: database }).href

const refused = [
  ['a wrong password', () => urlOf('ada', 'wrong'), 'refuses the password', 'ALTER ROLE'],
  ['a role that may not log in', () => urlOf('grace'), 'does not let the user', 'LOGIN'],
  ['a role that does not exist', () => urlOf('nobody'), 'does not let the user', 'must exist'],
  ['a database that does not exist', () => urlOf('ada', 'right', 'nothing'), 'does not exist', 'CREATE DATABASE'],
] as const

test.each(refused)('%s is told with where it is set and what to do', async (_, url, happened, next) => {
  await expect(verifyConnection(url())).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(
      new RegExp(`${happened}.*CODER_PG_CONNECTION_URL.*${next}|CODER_PG.*${happened}.*${next}`),
    ),
  })
})

test('a password that was changed meanwhile is one line of the log and a plain answer, until it is right again', async () => {
  const lines: string[] = []
  const say = (_: object, text: string) => void lines.push(text)
  const log = { warn: say, error: () => lines.push('an unexpected error') } as never
  const outages = openOutageLog(log)
  const { pool, close } = connectDatabase({ url: urlOf('ada', 'right') })
  await outages.watch('purge', pool.query('select 1'))
  await admin.query("alter role ada password 'another'")
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ada'")
  // Until the pool has noticed, a query would fail on the terminated connection instead of at sign-in.
  await vi.waitFor(() => expect(pool.totalCount).toBe(0))
  const failure = await pool.query('select 1').catch((error: unknown) => error)
  for (let round = 0; round < 2; round++) await outages.watch('purge', pool.query('select 1'))
  expect(lines).toEqual([expect.stringContaining('The database refuses the password')])
  const answer = toApiError(failure, log, 'request')
  expect(answer).toBeInstanceOf(ApiError)
  expect(answer).toMatchObject({ status: 503, message: expect.stringContaining('refuses the password') })
  await admin.query("alter role ada password 'right'")
  await outages.watch('purge', pool.query('select 1'))
  expect(lines.at(-1)).toContain('does again what failed')
  await close()
})
