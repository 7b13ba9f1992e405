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
  findRunning,
  proofOf,
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

function runOf(pid: number, url = 'http://127.0.0.1:1'): RunFile {
  const identity = identifyProcess(pid)
  if (!identity) throw new Error(`process ${pid} is not there`)
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

/** Answers the question for a proof as somebody would who knows `secret`. */
const proverWith =
  (secret: string): RequestListener =>
  (request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => response.end(JSON.stringify({ proof: proofOf(secret, JSON.parse(text).nonce) })))
  }

test('the file comes back as it was written, for its owner alone, with nothing left beside it', () => {
  const run = runOf(process.pid)
  writeRunFile(dataDir, run)
  expect(readRunFile(dataDir)).toEqual(run)
  expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['run.json'])
})

test('no file, half a file and a file of somebody else say the same: nobody runs', () => {
  expect(readRunFile(dataDir)).toBeNull()
  for (const text of ['', '{"pid": 12', '{"port": 3000}', 'null', '[]']) {
    writeFileSync(join(dataDir, 'run.json'), text)
    expect(readRunFile(dataDir)).toBeNull()
    expect(findRunning(dataDir)).toBeNull()
  }
})

test('what a dead coderd left behind is not taken for a running one', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const run = runOf(child.pid ?? 0)
  writeRunFile(dataDir, run)
  expect(findRunning(dataDir)).toEqual(run)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(findRunning(dataDir)).toBeNull()
  expect(readRunFile(dataDir)).toEqual(run)
})

test('what was left behind before a reboot is not taken for a running one', () => {
  writeRunFile(dataDir, { ...runOf(process.pid), boot_id: 'an earlier boot' })
  expect(findRunning(dataDir)).toBeNull()
})

test('only the one who wrote the file removes it', () => {
  writeRunFile(dataDir, runOf(process.pid))
  removeRunFile(dataDir, process.pid + 1)
  expect(readRunFile(dataDir)).not.toBeNull()
  removeRunFile(dataDir)
  expect(readRunFile(dataDir)).toBeNull()
})

test('whoever knows the secret proves it without sending it', async () => {
  const run = runOf(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(proverWith(run.secret)) })).toBe(true)
})

test('a program that took over the port proves nothing', async () => {
  const run = runOf(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(proverWith('a guess')) })).toBe(false)
  expect(await verifyInstance({ ...run, url: await listen((_, response) => response.end('<html>')) })).toBe(false)
  expect(await verifyInstance({ ...run, url: await listen((_, response) => response.writeHead(404).end('{}')) })).toBe(
    false,
  )
})

test('a port where nobody answers, or nobody listens, proves nothing', async () => {
  const run = runOf(process.pid)
  expect(await verifyInstance({ ...run, url: await listen(() => undefined) }, 50)).toBe(false)
  expect(await verifyInstance(run)).toBe(false)
})
