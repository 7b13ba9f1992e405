// The thread around the embedded engine: what becomes of tasks when it breaks, ends or does not listen. What it does
// with a template is tested through whole builds (builds/lifecycle.test.ts).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess } from '../../../lib/process-identity.ts'
import type { BuildTask, Engine, EngineWatch } from '../../jobs/engine.ts'
import { embeddedEngine } from './embedded.ts'

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
  mayExecuteHere: true,
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

const watch = (change: Partial<EngineWatch> = {}): EngineWatch => ({
  signal: new AbortController().signal,
  onLog: () => undefined,
  onTiming: () => undefined,
  onState: () => undefined,
  ...change,
})

const isRunning = (pid: number) => identifyProcess(pid) !== null

const writeTemplate = (text: string) => writeFileSync(join(folder, 'main.tf'), text)

/** An engine whose thread runs this program. */
function threadOf(program: string): Engine {
  const path = join(folder, 'thread.mjs')
  writeFileSync(path, `import { parentPort } from 'node:worker_threads'\n${program}`)
  return embeddedEngine(pathToFileURL(path))
}

test('the state is told after each thing that is made', async () => {
  writeTemplate(
    'resource "terraform_data" "a" {}\nresource "terraform_data" "b" {\n  depends_on = [terraform_data.a]\n}\n',
  )
  const told: string[] = []
  const outcome = await engine.run(task(), watch({ onState: (state) => told.push(state) }))
  const names = told.map((state) =>
    (JSON.parse(state) as { resources: { name: string }[] }).resources.map(({ name }) => name),
  )
  expect(names).toEqual([['a'], ['a', 'b']])
  expect(outcome.failure).toBeNull()
})

test('a canceled task ends early and says what exists', async () => {
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
    watch({ signal: controller.signal, onLog: ({ output }) => output.includes('begun') && controller.abort() }),
  )
  expect(outcome.failure).not.toBeNull()
  expect(outcome.state).toContain('"name": "a"')
})

test('deleting what was never made needs no template', async () => {
  writeTemplate('not terraform at all')
  expect(await engine.run(task({ transition: 'delete' }), watch())).toEqual({
    failure: null,
    state: null,
    resources: [],
  })
})

test('a state that cannot be read is kept as it is', async () => {
  writeTemplate('resource "terraform_data" "a" {}')
  const outcome = await engine.run(task({ state: 'garbage' }), watch())
  expect(outcome).toMatchObject({ state: 'garbage', failure: { message: expect.stringContaining('state') } })
})

test('what runs here is refused to whom it is not for, and what it made may still be undone', async () => {
  writeTemplate('resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n')
  const refused = await engine.run(task({ mayExecuteHere: false }), watch())
  expect(refused.failure?.message).toContain('terraform_data.a')
  const made = await engine.run(task(), watch())
  const undone = await engine.run(task({ mayExecuteHere: false, transition: 'delete', state: made.state }), watch())
  expect(undone.failure).toBeNull()
})

test('a process that an interrupted build had started, and no state tells of, is ended by the next build', async () => {
  writeTemplate(`terraform {
  required_providers {
    host = { source = "coder-local/host" }
  }
}
resource "host_process" "sleeper" {
  command = ["sleep", "600"]
}
`)
  const made = await engine.run(task(), watch())
  const [pid] = JSON.stringify(made.state).match(/(?<=pid.{2,4})\d+/) ?? []
  expect(isRunning(Number(pid))).toBe(true)
  const lines: string[] = []
  await engine.run(task({ transition: 'delete', state: null }), watch({ onLog: ({ output }) => lines.push(output) }))
  expect(isRunning(Number(pid))).toBe(false)
  expect(lines.join()).toContain(`process ${pid}`)
})

test('a thread that ends fails its tasks with a clear message, and the next task gets a new one', async () => {
  const broken = threadOf(`
parentPort.on('message', () => { throw new Error('out of order') })`)
  const outcomes = await Promise.allSettled([broken.run(task(), watch()), broken.run(task(), watch())])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('out of order') } })
  }
  await expect(broken.run(task(), watch())).rejects.toThrow('a new engine is started')
})

test('a defect in one task leaves the others alone', async () => {
  const broken = threadOf(`parentPort.on('message', ({ id, task }) =>
  parentPort.postMessage(task.fileHash === 'bad'
    ? { type: 'broke', id, stack: 'a defect' }
    : { type: 'done', id, outcome: { failure: null, state: null, resources: [] } }))`)
  const [bad, good] = await Promise.allSettled([
    broken.run(task({ fileHash: 'bad' }), watch()),
    broken.run(task(), watch()),
  ])
  expect(bad.status).toBe('rejected')
  expect(good.status).toBe('fulfilled')
  await broken.close()
})
