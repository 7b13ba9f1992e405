// Uses a real coderd, started from its sources, with a database on the tests' PostgreSQL server.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase } from '../server/testing/postgres.ts'
import {
  findDeployment,
  findOrStartDeployment,
  StartupError,
  superviseDeployment,
  waitUntilStopped,
} from './deployment.ts'
import { isAlive } from './process-identity.ts'
import { findRunning, identityOf, type RunFile } from './run-file.ts'
import type { StartupStep } from './startup-step.ts'

const coder = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

let dataDir: string
let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeEach(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'deployment-')), 'dåta folder')
  database = await createTestDatabase()
})
afterEach(async () => {
  const run = findRunning(dataDir)
  if (run) await end(run, 'SIGTERM')
  rmSync(dataDir, { recursive: true, force: true })
  await database.drop()
})

const options = (env: NodeJS.ProcessEnv = { CODER_PG_CONNECTION_URL: database.url }) => ({
  dataDir,
  command: [process.execPath, coder, 'server'] as const,
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    CODER_CONFIG_DIR: dataDir,
    CODER_HTTP_ADDRESS: '127.0.0.1:0',
    ...env,
  },
})

async function end(run: RunFile, signal: NodeJS.Signals): Promise<void> {
  process.kill(run.pid, signal)
  expect(await waitUntilStopped(run)).toBe(true)
}

test('concurrent starts on one data folder share one verified coderd', async () => {
  const steps: StartupStep[] = []
  const both = await Promise.all([
    findOrStartDeployment({ ...options(), onStep: (step) => steps.push(step) }),
    findOrStartDeployment({ ...options(), onStep: (step) => steps.push(step) }),
  ])
  const [first, second] = both.map(({ run }) => run.pid)
  expect(first).toBe(second)
  expect(both.filter(({ isOurs }) => isOurs)).toHaveLength(1)
  expect((await findDeployment(dataDir))?.pid).toBe(first)
  expect(steps.filter(({ state }) => state === 'done').map(({ title }) => title)).toContain('Server')
  expect(steps.filter(({ state }) => state === 'failed')).toEqual([])
})

test('a killed coderd is restarted, a stopped one is not', async () => {
  const running: RunFile[] = []
  let crashes = 0
  const ends = superviseDeployment(options(), {
    running({ run }) {
      running.push(run)
      void end(run, running.length === 1 ? 'SIGKILL' : 'SIGTERM')
    },
    crashed: () => {
      crashes += 1
    },
  })
  await ends
  expect(running).toHaveLength(2)
  expect(crashes).toBe(1)
  expect(running.some((run) => isAlive(identityOf(run)))).toBe(false)
})

test('a failed start reports the cause, the step and the last lines of the log', async () => {
  mkdirSync(join(dataDir, 'postgres'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '13\n')
  const steps: StartupStep[] = []
  const start = findOrStartDeployment({ ...options({}), onStep: (step) => steps.push(step) })
  const error = await start.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartupError)
  const { message, lastLines, logFile } = error as StartupError
  expect(message).toContain('was left untouched')
  expect(lastLines.join('\n')).toContain('was left untouched')
  expect(logFile).toBe(join(dataDir, 'logs', 'coderd.log'))
  expect(steps.at(-1)).toMatchObject({ title: 'Database', state: 'failed' })
})

test('an aborted start leaves no coderd running', async () => {
  const interrupted = new AbortController()
  const start = findOrStartDeployment({
    ...options(),
    signal: interrupted.signal,
    onStep: () => interrupted.abort(new Error('not wanted')),
  })
  await expect(start).rejects.toThrow('not wanted')
  await expect.poll(() => findRunning(dataDir), { timeout: 10_000 }).toBeNull()
})
