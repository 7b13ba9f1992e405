// The embedded engine and its thread: state, cancellation and errors. builds/lifecycle.test.ts tests complete builds.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess } from '../../../lib/process-identity.ts'
import type { BuildTask, Engine, EngineRunOptions, FormTask } from '../../jobs/engine.ts'
import { type EngineLimits, embeddedEngine } from './embedded.ts'

let folder: string
let engine: Engine
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'))
  engine = embeddedEngine()
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const task = (change: Partial<BuildTask> = {}): BuildTask => ({
  kind: 'build',
  quota: null,
  isVerbose: false,
  transition: 'start',
  state: null,
  dir: folder,
  fileHash: folder,
  variables: {},
  mayAccessHost: true,
  mayReadOutsideModule: true,
  coder: {
    accessUrl: 'http://localhost',
    workspace: { id: 'w', name: 'otter' },
    buildId: 'b',
    owner: {
      id: 'o',
      name: 'ada',
      fullName: 'Ada',
      email: 'ada@example.com',
      groups: [],
      sessionToken: '',
      sshPublicKey: '',
      sshPrivateKey: '',
      loginType: 'password',
      rbacRoles: [],
    },
    template: { id: 't', name: 'template', version: 'one' },
    parameters: {},
  },
  host: {
    dataDir: folder,
    workspaceId: 'w',
    agentBinDir: folder,
    environment: { PATH: process.env.PATH },
    bootId: 'boot',
  },
  ...change,
})

const runOptions = (change: Partial<EngineRunOptions> = {}): EngineRunOptions => ({
  signal: new AbortController().signal,
  onLog: () => undefined,
  onTiming: () => undefined,
  onState: () => undefined,
  ...change,
})

const isRunning = (pid: number) => identifyProcess(pid) !== null

const writeTemplate = (text: string) => writeFileSync(join(folder, 'main.tf'), text)

/** Creates an engine whose thread runs this program. */
function engineWithThread(program: string, limits: Partial<EngineLimits> = {}): Engine {
  const path = join(folder, 'thread.mjs')
  writeFileSync(path, `import { parentPort } from 'node:worker_threads'\n${program}`)
  return embeddedEngine(pathToFileURL(path), limits)
}

test('the state is reported after each created resource', async () => {
  writeTemplate(
    'resource "terraform_data" "a" {}\nresource "terraform_data" "b" {\n  depends_on = [terraform_data.a]\n}\n',
  )
  const reported: string[] = []
  const outcome = await engine.run(task(), runOptions({ onState: (state) => reported.push(state) }))
  const names = reported.map((state) =>
    (JSON.parse(state) as { resources: { name: string }[] }).resources.map(({ name }) => name),
  )
  expect(names).toEqual([['a'], ['a', 'b']])
  expect(outcome.failure).toBeNull()
})

test('a canceled task stops early and returns the state of existing resources', async () => {
  writeTemplate(`resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  depends_on = [terraform_data.a]
  provisioner "local-exec" {
    command = "echo begun; exec sleep 60"
  }
}
`)
  const controller = new AbortController()
  const outcome = await engine.run(
    task(),
    runOptions({ signal: controller.signal, onLog: ({ output }) => output.includes('begun') && controller.abort() }),
  )
  expect(outcome.failure).not.toBeNull()
  expect(outcome.state).toContain('"name": "a"')
})

test('deletion without state needs no valid template', async () => {
  writeTemplate('not terraform at all')
  expect(await engine.run(task({ transition: 'delete' }), runOptions())).toEqual({
    failure: null,
    state: null,
    resources: [],
  })
})

test('an invalid state is not changed', async () => {
  writeTemplate('resource "terraform_data" "a" {}')
  const outcome = await engine.run(task({ state: 'garbage' }), runOptions())
  expect(outcome).toMatchObject({ state: 'garbage', failure: { message: expect.stringContaining('state') } })
})

test('a template with host access is rejected without permission, but its resources can be deleted', async () => {
  writeTemplate('resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n')
  const rejected = await engine.run(task({ mayAccessHost: false }), runOptions())
  expect(rejected.failure?.message).toContain('terraform_data.a')
  const created = await engine.run(task(), runOptions())
  const deleted = await engine.run(
    task({ mayAccessHost: false, transition: 'delete', state: created.state }),
    runOptions(),
  )
  expect(deleted.failure).toBeNull()
})

test('a build terminates processes that an interrupted build did not record in the state', async () => {
  writeTemplate(`terraform {
  required_providers {
    host = { source = "coder-local/host" }
  }
}
resource "host_process" "sleeper" {
  command = ["sleep", "600"]
}
`)
  const created = await engine.run(task(), runOptions())
  const [pid] = JSON.stringify(created.state).match(/(?<=pid.{2,4})\d+/) ?? []
  expect(isRunning(Number(pid))).toBe(true)
  const lines: string[] = []
  await engine.run(
    task({ transition: 'delete', state: null }),
    runOptions({ onLog: ({ output }) => lines.push(output) }),
  )
  expect(isRunning(Number(pid))).toBe(false)
  expect(lines.join()).toContain(`process ${pid}`)
})

test('tasks fail with a message if the thread exits, and the next task starts a new thread', async () => {
  const broken = engineWithThread(`
parentPort.on('message', () => { throw new Error('thread error') })`)
  const outcomes = await Promise.allSettled([broken.run(task(), runOptions()), broken.run(task(), runOptions())])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('thread error') } })
  }
  await expect(broken.run(task(), runOptions())).rejects.toThrow('a new engine is started')
})

test('an internal error in one task does not affect others', async () => {
  const broken = engineWithThread(`parentPort.on('message', ({ id, task }) =>
  parentPort.postMessage(task.fileHash === 'bad'
    ? { type: 'failed', id, stack: 'an internal error' }
    : { type: 'done', id, outcome: { failure: null, state: null, resources: [] } }))`)
  const [bad, good] = await Promise.allSettled([
    broken.run(task({ fileHash: 'bad' }), runOptions()),
    broken.run(task(), runOptions()),
  ])
  expect(bad.status).toBe('rejected')
  expect(good.status).toBe('fulfilled')
  await broken.close()
})

/** A task with the file hash "stuck" never ends; any other succeeds at once. */
const stuckThread = `parentPort.on('message', ({ type, id, task }) => {
  if (type === 'ping') return parentPort.postMessage({ type: 'pong' })
  if (task.fileHash === 'stuck') for (;;) {}
  const outcome = task.kind === 'form' ? { parameters: [], diagnostics: [], tags: {} } : { failure: null, state: null, resources: [] }
  parentPort.postMessage({ type: 'done', id, outcome })
})`

const form = (fileHash: string): FormTask => {
  const { dir, variables, mayAccessHost, mayReadOutsideModule, coder } = task()
  return { kind: 'form', dir, fileHash, variables, mayAccessHost, mayReadOutsideModule, coder }
}

test('a stuck task stalls no other task, and fails when its thread does not respond', async () => {
  const stuck = engineWithThread(stuckThread, { unresponsiveMs: 3000 })
  const failure = expect(stuck.run(task({ fileHash: 'stuck' }), runOptions())).rejects.toThrow(
    'did not respond for 3 s',
  )
  for (let count = 0; count < 8; count++) expect((await stuck.run(task(), runOptions())).failure).toBeNull()
  expect((await stuck.run(form('good'), runOptions())).diagnostics).toEqual([])
  await failure
  expect((await stuck.run(task(), runOptions())).failure).toBeNull()
  await stuck.close()
})

test('stuck forms end at their deadline, without affecting builds and other forms', async () => {
  const stuck = engineWithThread(stuckThread, { formMs: 1000 })
  const outcomes = Array.from({ length: 5 }, () => stuck.run(form('stuck'), runOptions()))
  const waiting = stuck.run(form('good'), runOptions())
  expect((await stuck.run(task(), runOptions())).failure).toBeNull()
  for (const { diagnostics } of await Promise.all(outcomes))
    expect(diagnostics).toMatchObject([
      { severity: 'error', summary: 'The evaluation of the parameters takes too long' },
    ])
  expect((await waiting).diagnostics).toEqual([])
  await stuck.close()
})

test('a task whose thread is blocked by a system call fails too', async () => {
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const blocked = engineWithThread(
    `import { readFileSync } from 'node:fs'\nparentPort.on('message', () => readFileSync(${JSON.stringify(fifo)}))`,
    { unresponsiveMs: 600, exitMs: 100 },
  )
  await expect(blocked.run(task(), runOptions())).rejects.toThrow('did not respond')
  // Lets the thread exit.
  writeFileSync(fifo, '')
  await blocked.close()
})

test('a template does not read pipes and devices', async () => {
  execFileSync('mkfifo', [join(folder, 'fifo')])
  for (const path of ['fifo', '/dev/zero']) {
    writeTemplate(`resource "terraform_data" "a" {\n  input = file("${path}")\n}\n`)
    const { failure } = await engine.run(task({ fileHash: path }), runOptions())
    expect(failure?.message).toContain('Invalid function argument')
  }
})

test('a form that waits too long for a thread is refused', async () => {
  const stuck = engineWithThread(stuckThread, { formMs: 5000, formQueueMs: 100 })
  const busy = Promise.allSettled([form('stuck'), form('stuck')].map((one) => stuck.run(one, runOptions())))
  expect((await stuck.run(form('good'), runOptions())).diagnostics).toMatchObject([{ severity: 'error' }])
  await stuck.close()
  await busy
})
