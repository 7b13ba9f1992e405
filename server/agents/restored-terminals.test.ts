// Terminal sessions after their holder exited: the stored files, their restoration and their removal.

import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readAllFiles } from '../testing/read-all-files.ts'
import {
  connectShell,
  listTerminals,
  newStateDir,
  plainShell,
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
  TestTerminal,
  testAgent,
  until,
} from './testing/terminal-harness.ts'

const retention = { kept_lines: 10_000, kept_days: 30 }

interface TerminalFixture {
  readonly harness: TerminalHarness
  /** Folder of the agent's sessions. */
  readonly folder: string
  readonly manifest: { terminals: { kept_lines: number; kept_days: number } }
  agent: RunningAgent
  /** Starts the agent again with the same folder. */
  restartAgent(): Promise<void>
}

const fixtures: TerminalFixture[] = []
afterEach(async () => {
  for (const { agent, harness } of fixtures.splice(0)) {
    await agent.stop()
    await harness.close()
  }
})

async function openFixture(): Promise<TerminalFixture> {
  const stateDir = newStateDir()
  // Separate home: the user's shell startup files may be slow.
  const environment = { SHELL: '/bin/bash', PS1: '$ ', HOME: stateDir }
  const manifest = { terminals: retention, environment }
  const harness = await startTerminalHarness({ manifest })
  const fixture: TerminalFixture = {
    harness,
    manifest,
    folder: join(stateDir, 'coder-local', 'terminals', 'workspace', 'main'),
    agent: startAgent(harness.url, { stateDir }),
    async restartAgent() {
      fixture.agent = startAgent(harness.url, { stateDir })
      await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
    },
  }
  fixtures.push(fixture)
  await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
  return fixture
}

async function attach({ harness }: TerminalFixture, id: string, options: object = {}): Promise<TestTerminal> {
  const terminal = new TestTerminal(harness.url, { id, ...options })
  await terminal.until(() => terminal.histories.length === 1)
  return terminal
}

const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))) : []

// Headers of short records: output that a program writes at once may be stored in two records.
const recordHeaders = /\0{3}[\s\S]{2}/g

const waitUntilStored = ({ folder }: TerminalFixture, id: string, text: string) =>
  until(() => readAllFiles(join(folder, id)).some((stored) => stored.replace(recordHeaders, '').includes(text)))

async function killHolder({ agent, harness }: TerminalFixture): Promise<void> {
  const closed = harness.connections
    .all()
    .map(({ session }) => new Promise((resolve) => session.once('close', resolve)))
  agent.process.kill('SIGKILL')
  await once(agent.process, 'exit')
  await Promise.all(closed)
}

/** Removes shell marks from the text. */
const withoutMarks = (text: string) =>
  text
    .split('\x1b]')
    .map((part, at) => (at === 0 ? part : part.slice(part.indexOf('\x07') + 1)))
    .join('')

/** Numbers that are alone on their line. */
const numbersIn = (text: string) => (text.match(/^\d+(?=\r$)/gm) ?? []).map(Number)
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

test('a session is restored after its holder was killed, with its screen, scrollback and folder and a new shell', async () => {
  const fixture = await openFixture()
  const before = await connectShell(fixture.harness, 'lost')
  before.type("cd /usr/share; printf '\\033]7;file://here/usr/share\\007\\n'; seq 1 6000\r")
  await before.untilText('\n6000\r\n')
  before.type("printf '\\033]2;a title\\007\\033[31mred\\033[m end\\n'\r")
  await before.untilText(' end\r\n')
  await waitUntilStored(fixture, 'lost', 'red\x1b[m end')
  await until(async () => readFileSync(join(fixture.folder, 'lost', 'session.json'), 'utf8').includes('a title'))
  await killHolder(fixture)
  await fixture.restartAgent()
  expect(await listTerminals(fixture.harness)).toMatchObject([
    { id: 'lost', state: 'restored', title: 'a title', cwd: '/usr/share', pid: 0, clients: 0 },
  ])
  const after = await attach(fixture, 'lost', { command: 'echo never again' })
  expect(after.attached).toMatchObject({ created: true, resumed: false })
  expect(Date.parse(after.attached?.restored_from ?? '')).toBeGreaterThan(Date.now() - 60_000)
  expect(after.attached?.epoch).not.toBe(before.attached?.epoch)
  expect(numbersIn(`${after.histories[0]}${after.snapshots[0]}`)).toEqual(upTo(6_000))
  expect(after.snapshots[0]).toContain('\x1b[31mred\x1b[m end\r\n')
  after.clear()
  after.type('pwd; echo $((40 + 2))\r')
  await after.untilText('/usr/share\r\n42\r\n')
  expect(await listTerminals(fixture.harness)).toMatchObject([{ id: 'lost', state: 'live', clients: 1 }])
  // A restored session that is in use is a normal session.
  expect((await attach(fixture, 'lost')).attached).toMatchObject({ created: false, restored_from: null })
})

test('a session is restored after each crash of its holder', async () => {
  const fixture = await openFixture()
  await connectShell(fixture.harness, 'often').then((terminal) => terminal.type('echo one-$((1))\r'))
  await waitUntilStored(fixture, 'often', 'one-1')
  for (const word of ['two', 'three']) {
    await killHolder(fixture)
    await fixture.restartAgent()
    const terminal = await attach(fixture, 'often')
    terminal.type(`echo ${word}-$((1))\r`)
    await waitUntilStored(fixture, 'often', `${word}-1`)
  }
  await killHolder(fixture)
  await fixture.restartAgent()
  const { histories, snapshots } = await attach(fixture, 'often')
  expect(withoutMarks(`${histories[0]}${snapshots[0]}`)).toMatch(/\none-1\r\n[\s\S]*\ntwo-1\r\n[\s\S]*\nthree-1\r\n/)
})

test('after a killed full-screen program, the normal screen is restored without the modes of the program', async () => {
  const fixture = await openFixture()
  const before = await connectShell(fixture.harness, 'editor')
  before.type("echo below; printf '\\033[?1049h\\033[?1002h\\033[?25l\\033[5;5Hin the editor'\r")
  await before.untilText('in the editor')
  await waitUntilStored(fixture, 'editor', '\x1b[5;5Hin the editor')
  await killHolder(fixture)
  await fixture.restartAgent()
  const after = await attach(fixture, 'editor')
  expect(after.snapshots[0]).toContain('\nbelow\r\n')
  for (const mode of ['\x1b[?1047h', '\x1b[?1002h', '\x1b[?25l', '\x1b[5;5H'])
    expect(after.snapshots[0]).not.toContain(mode)
})

test('sessions are restored after a regular exit of the agent, except closed and exited ones', async () => {
  const fixture = await openFixture()
  for (const id of ['stays', 'closed', 'ended']) {
    const terminal = await connectShell(fixture.harness, id)
    terminal.type(`echo this is ${id}\r`)
    await terminal.untilText(`\rthis is ${id}\r\n`)
    if (id === 'ended') terminal.type('exit\r')
  }
  await until(() => !existsSync(join(fixture.folder, 'ended')))
  await fixture.agent.stop()
  await fixture.restartAgent()
  expect((await listTerminals(fixture.harness)).map(({ id, state }) => [id, state]).sort()).toEqual([
    ['closed', 'restored'],
    ['stays', 'restored'],
  ])
  const stream = await fixture.harness.connections.dial(testAgent.agentId, '/terminals/close', { id: 'closed' })
  stream.end()
  expect(JSON.parse(Buffer.concat(await stream.toArray()).toString())).toEqual({ closed: true })
  expect(existsSync(join(fixture.folder, 'closed'))).toBe(false)
  expect((await attach(fixture, 'stays')).snapshots[0]).toContain('this is stays')
})

test('stored sessions are readable by their owner only', async () => {
  const fixture = await openFixture()
  await connectShell(fixture.harness, 'private')
  await until(() => existsSync(join(fixture.folder, 'private', 'session.json')))
  for (const path of [fixture.folder, ...filesIn(fixture.folder)]) {
    const status = statSync(path)
    expect(status.mode & 0o777, path).toBe(status.isDirectory() ? 0o700 : 0o600)
  }
})

test('a workspace that disables storage stores no sessions, and stored ones are removed immediately', async () => {
  const fixture = await openFixture()
  const terminal = await connectShell(fixture.harness, 'secret')
  await waitUntilStored(fixture, 'secret', '$ ')
  fixture.manifest.terminals = { kept_lines: 0, kept_days: 30 }
  const stream = await fixture.harness.connections.dial(testAgent.agentId, '/manifest-changed')
  stream.end()
  await until(() => !existsSync(join(fixture.folder, 'secret')))
  terminal.type('echo more $((1))\r')
  await terminal.untilText('more 1\r\n')
  await connectShell(fixture.harness, 'second')
  await killHolder(fixture)
  expect(readdirSync(fixture.folder)).toEqual(['holder.json'])
  await fixture.restartAgent()
  expect(await listTerminals(fixture.harness)).toEqual([])
})

test('expired sessions are removed', async () => {
  const fixture = await openFixture()
  await connectShell(fixture.harness, 'old')
  const description = join(fixture.folder, 'old', 'session.json')
  await until(() => existsSync(description))
  await killHolder(fixture)
  const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60_000).toISOString()
  writeFileSync(description, JSON.stringify({ ...JSON.parse(readFileSync(description, 'utf8')), seen_at: longAgo }))
  await fixture.restartAgent()
  expect(await listTerminals(fixture.harness)).toEqual([])
  expect(existsSync(join(fixture.folder, 'old'))).toBe(false)
})

test('the readable part of damaged files is restored', async () => {
  const fixture = await openFixture()
  // The session to truncate is the last one, because a checkpoint may later replace its journal.
  for (const id of ['overwritten', 'nameless', 'cut']) {
    const terminal = await connectShell(fixture.harness, id)
    terminal.type(`echo first-$((1))\r`)
    await waitUntilStored(fixture, id, 'first-1')
    await until(() => existsSync(join(fixture.folder, id, 'session.json')))
    terminal.type(`echo last-$((1))\r`)
    await waitUntilStored(fixture, id, 'last-1')
  }
  await killHolder(fixture)
  for (const file of filesIn(join(fixture.folder, 'cut'))) {
    const at = readFileSync(file).indexOf('last-1')
    if (at >= 0) truncateSync(file, at + 3)
  }
  writeFileSync(join(fixture.folder, 'overwritten', 'screen-7'), '{"version":1,"cols"')
  writeFileSync(join(fixture.folder, 'overwritten', 'lines-1'), Buffer.alloc(1000, 0xff))
  writeFileSync(join(fixture.folder, 'nameless', 'session.json'), '{"id":')
  mkdirSync(join(fixture.folder, 'empty'))
  await fixture.restartAgent()
  expect((await listTerminals(fixture.harness)).map(({ id }) => id).sort()).toEqual(['cut', 'nameless', 'overwritten'])
  const cut = await attach(fixture, 'cut')
  expect(cut.snapshots[0]).toContain('\nfirst-1\r\n')
  expect(cut.snapshots[0]).not.toContain('last-1')
  expect((await attach(fixture, 'overwritten')).snapshots[0]).toContain('\nlast-1\r\n')
  expect((await attach(fixture, 'nameless')).snapshots[0]).toContain('\nlast-1\r\n')
  expect(existsSync(join(fixture.folder, 'empty'))).toBe(false)
})

test('two holders do not write to the same folder', async () => {
  const fixture = await openFixture()
  await connectShell(fixture.harness, 'mine')
  const other = await startTerminalHarness({ manifest: fixture.manifest })
  const second = startAgent(other.url, { stateDir: join(fixture.folder, '../../../..') })
  await other.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
  await until(() => second.log.join('').includes('Another agent stores its terminals in'))
  const terminal = new TestTerminal(other.url, { id: 'mine', command: plainShell })
  await terminal.untilText('$ ')
  expect(terminal.attached).toMatchObject({ created: true, restored_from: null })
  await second.stop()
  await other.close()
  expect(JSON.parse(readFileSync(join(fixture.folder, 'holder.json'), 'utf8')).pid).toBe(fixture.agent.process.pid)
})
