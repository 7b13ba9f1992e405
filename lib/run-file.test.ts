import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess } from './process-identity.ts'
import {
  computeProof,
  findRunning,
  type RunFile,
  readRunFile,
  removeRunFile,
  verifyInstance,
  writeRunFile,
} from './run-file.ts'

let dataDir: string
const servers: Server[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'coder-local-run-'))
})
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

function createRun(pid: number, url = 'http://127.0.0.1:1'): RunFile {
  const identity = identifyProcess(pid)
  if (!identity) throw new Error(`process ${pid} does not exist`)
  const { startedAt: started_at, bootId: boot_id } = identity
  return { pid, started_at, boot_id, url, secret: 'a secret of this test', version: '0.0.0' }
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Responds to proof requests with this secret. */
const proverWith =
  (secret: string): RequestListener =>
  (request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => response.end(JSON.stringify({ proof: computeProof(secret, JSON.parse(text).nonce) })))
  }

test('the file is read back, is readable by its owner only, and leaves no temporary file', () => {
  const run = createRun(process.pid)
  writeRunFile(dataDir, run)
  expect(readRunFile(dataDir)).toEqual(run)
  expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['run.json'])
})

test('a missing, truncated or foreign file means that no coderd is running', () => {
  expect(readRunFile(dataDir)).toBeNull()
  for (const text of ['', '{"pid": 12', '{"port": 3000}', 'null', '[]']) {
    writeFileSync(join(dataDir, 'run.json'), text)
    expect(readRunFile(dataDir)).toBeNull()
    expect(findRunning(dataDir)).toBeNull()
  }
})

test('the file of an exited coderd does not count as running', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const run = createRun(child.pid ?? 0)
  writeRunFile(dataDir, run)
  expect(findRunning(dataDir)).toEqual(run)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(findRunning(dataDir)).toBeNull()
  expect(readRunFile(dataDir)).toEqual(run)
})

test('a file from before a reboot does not count as running', () => {
  writeRunFile(dataDir, { ...createRun(process.pid), boot_id: 'an earlier boot' })
  expect(findRunning(dataDir)).toBeNull()
})

test('only the process that wrote the file removes it', () => {
  writeRunFile(dataDir, createRun(process.pid))
  removeRunFile(dataDir, process.pid + 1)
  expect(readRunFile(dataDir)).not.toBeNull()
  removeRunFile(dataDir)
  expect(readRunFile(dataDir)).toBeNull()
})

test('a server that knows the secret is verified', async () => {
  const run = createRun(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(proverWith(run.secret)) })).toBe(true)
})

test('another program on the port is not verified', async () => {
  const run = createRun(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(proverWith('a guess')) })).toBe(false)
  expect(await verifyInstance({ ...run, url: await listen((_, response) => response.end('<html>')) })).toBe(false)
  expect(await verifyInstance({ ...run, url: await listen((_, response) => response.writeHead(404).end('{}')) })).toBe(
    false,
  )
})

test('a port without a response or a listener is not verified', async () => {
  const run = createRun(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(() => undefined) }, 50)).toBe(false)
  expect(await verifyInstance(run)).toBe(false)
})
