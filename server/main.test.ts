// Start and stop of coderd in this process. e2e/processes covers recovery after kill -9.

import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

/** Listens on a port. @param port 0 for any free port */
async function occupyPort(port = 0): Promise<number> {
  const listener = createServer()
  listeners.push(listener)
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
  return (listener.address() as { port: number }).port
}

test('the start reports its steps in order and completes each', async () => {
  const reported: string[] = []
  const server = await runServer(configWith(), ({ name, state }) => reported.push(`${name} ${state}`))
  running.push(server)
  const finished = reported.filter((line) => !line.endsWith(' running'))
  const started = reported.filter((line) => line.endsWith(' running')).map((line) => line.replace(/ running$/, ''))
  expect(finished).toEqual([...new Set(started)].map((name) => `${name} done`))
  expect(started.length).toBeGreaterThan(3)
})

test('an interrupted start runs no further step, stops what it started and writes no run.json', async () => {
  const interruption = new AbortController()
  const reported: string[] = []
  const starting = runServer(
    configWith(),
    ({ name, state }) => {
      reported.push(`${name} ${state}`)
      if (name === 'database' && state === 'done') interruption.abort(new Error('not wanted'))
    },
    undefined,
    interruption.signal,
  )
  await expect(starting).rejects.toThrow('not wanted')
  expect(reported.at(-1)).toBe('database done')
  expect(findRunning(dataDir)).toBeNull()
  await start()
})

test('a connection that fails for lack of file descriptors does not stop coderd', async () => {
  const { app, url } = await start()
  // Emitted by the listening socket when Node cannot even open its reserve descriptor.
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('run.json proves the identity of a running coderd, is private, and is removed at the stop', async () => {
  const server = await start()
  const run = findRunning(dataDir)
  expect(run).toMatchObject({ pid: process.pid, url: server.url, secret: server.secret })
  expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(run && (await verifyInstance(run))).toBe(true)
  await server.stop()
  expect(existsSync(join(dataDir, 'run.json'))).toBe(false)
  await server.stopped
})

test('other users lose access to an existing data folder', async () => {
  chmodSync(dataDir, 0o755)
  await start()
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
})

test('stop is idempotent', async () => {
  const server = await start()
  await Promise.all([server.stop(), server.stop()])
})

test('a second coderd on a data folder is refused and does not affect the first', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(`is already running on ${dataDir} (process ${process.pid})`)
  expect((await fetch(`${first.url}/healthz`)).ok).toBe(true)
  expect(findRunning(dataDir)?.url).toBe(first.url)
})

test('files of a killed coderd do not prevent the next start', async () => {
  const dead = { pid: process.pid, startedAt: '1', bootId: 'an earlier boot' }
  writeFileSync(join(dataDir, 'coderd.lock'), JSON.stringify(dead))
  writeFileSync(join(dataDir, 'run.json'), JSON.stringify({ pid: 1, url: 'http://127.0.0.1:1', secret: 'old' }))
  const server = await start()
  expect(findRunning(dataDir)?.url).toBe(server.url)
})

test('a configured port in use is an error with the port and the setting, and leaves nothing behind', async () => {
  const port = await occupyPort()
  await expect(start({ httpAddress: `127.0.0.1:${port}` })).rejects.toThrow(
    new RegExp(`port ${port}.*another program uses it.*CODER_HTTP_ADDRESS`),
  )
  expect(findRunning(dataDir)).toBeNull()
  await start()
})

test('without a configured port coderd reuses the port of its last run, or another one if it is in use', async () => {
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

test('a database that does not respond is reported, and the data folder is unlocked', async () => {
  const nowhere = `postgresql://coder@127.0.0.1:${await occupyPort()}/coder?connect_timeout=1`
  for (const listener of listeners.splice(0)) listener.close()
  await expect(start({ postgresUrl: nowhere })).rejects.toThrow(
    /Could not connect to the database at CODER_PG_CONNECTION_URL/,
  )
  await start()
})

test('an external database that refuses the connection fails the database step with a remedy', async () => {
  const reported: string[] = []
  const postgresUrl = database.url.replace(/\/[^/?]*(?=\?|$)/, '/no-such-database')
  const starting = runServer(configWith({ postgresUrl }), ({ name, state }) => reported.push(`${name} ${state}`))
  await expect(starting).rejects.toThrow(/does not exist.*"no-such-database".*CREATE DATABASE/)
  expect(reported.at(-1)).toBe('database failed')
})
