// `coder terminal` on a real pty, against a real coderd and a real agent; and `coder terminals`.

import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import headless from '@xterm/headless'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { updateTerminalPreferences } from '../../../api/agents/terminals.ts'
import { readCast } from '../../../lib/asciicast.ts'
import { newStateDir, type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { readAllFiles } from '../../../server/testing/read-all-files.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { main, PtyProcess } from '../../testing/pty-process.ts'
import { createCliUser, type Outcome } from '../../testing/run-coder.ts'

const cliUser = createCliUser()
const template = templateWithAgent({
  agentArguments: `env = { SHELL = "/bin/bash", HOME = "${cliUser.home}", ENV = "${cliUser.home}/.shrc" }`,
})

const stateDir = newStateDir()
let server: TestServer
let agent: RunningAgent
let agentId: string

beforeAll(async () => {
  writeFileSync(join(cliUser.home, '.bash_profile'), "PS1='$ '\n")
  writeFileSync(join(cliUser.home, '.shrc'), "PS1='$ '\n")
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'handy', { 'main.tf': template })
  const workspace = await createWorkspace(server.client, id, 'otter')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agentId = agentsOf(build)[0]?.id ?? ''
  agent = startAgent(server.url, { token: await server.agentToken(agentId), stateDir })
  await waitForAgent(server.client, workspace.id)
})
afterAll(async () => {
  await agent.stop()
  await server.close()
  cliUser.remove()
})

const coder = (args: readonly string[], input = ''): Promise<Outcome> =>
  cliUser.coder(args, { CODER_CONFIG_DIR: server.dataDir }, input)

const watch = (...args: string[]) =>
  new PtyProcess(args, { cwd: cliUser.home, env: { CODER_CONFIG_DIR: server.dataDir } })

const open: PtyProcess[] = []
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.close()
})

/** A TCP proxy to a local port that can refuse connections. */
async function openProxy(to: number) {
  const sockets = new Set<Socket>()
  let isBlocked = false
  const proxy = createServer((client) => {
    const upstream = connect(to, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
    if (isBlocked) client.destroy()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (proxy.address() as AddressInfo).port,
    block() {
      isBlocked = true
      end()
    },
    /** Resolves when a connection has been refused. */
    nextRefusal: () => once(proxy, 'connection'),
    unblock() {
      isBlocked = false
    },
    async close() {
      end()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

/** Attaches and waits for the prompt. */
async function attach(...args: string[]): Promise<PtyProcess> {
  const terminal = watch('terminal', 'otter', ...args)
  open.push(terminal)
  await terminal.waitUntil(() => terminal.text.includes('$ '), 'a prompt')
  return terminal
}

/** Waits until programs see the size (`rows columns`). Input may overtake a new size. */
const waitForSize = (terminal: PtyProcess, size: string): Promise<void> =>
  terminal.run(`until stty size | grep '^${size.slice(0, -1)}'; do :; done`, size)

/** The lines of a terminal that has received all output of the process. */
async function readScreenLines({ text }: PtyProcess): Promise<string[]> {
  const terminal = new headless.Terminal({ cols: 90, rows: 25, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(text, resolve))
  const { active } = terminal.buffer
  return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString().trim() ?? '')
}

describe('coder terminal', () => {
  test('attaches, detaches with ~. and attaches again by name with the same screen', async () => {
    const first = await attach('build')
    await first.run('MARK=42; echo "see $((MARK + 1))"', 'see 43')
    first.type('\r~.')
    expect(await first.waitForExit()).toEqual({ code: 0, signal: 0 })
    expect(first.text).toContain('Detached. `coder terminal otter build` attaches again.')
    const second = await attach('build')
    expect(second.text).toContain('see 43')
    await second.run('echo "mark $MARK"', 'mark 42')
    second.type('exit 7\r')
    expect(await second.waitForExit()).toEqual({ code: 7, signal: 0 })
  })

  test('draws the lines above the screen too, and writes each line once into a pipe', async () => {
    const first = await attach('long')
    await first.run('for i in {100..200}; do echo "line $i"; done', 'line 200')
    first.type('\r~.')
    await first.waitForExit()
    const second = await attach('long')
    await second.waitUntil(() => /line 100\r\nline 101\r\n[\s\S]*line 200\r\n/.test(second.text), 'the lines above')
    second.type('\r~.')
    await second.waitForExit()
    const { stdout } = await coder(['terminal', 'otter', 'long'], 'exit\n')
    expect(stdout.match(/line \d+/g)).toEqual(Array.from({ length: 101 }, (_, index) => `line ${100 + index}`))
  })

  test('sends input that arrives together with the escape sequence', async () => {
    const first = await attach('hurry')
    first.type('MARK=44\r~.')
    await first.waitForExit()
    const second = await attach('hurry')
    await second.run('echo "mark $MARK"', 'mark 44')
    second.type('exit\r')
    await second.waitForExit()
  })

  test('completes the names of the open terminals of a workspace', async () => {
    const terminal = await attach()
    await terminal.run('true; echo "done $((4 + 4))"', 'done 8')
    const { stdout } = await coder(['complete', '--tabs', '--', 'terminal', 'otter', 'm'])
    expect(stdout).toBe('main\ttrue; echo "done $((4 + 4))" in /tmp\n')
    terminal.type('exit\r')
    await terminal.waitForExit()
  })

  test('follows the size of the local terminal', async () => {
    const terminal = await attach('sized')
    await terminal.run('stty size', '25 90')
    terminal.resize(101, 33)
    await waitForSize(terminal, '33 101')
    terminal.type('exit\r')
    expect(await terminal.waitForExit()).toEqual({ code: 0, signal: 0 })
  })

  test('--read-only ignores input and detaches with Ctrl-C', async () => {
    const owner = await attach('shown')
    const viewer = await attach('shown', '--read-only')
    viewer.type('echo from the viewer\r')
    await owner.run('echo from the owner', 'from the owner\r\n')
    await viewer.waitUntil(() => viewer.text.includes('from the owner\r\n'), 'what the owner sees')
    expect(owner.text + viewer.text).not.toContain('from the viewer')
    viewer.type('\x03')
    expect(await viewer.waitForExit()).toEqual({ code: 0, signal: 0 })
    owner.type('exit\r')
    await owner.waitForExit()
  })

  test('reconnects after a lost connection and shows the output since then', async () => {
    const terminal = await attach('lost')
    await terminal.run('echo $((40 + 2)); (sleep 1; echo "later $((50 + 1))") &', '42')
    server.context.connections.drop(agentId)
    await terminal.waitForText('later 51')
    await terminal.run('echo "and $((60 + 1))"', 'and 61')
    expect(terminal.text.match(/later 51/g)).toHaveLength(1)
    terminal.type('exit\r')
    expect(await terminal.waitForExit()).toEqual({ code: 0, signal: 0 })
  })

  test('starts a session with a terminal profile, and lists the profiles for an unknown one', async () => {
    const profile = {
      id: 'p',
      name: 'Plain',
      shell: 'sh',
      env: { GREETING: 'hello' },
      font: '',
      font_size: null,
      theme: '',
    }
    await server.client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { profiles: [profile] } })
    const terminal = await attach('--new', '--profile', 'Plain')
    await terminal.run('echo "$GREETING from $0"', 'hello from /')
    terminal.type('exit\r')
    await terminal.waitForExit()
    const { status, stderr } = await coder(['terminal', 'otter', '--profile', 'Fancy'])
    expect(status).toBe(1)
    expect(stderr).toContain('Terminal profile Fancy not found.\n  Your profiles: Plain')
  })

  test('records a session, and replays the recording', async () => {
    const file = join(cliUser.home, 'take.cast')
    const terminal = await attach('--new', '--record', file)
    await terminal.run('echo "recorded $((1 + 1))"', 'recorded 2')
    terminal.resize(80, 24)
    await waitForSize(terminal, '24 80')
    terminal.type('exit\r')
    await terminal.waitForExit()
    const cast = readCast(readFileSync(file, 'utf8'))
    expect(cast).toMatchObject({ cols: 90, rows: 25, title: 'otter main' })
    expect(cast.events.map(({ kind, text }) => (kind === 'o' ? text : '')).join('')).toContain('recorded 2')
    expect(cast.events).toContainEqual(expect.objectContaining({ kind: 'r', text: '80x24' }))
    const played = await coder(['terminals', 'replay', file])
    expect(played).toMatchObject({ status: 0 })
    expect(played.stdout).toContain('recorded 2')
    expect((await coder(['terminals', 'replay', main])).stderr).toContain('This is not an asciicast')
  })

  test('runs piped input and exits with the exit status of the shell', async () => {
    const { status, stdout } = await coder(['terminal', 'otter', '--new'], 'echo piped $((2 + 2)); exit 3\n')
    expect(stdout).toContain('piped 4')
    expect(status).toBe(3)
  })

  test.each([
    ['lines', 'echo piped $((2 + 2))\n'],
    ['a last line without a line feed', 'echo piped $((2 + 2))'],
  ])('exits at the end of piped input: %s', async (_, input) => {
    expect(await coder(['terminal', 'otter', '--new'], input)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('piped 4'),
    })
  })

  test('sends input typed while the connection was lost', async () => {
    const proxy = await openProxy(Number(new URL(server.url).port))
    const env = { CODER_URL: `http://127.0.0.1:${proxy.port}`, CODER_SESSION_TOKEN: server.token }
    const terminal = new PtyProcess(['terminal', 'otter', 'away'], { cwd: cliUser.home, env })
    open.push(terminal)
    await terminal.waitUntil(() => terminal.text.includes('$ '), 'a prompt')
    proxy.block()
    await terminal.waitForText('Connection lost.')
    terminal.type('echo "meanwhile $((60 + 1))"\r')
    for (let times = 0; times < 3; times++) await proxy.nextRefusal()
    proxy.unblock()
    await terminal.waitForText('meanwhile 61')
    terminal.type('exit\r')
    expect(await terminal.waitForExit()).toEqual({ code: 0, signal: 0 })
    await proxy.close()
  })

  test('reports a restored session in one line and keeps its screen', {
    timeout: 60_000,
  }, async () => {
    const full = await attach('full')
    await full.run('for i in {100..200}; do echo "line $i"; done; echo "MARK=42"', '\nMARK=42')
    const emptied = await attach('emptied')
    await emptied.run('PS1=; clear; MARK=43; echo "MARK=$MARK"', 'MARK=43\r\n')
    await until('the screens to be stored', () =>
      ['MARK=42\r\n', 'MARK=43\r\n'].every((text) => readAllFiles(stateDir).some((stored) => stored.includes(text))),
    )
    agent.process.kill('SIGKILL')
    await once(agent.process, 'exit')
    for (const terminal of [full, emptied]) terminal.close()
    agent = startAgent(server.url, { token: await server.agentToken(agentId), stateDir })
    await until('the agent', async () => (await coder(['terminals', 'otter'])).stdout.includes('restored'))

    const notice = /Session restored: the screen of \S+ ago is above, the shell is new\./
    const filled = await attach('full')
    await filled.waitUntil(() => notice.test(filled.text), 'the notice')
    await filled.run('echo "mark ${MARK-gone}"', 'mark gone')
    const lines = await readScreenLines(filled)
    const noticeRow = lines.findIndex((line) => notice.test(line))
    expect(lines.toSpliced(noticeRow, 1).filter((line) => /^line/.test(line))).toEqual(
      Array.from({ length: 101 }, (_, index) => `line ${100 + index}`),
    )
    // The next prompt may already be displayed.
    const commands = lines.filter((line) => !['$', ''].includes(line)).slice(-3)
    expect(commands).toEqual(['MARK=42', '$ echo "mark ${MARK-gone}"', 'mark gone'])
    filled.type('exit\r')
    await filled.waitForExit()
    const cleared = await attach('emptied')
    await until('the notice above the screen', async () => {
      const [first = '', second] = await readScreenLines(cleared)
      return notice.test(first) && second === 'MARK=43'
    })
    cleared.type('~.')
    await cleared.waitForExit()
    expect(await coder(['terminal', 'otter', 'emptied'], 'exit\n')).toMatchObject({
      stdout: expect.stringMatching(/^MARK=43\r\n/),
      stderr: expect.stringMatching(notice),
    })
  })

  test('reports that the session was closed elsewhere', async () => {
    const terminal = await attach('ended-elsewhere')
    await coder(['terminals', 'close', 'otter', 'ended-elsewhere'])
    expect(await terminal.waitForExit()).toEqual({ code: 129, signal: 0 })
    expect(terminal.text).toContain('The session was terminated by signal 1.')
  })

  test('rejects invalid arguments', async () => {
    expect((await coder(['terminal', 'badger'])).status).toBe(1)
    expect((await coder(['terminal', 'otter', '--escape-char', 'ab'])).stderr).toContain('is not a single character')
    const nowhere = join(cliUser.home, 'no-folder', 'x.cast')
    expect(await coder(['terminal', 'otter', 'unrecorded', '--record', nowhere], 'exit\n')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(`Could not write the recording to ${nowhere}.`),
    })
    expect((await coder(['terminals', 'otter'])).stdout).not.toContain('unrecorded')
  })

  test('reports that the agent is not connected', async () => {
    const { id } = await createTemplate(server.client, 'lonely', { 'main.tf': template })
    const { latest_build } = await createWorkspace(server.client, id, 'alone')
    await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
    const { status, stderr } = await coder(['terminal', 'alone'])
    expect(status).toBe(1)
    expect(stderr).toContain('Could not open the terminal.\n  The agent is not connected.')
    expect(stderr).toContain('`coder show`')
    expect((await coder(['terminals', 'alone'])).stderr).toContain('The agent of alone is not connected,')
    const closed = await coder(['terminals', 'close', 'alone', 'main'])
    expect(closed).toMatchObject({ status: 1, stderr: expect.stringContaining('The agent is not connected.') })
  })
})

test('coder exp rpty writes output unchanged', async () => {
  const terminal = watch('exp', 'rpty', 'otter', '--', 'printf', "'one\\ntwo\\n'")
  open.push(terminal)
  expect(await terminal.waitForExit()).toEqual({ code: 0, signal: 0 })
  expect(terminal.text).toContain('one\r\ntwo\r\n')
})

describe('coder terminals', () => {
  test('lists open sessions with their running commands, and closes them', { timeout: 60_000 }, async () => {
    const terminal = await attach('listed')
    terminal.type('sleep 600\r')
    const rows = async () => JSON.parse((await coder(['terminals', 'otter', '-o', 'json'])).stdout) as object[]
    await until('a busy terminal', async () => (await rows()).some((row) => 'is_busy' in row && row.is_busy === true))
    expect(await rows()).toContainEqual(
      expect.objectContaining({ workspace_name: 'otter', agent_name: 'main', cwd: '/tmp', last_command: 'sleep 600' }),
    )
    const { stdout } = await coder(['terminals', '-c', 'workspace,agent,command,state'])
    expect(stdout).toContain('otter      main   sleep 600  busy')
    expect((await coder(['terminals', 'close', 'otter', 'listed'])).stdout).toBe(
      'Terminal listed of otter was closed.\n',
    )
    await terminal.waitForExit()
    expect((await coder(['terminals', 'close', 'otter', 'listed'])).stderr).toContain(
      'Workspace otter has no terminal listed.',
    )
  })

  test('reports that a workspace is not running', { timeout: 60_000 }, async () => {
    const { id } = await createTemplate(server.client, 'resting', { 'main.tf': template })
    const { latest_build, ...workspace } = await createWorkspace(server.client, id, 'weasel')
    await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
    await build(server.client, workspace.id, 'stop')
    const { status, stdout, stderr } = await coder(['terminals', 'weasel'])
    expect([status, stdout + stderr]).toEqual([
      0,
      'Workspace weasel is not running. Start it to see its terminals: `coder start weasel`.\n',
    ])
  })

  test('searches the command history', { timeout: 60_000 }, async () => {
    const terminal = await attach('searched')
    await terminal.run('echo "found $((3 + 3))"; false', 'found 6')
    terminal.type('exit\r')
    await terminal.waitForExit()
    const search = () => coder(['terminals', 'history', 'found', '-w', 'otter', '-c', 'workspace,exit,folder,command'])
    await until('the command in the history', async () => (await search()).stdout.includes('found $'))
    expect((await search()).stdout).toBe(
      'WORKSPACE  EXIT  FOLDER  COMMAND\notter      1     /tmp    echo "found $((3 + 3))"; false\n',
    )
  })
})
