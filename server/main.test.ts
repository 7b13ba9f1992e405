// Start and stop of coderd in this process. Recovery after kill -9: e2e/processes.

import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRunning, verifyInstance } from '../lib/run-file.ts'
import { readConfig, type SettingName } from './config.ts'
import { type RunningServer, runServer } from './main.ts'
import { createTestDatabase, type TestDatabase } from './testing/postgres.ts'

let dataDir: string
let database: TestDatabase
const running: RunningServer[] = []
const listeners: Server[] = []

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'coder-local-main-'))
  database = await createTestDatabase()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  for (const listener of listeners.splice(0)) listener.close()
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

const configWith = (flags: Partial<Record<SettingName, string>> = {}) =>
  readConfig({ dataDir, httpAddress: '127.0.0.1:0', postgresUrl: database.url, logLevel: 'error', ...flags }, {})

async function start(flags: Partial<Record<SettingName, string>> = {}): Promise<RunningServer> {
  const server = await runServer(configWith(flags))
  running.push(server)
  return server
}

/** Holds a port as another program would. @param port 0 for any */
async function occupyPort(port = 0): Promise<number> {
  const listener = createServer()
  listeners.push(listener)
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
  return (listener.address() as { port: number }).port
}

test('it tells its steps in order, and none is left running', async () => {
  const told: string[] = []
  const server = await runServer(configWith(), ({ name, state }) => told.push(`${name} ${state}`))
  running.push(server)
  const ended = told.filter((line) => !line.endsWith(' running'))
  const begun = told.filter((line) => line.endsWith(' running')).map((line) => line.replace(/ running$/, ''))
  expect(ended).toEqual([...new Set(begun)].map((name) => `${name} done`))
  expect(begun.length).toBeGreaterThan(3)
})

test('a connection for which no file can be opened does not end it', async () => {
  const { app, url } = await start()
  // What the listening socket says when there is not even the file that Node keeps in reserve.
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('once it answers, run.json proves it to whoever may read the file; afterwards the file is gone', async () => {
  const server = await start()
  const run = findRunning(dataDir)
  expect(run).toMatchObject({ pid: process.pid, url: server.url, secret: server.secret })
  expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(run && (await verifyInstance(run))).toBe(true)
  await server.stop()
  expect(existsSync(join(dataDir, 'run.json'))).toBe(false)
  await server.stopped
})

test('stopping it twice stops it once', async () => {
  const server = await start()
  await Promise.all([server.stop(), server.stop()])
})

test('a second one on the same data folder is refused and leaves the first alone', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(`already runs on ${dataDir} (pid ${process.pid})`)
  expect((await fetch(`${first.url}/healthz`)).ok).toBe(true)
  expect(findRunning(dataDir)?.url).toBe(first.url)
})

test('what a killed one left behind does not stop the next', async () => {
  const dead = { pid: process.pid, startedAt: '1', bootId: 'an earlier boot' }
  writeFileSync(join(dataDir, 'coderd.lock'), JSON.stringify(dead))
  writeFileSync(join(dataDir, 'run.json'), JSON.stringify({ pid: 1, url: 'http://127.0.0.1:1', secret: 'old' }))
  const server = await start()
  expect(findRunning(dataDir)?.url).toBe(server.url)
})

test('a chosen port that another program has is an error that names it and the setting, and leaves nothing behind', async () => {
  const port = await occupyPort()
  await expect(start({ httpAddress: `127.0.0.1:${port}` })).rejects.toThrow(
    new RegExp(`port ${port}.*another program uses it.*CODER_HTTP_ADDRESS`),
  )
  expect(findRunning(dataDir)).toBeNull()
  await start()
})

test('without a chosen port it takes the one of its last run, and another when that is taken', async () => {
  const first = await start({ httpAddress: '' })
  const { port } = new URL(first.url)
  await first.stop()
  const second = await start({ httpAddress: '' })
  expect(new URL(second.url).port).toBe(port)
  await second.stop()
  await occupyPort(Number(port))
  const third = await start({ httpAddress: '' })
  expect(new URL(third.url).port).not.toBe(port)
  expect((await fetch(`${third.url}/healthz`)).ok).toBe(true)
})

test('a database that does not answer is said, and does not keep the folder locked', async () => {
  const nowhere = `postgresql://coder@127.0.0.1:${await occupyPort()}/coder?connect_timeout=1`
  for (const listener of listeners.splice(0)) listener.close()
  await expect(start({ postgresUrl: nowhere })).rejects.toThrow(
    /Could not connect to the database at CODER_PG_CONNECTION_URL/,
  )
  await start()
})

test('an external database that does not let it in ends the step of the database with what to do', async () => {
  const told: string[] = []
  const postgresUrl = database.url.replace(/\/[^/?]*(?=\?|$)/, '/no-such-database')
  const starting = runServer(configWith({ postgresUrl }), ({ name, state }) => told.push(`${name} ${state}`))
  await expect(starting).rejects.toThrow(/does not exist.*"no-such-database".*CREATE DATABASE/)
  expect(told.at(-1)).toBe('database failed')
})
