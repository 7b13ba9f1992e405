import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess, readBootId } from '../../../lib/process-identity.ts'
import { requires } from '../../../lib/testing/requirements.ts'
import type { State } from '../../engine/state/state.ts'
import { build, templateOf } from '../../testing/build-fixture.ts'
import type { HostContext } from './context.ts'
import { recordIntent, terminateOrphanProcesses } from './process-record.ts'
import { hostProvider } from './provider.ts'

let dataDir: string
let state: State | null

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'host provider é '))
  mkdirSync(join(dataDir, 'bin'))
  state = null
})

afterEach(async () => {
  if (state) await run('', { mode: 'destroy' })
  rmSync(dataDir, { recursive: true, force: true })
})

const workspaceDir = () => join(dataDir, 'workspaces', 'ws-1')

function context(changes: Partial<HostContext> = {}): HostContext {
  const agentBinDir = join(dataDir, 'bin')
  return { dataDir, workspaceId: 'ws-1', agentBinDir, environment: process.env, bootId: readBootId(), ...changes }
}

async function run(text: string, options: { mode?: 'apply' | 'destroy'; host?: Partial<HostContext> } = {}) {
  const built = await build(templateOf(text), {
    providers: [hostProvider(context(options.host))],
    state,
    mode: options.mode ?? 'apply',
  })
  state = built.state
  return built
}

const attribute = (name: string) => state?.resources[0]?.instances[0]?.attributes[name]
const pidOf = () => attribute('pid') as number

/** Resolves with the file's content when another process has written it. */
async function waitForFile(path: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  mkdirSync(dirname(path), { recursive: true })
  const watcher = watch(dirname(path), () => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n') && resolve())
  if (existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')) resolve()
  await promise
  watcher.close()
  return readFileSync(path, 'utf8').trim()
}

const processNamed = (command: string, more = '') => `
resource "host_process" "p" {
  command = ${command}
  ${more}
}`

test('a process runs in its own session and writes a log', async () => {
  const { diagnostics } = await run(processNamed('["sh", "-c", "echo hello; exec sleep 100"]'))
  expect(diagnostics).toEqual([])
  const session = execFileSync('ps', ['-o', 'sid=', '-p', String(pidOf())], { encoding: 'utf8' }).trim()
  expect(Number(session)).toBe(pidOf())
  expect(await waitForFile(join(workspaceDir(), 'p.log'))).toBe('hello')
})

test('a process inherits the environment of the user without variables of this program, and finds coder first', async () => {
  const coder = join(dataDir, 'bin', 'coder')
  writeFileSync(coder, '#!/bin/sh\nenv > "$OUT.tmp"; mv "$OUT.tmp" "$OUT"; exec sleep 100\n')
  chmodSync(coder, 0o755)
  const environment = {
    PATH: process.env.PATH,
    HOME: '/home/ann',
    CODER_SECRET: 'x',
    npm_config_x: 'x',
    NODE_OPTIONS: '--x',
    ELECTRON_RUN: '1',
  }
  await run(processNamed('["coder", "agent"]', `environment = { CODER_AGENT_TOKEN = "t", OUT = "${dataDir}/env" }`), {
    host: { environment },
  })
  const lines = (await waitForFile(join(dataDir, 'env'))).split('\n')
  expect(lines).toContain('HOME=/home/ann')
  expect(lines).toContain('CODER_AGENT_TOKEN=t')
  expect(lines.filter((line) => /^(CODER_SECRET|npm_|NODE_OPTIONS|ELECTRON_)/.test(line))).toEqual([])
})

test('a delete terminates the whole process tree, including other sessions and processes that ignore SIGTERM', async () => {
  const script =
    `trap '' TERM; setsid sh -c 'trap \\"\\" TERM; echo $$ > ${dataDir}/deep; sleep 100; sleep 100' & sleep 100; sleep 100`.replaceAll(
      dataDir,
      '$DIR',
    )
  await run(processNamed(`["sh", "-c", "${script}"]`, `environment = { DIR = "${dataDir}" }`))
  const deep = Number(await waitForFile(join(dataDir, 'deep')))
  const top = pidOf()
  expect(identifyProcess(deep)).not.toBeNull()
  const { diagnostics } = await run('')
  expect(diagnostics).toEqual([])
  expect(identifyProcess(top)).toBeNull()
  expect(identifyProcess(deep)).toBeNull()
})

test('a process that handles SIGTERM ends within a second', async () => {
  await run(processNamed('["sleep", "100"]'))
  const { events } = await run('')
  const done = events.find((event) => event.kind === 'resource_done' && event.action === 'delete')
  expect(done && 'elapsedMs' in done ? done.elapsedMs : Number.POSITIVE_INFINITY).toBeLessThan(1_000)
})

test('the next build restarts a process that died', async () => {
  await run(processNamed('["sleep", "100"]'))
  const dead = pidOf()
  process.kill(dead, 'SIGKILL')
  while (identifyProcess(dead)) await new Promise((resolve) => setImmediate(resolve))
  const { changes } = await run(processNamed('["sleep", "100"]'))
  expect(changes).toEqual(['create host_process.p'])
  expect(pidOf()).not.toBe(dead)
})

test('a process of an interrupted build is terminated by its record', async () => {
  await run(processNamed('["sleep", "100"]'))
  const pid = pidOf()
  const { signal } = new AbortController()
  expect(await terminateOrphanProcesses(context(), new Set([attribute('id') as string]), signal)).toEqual([])
  expect(identifyProcess(pid)).not.toBeNull()
  state = null
  expect(await terminateOrphanProcesses(context(), new Set(), signal)).toEqual([pid])
  expect(identifyProcess(pid)).toBeNull()
  expect(await terminateOrphanProcesses(context(), new Set(), signal)).toEqual([])
})

test('a process without a recorded pid is found by its marker variable', {
  skip: process.platform !== 'linux',
}, async () => {
  await run(processNamed('["sleep", "100"]'))
  const pid = pidOf()
  recordIntent(context(), attribute('id') as string)
  state = null
  expect(await terminateOrphanProcesses(context(), new Set(), new AbortController().signal)).toEqual([pid])
  expect(identifyProcess(pid)).toBeNull()
})

test('a process with another boot id or start time is never signaled', async () => {
  await run(processNamed('["sleep", "100"]'))
  const pid = pidOf()
  const saved = state
  await run('', { mode: 'destroy', host: { bootId: 'another boot' } })
  expect(identifyProcess(pid)).not.toBeNull()
  state = JSON.parse(JSON.stringify(saved).replace(/"started_at":"\d+"/, '"started_at":"1"')) as State
  await run('', { mode: 'destroy' })
  expect(identifyProcess(pid)).not.toBeNull()
  state = saved
})

test('a missing program and a missing folder are reported at the argument', async () => {
  const program = await run(processNamed('["no-such-program"]'))
  expect(program.diagnostics).toMatchObject([{ summary: 'Process did not start', range: { start: 43 } }])
  expect(program.state.resources).toEqual([])
  const folder = await run(processNamed('["true"]', 'directory = "/no/such/folder"'))
  expect(folder.diagnostics).toMatchObject([
    { summary: 'No such folder', detail: expect.stringContaining('/no/such/folder') },
  ])
})

const folder = 'resource "host_folder" "f" {\n  name = "home"\n}'

test('a folder is created with its marker and deleted with its content', async () => {
  await run(folder)
  const path = attribute('path') as string
  mkdirSync(join(path, 'a', 'b'), { recursive: true })
  writeFileSync(join(path, 'a', 'b', 'file'), 'x')
  const { diagnostics } = await run('')
  expect(diagnostics).toEqual([])
  expect(existsSync(path)).toBe(false)
})

test('symbolic links in a folder are removed, and their targets stay', async () => {
  await run(folder)
  const outside = join(dataDir, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'precious'), 'x')
  symlinkSync(outside, join(attribute('path') as string, 'link'))
  await run('')
  expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('x')
})

test('a folder is not deleted without its marker, with another marker, or if it is a symbolic link', async () => {
  await run(folder)
  const path = attribute('path') as string
  const marker = join(path, '.coder-local')
  const content = readFileSync(marker, 'utf8')
  const refusal = [{ summary: 'Folder not deleted' }]
  rmSync(marker)
  expect((await run('')).diagnostics).toMatchObject(refusal)
  writeFileSync(marker, JSON.stringify({ workspace_id: 'ws-2', resource_id: 'x' }))
  expect((await run('')).diagnostics).toMatchObject(refusal)
  writeFileSync(marker, content)
  const moved = join(dataDir, 'moved')
  execFileSync('mv', [path, moved])
  symlinkSync(moved, path)
  expect((await run('')).diagnostics).toMatchObject(refusal)
  expect(existsSync(join(moved, '.coder-local'))).toBe(true)
  rmSync(path)
})

test('a folder outside the workspace in the state is not deleted', async () => {
  await run(folder)
  const path = attribute('path') as string
  const elsewhere = join(dataDir, 'elsewhere')
  execFileSync('cp', ['-r', path, elsewhere])
  const saved = state
  for (const wrong of [elsewhere, join(path, '..', '..', '..', 'elsewhere'), dataDir, '/']) {
    state = JSON.parse(JSON.stringify(saved).replaceAll(JSON.stringify(path), JSON.stringify(wrong))) as State
    expect((await run('', { mode: 'destroy' })).diagnostics, wrong).toMatchObject([{ summary: 'Folder not deleted' }])
  }
  expect(existsSync(join(elsewhere, '.coder-local'))).toBe(true)
  state = saved
})

test('a folder name with path components is rejected', async () => {
  for (const name of ['..', 'a/b', '/etc', '.']) {
    const { diagnostics } = await run(`resource "host_folder" "f" {\n  name = "${name}"\n}`)
    expect(diagnostics, name).toMatchObject([{ summary: 'Invalid folder name' }])
  }
})

test('an existing folder is not reused', async () => {
  mkdirSync(join(workspaceDir(), 'home'), { recursive: true })
  const { diagnostics } = await run(folder)
  expect(diagnostics).toMatchObject([{ summary: 'Folder exists already' }])
})

const source = mkdtempSync(join(tmpdir(), 'mounted-'))

test('a folder with a mounted file system is not deleted', requires('mount permission'), async () => {
  await run(folder)
  const path = attribute('path') as string
  const inside = join(path, 'with space', 'mounted')
  mkdirSync(inside, { recursive: true })
  writeFileSync(join(source, 'precious'), 'x')
  writeFileSync(join(path, 'own'), 'x')
  execFileSync('mount', ['--bind', source, inside])
  try {
    expect((await run('')).diagnostics).toMatchObject([{ detail: expect.stringContaining('mounted') }])
    expect(existsSync(join(path, 'own'))).toBe(true)
    expect(existsSync(join(source, 'precious'))).toBe(true)
  } finally {
    execFileSync('umount', [inside])
  }
})
