// Terminals end to end without a database: real agents, shells and streams.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AttachedFrame, highWaterBytes } from '../../api/agents/agent-protocol.ts'
import {
  connectShell as connectShellOf,
  listTerminals,
  plainShell,
  queryTestAgent,
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
  type TerminalOptions,
  TestTerminal,
  testAgent,
  until,
} from './testing/terminal-harness.ts'

let harness: TerminalHarness
let agent: RunningAgent
let count = 0

beforeAll(async () => {
  harness = await startTerminalHarness()
  agent = startAgent(harness.url)
  await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
})
afterAll(async () => {
  await agent.stop()
  await harness.close()
})

const connect = (options: Partial<TerminalOptions> = {}) =>
  new TestTerminal(harness.url, { id: `session-${count++}`, ...options })

const connectShell = ({ id = `session-${count++}`, ...options }: Partial<TerminalOptions> = {}) =>
  connectShellOf(harness, id, options)

describe('a terminal', () => {
  test('has environment variables of its workspace and terminal type', async () => {
    const terminal = await connectShell()
    terminal.type(
      'echo "<$CODER $CODER_WORKSPACE_NAME $CODER_WORKSPACE_AGENT_NAME $CODER_WORKSPACE_OWNER_NAME $TERM $COLORTERM>"\r',
    )
    await terminal.untilText('<true test main ada xterm-256color truecolor>')
    expect(terminal.attached?.created).toBe(true)
  })

  test.each([1, 2] as const)('closes normally when its process exits (protocol %i)', async (protocol) => {
    const terminal = connect({ protocol, command: 'echo last words; exit 7' })
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.text).toContain('last words')
    expect(terminal.closeCode).toBe(1000)
    if (protocol === 2) expect(terminal.exit).toEqual({ code: 7, signal: 0 })
  })

  test('reports the signal that terminated its process', async () => {
    const terminal = connect({ command: 'kill -TERM $$' })
    await terminal.until(() => terminal.exit !== undefined)
    expect(terminal.exit?.signal).toBe(15)
  })

  test('sends all output before the exit to a slow client', async () => {
    const terminal = connect({ command: 'seq 1 300000; exit 3', acknowledges: false })
    while (!terminal.exit) {
      const before = terminal.receivedBytes
      await terminal.until(
        () =>
          terminal.exit !== undefined ||
          terminal.receivedBytes >= before + highWaterBytes / 2 ||
          terminal.receivedBytes > before,
      )
      terminal.acknowledge()
    }
    expect(terminal.text.match(/\n/g)).toHaveLength(300_000)
    expect(terminal.text.trimEnd().endsWith('\n300000')).toBe(true)
  })

  test('has the size of its client and follows its changes', async () => {
    const terminal = await connectShell({ cols: 91, rows: 33 })
    terminal.type('stty size\r')
    await terminal.untilText('33 91')
    terminal.resize(101, 40)
    terminal.type('stty size\r')
    await terminal.untilText('40 101')
  })

  test('does not change typed bytes', async () => {
    const terminal = await connectShell()
    terminal.type('echo "日本 é 🙂" | od -An -tx1 | tr -d " "\r')
    await terminal.untilText('e697a5e69cac20c3a920f09f99820a')
  })
})

describe('a session', () => {
  test('is attached again with its screen, process and title', async () => {
    const first = await connectShell({ id: 'again' })
    first.type('export MARK=4711; printf "\\033]2;my title\\007\\033[31mrot\\033[0m 日本語 🙂\\n"\r')
    await first.untilText('🙂\r\n')
    await first.close()
    const second = connect({ id: 'again' })
    await second.until(() => second.snapshots.length === 1)
    expect(second.attached?.created).toBe(false)
    expect(second.attached?.pid).toBe(first.attached?.pid)
    expect(second.snapshots[0]).toContain('\x1b[31mrot')
    expect(second.snapshots[0]).toContain('日本語 🙂')
    expect(second.snapshots[0]).toContain('\x1b]2;my title\x07')
    second.clear()
    second.type('echo "mark $MARK"\r')
    await second.untilText('mark 4711')
  })

  test('restores the alternate screen, hidden cursor and mouse mode of a full-screen program', async () => {
    const first = connect({
      id: 'full',
      command:
        'printf "before\\n\\033[?1049h\\033[?25l\\033[?1002h\\033[?1006h\\033[2J\\033[5;10Hfull screen"; read; printf "\\033[?1049l"; exec cat',
    })
    await first.untilText('full screen')
    await first.close()
    const second = connect({ id: 'full' })
    await second.until(() => second.snapshots.length === 1)
    for (const part of ['before', '\x1b[?1047h', 'full screen', '\x1b[?25l', '\x1b[?1002h', '\x1b[?1006h']) {
      expect(second.snapshots[0]).toContain(part)
    }
  })

  test('sends the visible screen first, then the scrollback', async () => {
    const first = await connectShell({ id: 'long' })
    first.type('seq 1 1500\r')
    await first.untilText('\n1500\r\n')
    await first.close()
    const second = connect({ id: 'long' })
    await second.until(() => second.histories.length === 1)
    expect(second.snapshots[0]?.match(/^\d+\r$/gm)?.at(0)).toBe('1478\r')
    const numbers = second.histories[0]?.match(/^\d+\r$/gm) ?? []
    expect(numbers.map((line) => Number(line))).toEqual(Array.from({ length: 1477 }, (_, at) => at + 1))
  })

  test('sends complete output to a client that attaches during output', async () => {
    const id = `session-${count++}`
    const first = connect({
      id,
      command: 'for i in $(seq 1 500); do echo line $i; sleep 0.001; done; echo the end; sleep 1000',
    })
    await first.untilText('line 5\r\n')
    const later: TestTerminal[] = []
    while (!first.text.includes('the end')) {
      const next = connect({ id })
      later.push(next)
      await next.until(() => next.histories.length > 0)
    }
    await Promise.all(later.map((client) => client.untilText('the end')))
    for (const { text } of later) {
      const numbers = [...text.matchAll(/line (\d+)/g)].map(([, number]) => Number(number))
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index))
      expect(numbers.at(-1)).toBe(500)
    }
  })

  test('resumes at the position of a client that lost its connection, without a snapshot', async () => {
    const first = await connectShell({ id: 'resumed' })
    const bystander = connect({ id: 'resumed' })
    await bystander.until(() => bystander.histories.length === 1)
    const { position } = first
    first.socket.terminate()
    bystander.type('seq 1 20000\r')
    await bystander.untilText('\n20000\r\n\x1b[?2004h$ ')
    const second = connect({ id: 'resumed', resume: position })
    await second.until(() => second.offset === bystander.offset)
    expect(second.attached).toMatchObject({ created: false, resumed: true, epoch: position.epoch })
    expect(second.snapshots).toEqual([])
    expect(second.text).toMatch(/^seq 1 20000\r\n.*\r1\r\n2\r\n/)
    expect(second.text.match(/^\d+\r$/gm)).toHaveLength(20_000)
    second.type('echo and on\r')
    await second.untilText('and on\r\n')
  })

  test.each([
    ['of another session', (end: number) => ({ epoch: 'another', offset: end }), {}],
    ['before the stored output', (end: number) => ({ offset: end - 600_000 }), {}],
    ['after the end of the output', (end: number) => ({ offset: end + 1 }), {}],
    ['of another size', (end: number) => ({ offset: end - 10 }), { cols: 90 }],
  ])('sends a snapshot for a position %s', async (_, position, options) => {
    const first = await connectShell()
    first.type('seq 1 200000\r')
    await first.untilText('\n200000\r\n\x1b[?2004h$ ')
    const resume = { ...first.position, ...position(first.offset) }
    await first.close()
    const second = connect({ id: `session-${count - 1}`, resume, ...options })
    await second.until(() => second.histories.length === 1)
    expect(second.attached?.resumed).toBe(false)
    expect(second.snapshots[0]).toContain('200000')
    expect(second.offset).toBeGreaterThanOrEqual(first.offset)
  })

  test('is terminated by a close request, and its clients are disconnected', async () => {
    const terminal = await connectShell({ id: 'closed' })
    expect(await queryTestAgent(harness, '/terminals/close', { id: 'closed' })).toEqual({ closed: true })
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.exit?.signal).toBe(1)
    await until(async () => !(await listTerminals(harness)).some(({ id }) => id === 'closed'))
    expect(await queryTestAgent(harness, '/terminals/close', { id: 'closed' })).toEqual({ closed: false })
  })

  test('reports its folder and commands if its shell does', async () => {
    const terminal = await connectShell({ id: 'reporting' })
    const { nonce } = terminal.attached as AttachedFrame
    const mark = (text: string) => `printf '\\033]${text};nonce=${nonce}\\007'`
    terminal.type(
      `printf '\\033]7;file://here/usr/share\\007'; ${mark('633;E;make \\\\x3b true')}; ${mark('133;C;start_ms=1000')}\r`,
    )
    const findSession = () => listTerminals(harness).then((all) => all.find(({ id }) => id === 'reporting'))
    await until(async () => (await findSession())?.is_busy === true)
    expect(await findSession()).toMatchObject({ cwd: '/usr/share', last_command: 'make ; true', state: 'live' })
    terminal.type(`${mark('133;D;3;end_ms=1500')}\r`)
    await until(async () => harness.posted.some(({ path }) => path === 'commands'))
    expect(harness.posted.find(({ path }) => path === 'commands')?.body).toEqual({
      commands: [
        {
          session_id: 'reporting',
          command: 'make ; true',
          cwd: '/usr/share',
          exit_code: 3,
          started_at: new Date(1_000).toISOString(),
          duration_ms: 500,
        },
      ],
    })
    expect(await findSession()).toMatchObject({ is_busy: false })
  })

  test('ignores input and sizes of read-only clients', async () => {
    const first = await connectShell({ id: 'observed' })
    const observer = connect({ id: 'observed', readOnly: true, cols: 50, rows: 10 })
    await observer.until(() => observer.histories.length === 1)
    expect(observer.attached).toMatchObject({ read_only: true, cols: 80, rows: 24 })
    observer.type('echo never\r')
    observer.resize(40, 10)
    first.type('stty size\r')
    await Promise.all([first.untilText('24 80'), observer.untilText('24 80')])
    expect(first.text).not.toContain('never')
    expect(first.sizes).toEqual([])
  })

  test('answers terminal queries of its program when all clients are read-only', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'coder-local-agent-')), 'marker')
    const query = `printf 'ab\\033[6n'; IFS= read -rsd R place; echo "at \${place#*[}"`
    const command = `echo started; until [ -e ${marker} ]; do sleep 0.01; done; ${query}`
    const first = connect({ id: 'asking', command })
    await first.untilText('started')
    const observer = connect({ id: 'asking', readOnly: true })
    await observer.until(() => observer.histories.length === 1)
    await first.close()
    await until(async () => (await listTerminals(harness)).find(({ id }) => id === 'asking')?.clients === 1)
    writeFileSync(marker, '')
    await observer.untilText('at 2;3')
  })

  test('is shared by its clients and has the size of the client that typed last', async () => {
    const first = await connectShell({ id: 'shared', cols: 80, rows: 24 })
    const second = connect({ id: 'shared', cols: 100, rows: 30 })
    await second.until(() => second.histories.length === 1)
    expect([second.attached, first.sizes]).toMatchObject([{ cols: 80, rows: 24 }, []])
    second.type('stty size\r')
    await Promise.all([first.untilText('30 100'), second.untilText('30 100')])
    expect(first.sizes).toEqual([{ cols: 100, rows: 30 }])
    first.type('stty size\r')
    await first.untilText('24 80')
    await second.until(() => second.sizes.length === 1)
    const official = connect({ id: 'shared', protocol: 1, cols: 90, rows: 20 })
    await first.until(() => first.sizes.length === 2)
    expect(first.sizes[1]).toEqual({ cols: 90, rows: 20 })
    await official.close()
  })

  test('notifies clients when its size owner disconnects, and not when another client does', async () => {
    const staying = await connectShell({ id: 'left', cols: 80, rows: 24 })
    const owner = connect({ id: 'left', cols: 60, rows: 20 })
    await owner.until(() => owner.histories.length === 1)
    owner.type(' ')
    await staying.until(() => staying.sizes.length === 1)
    const observer = connect({ id: 'left', readOnly: true })
    await observer.until(() => observer.histories.length === 1)
    await observer.close()
    await until(async () => (await listTerminals(harness)).find(({ id }) => id === 'left')?.clients === 2)
    await owner.close()
    await staying.until(() => staying.sizes.length === 2)
    expect(staying.sizes).toEqual([{ cols: 60, rows: 20 }, 'free'])
    staying.resize(80, 24)
    staying.type('stty size\r')
    await staying.untilText('24 80')
  })

  test('has a new size owner after input of a client of the same size', async () => {
    const first = await connectShell({ id: 'same', cols: 80, rows: 24 })
    const second = connect({ id: 'same', cols: 80, rows: 24 })
    await second.until(() => second.histories.length === 1)
    second.type('echo $((40 + 2))\r')
    await second.untilText('42')
    await second.close()
    await first.until(() => first.sizes.length === 1)
    expect(first.sizes).toEqual(['free'])
  })

  test('that exited without clients sends its last screen and its exit', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'coder-local-agent-')), 'marker')
    const command = `echo started; until [ -e ${marker} ]; do sleep 0.01; done; echo the end; exit 5`
    const first = connect({ id: 'ended', command })
    await first.untilText('started')
    await first.close()
    await until(async () => (await listTerminals(harness)).find(({ id }) => id === 'ended')?.clients === 0)
    writeFileSync(marker, '')
    await until(async () => !(await listTerminals(harness)).some(({ id }) => id === 'ended'))
    const second = connect({ id: 'ended' })
    await second.until(() => second.exit !== undefined)
    expect(second.exit?.code).toBe(5)
    expect(second.snapshots[0]).toContain('the end')
  })

  test('that exited is shown again on request, and replaced by a new session otherwise', async () => {
    const first = await connectShell({ id: 'exited' })
    first.type('echo all of it; exit 7\r')
    await first.until(() => first.exit !== undefined)
    for (let time = 0; time < 2; time++) {
      const again = connect({ id: 'exited', ended: true })
      await again.until(() => again.exit !== undefined)
      expect(again.attached).toMatchObject({ created: false, pid: first.attached?.pid })
      expect(again.exit?.code).toBe(7)
      expect(again.snapshots[0]).toMatch(/\nall of it\r/)
    }
    const next = await connectShell({ id: 'exited' })
    expect(next.attached).toMatchObject({ created: true })
    const other = connect({ id: 'exited', ended: true })
    await other.until(() => other.attached !== undefined)
    expect(other.attached).toMatchObject({ created: false, pid: next.attached?.pid })
  })

  test('that was closed without clients is not shown to the next client', async () => {
    const first = await connectShell({ id: 'closed' })
    await first.close()
    await until(async () => (await listTerminals(harness)).find(({ id }) => id === 'closed')?.clients === 0)
    await queryTestAgent(harness, '/terminals/close', { id: 'closed' })
    await until(async () => !(await listTerminals(harness)).some(({ id }) => id === 'closed'))
    const next = await connectShell({ id: 'closed' })
    expect(next.attached).toMatchObject({ created: true })
  })

  test('starts in the home folder with a message if its folder does not exist', async () => {
    const other = await startTerminalHarness({ manifest: { directory: '/nowhere/at all' } })
    const lost = startAgent(other.url)
    await other.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
    const terminal = new TestTerminal(other.url, { id: 'lost', command: 'pwd' })
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.text).toMatch(/^The folder \/nowhere\/at all does not exist[^\n]*\r\n/)
    await lost.stop()
    await other.close()
  })
})

describe('large output', () => {
  test('pauses for a client that does not acknowledge, and Ctrl-C interrupts it', async () => {
    const terminal = await connectShell({ acknowledges: false })
    terminal.type('yes "a flood of lines"\r')
    await terminal.until(() => terminal.receivedBytes > highWaterBytes)
    const pausedAt = terminal.receivedBytes
    terminal.send({ type: 'ping', bytes: Buffer.from('still there?') })
    terminal.type('\x03')
    // The pong follows all output in transit.
    await terminal.until(() => terminal.pongs.includes('still there?'))
    expect(terminal.receivedBytes).toBeLessThan(pausedAt + 256 * 1024)
    terminal.acknowledges = true
    terminal.acknowledge()
    await terminal.until(() => /\^C[\s\S]*\$ $/.test(terminal.text.slice(-200)))
  })

  test('is skipped for a slow client, which receives a snapshot when it has caught up', async () => {
    const fast = await connectShell({ id: 'two speeds' })
    const slow = connect({ id: 'two speeds', acknowledges: false })
    await slow.until(() => slow.snapshots.length === 1)
    fast.type('seq 1 500000; echo all of it\r')
    await fast.until(() => /\nall of it\r\n/.test(fast.text))
    expect(slow.receivedBytes).toBeLessThan(highWaterBytes * 2)
    slow.acknowledge()
    await slow.until(() => slow.snapshots.length === 2)
    expect(slow.snapshots[1]).toContain('500000\r\nall of it')
    slow.clear()
    fast.type('echo and on together\r')
    await slow.untilText('and on together\r\n')
  })

  test('is sent completely to a client of protocol 1', async () => {
    const terminal = connect({ protocol: 1, command: 'seq 1 200000' })
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.text.match(/\n/g)).toHaveLength(200_000)
  })
})

describe('an invalid message', () => {
  test.each([
    ['an unknown type', [Buffer.from([0x7f, 1, 2, 3])]],
    ['an empty message', [Buffer.alloc(0)]],
    ['truncated frames', [Buffer.from([0x01, 0]), Buffer.from([0x02])]],
    ['sizes of zero and above the limit', [Buffer.from([0x01, 0, 0, 0, 0]), Buffer.from([0x01, 255, 255, 255, 255])]],
  ])('does not affect the terminal: %s', async (_, messages) => {
    const terminal = await connectShell()
    for (const message of messages) terminal.socket.send(message)
    terminal.type('echo still here\r')
    await terminal.untilText('still here\r\n')
  })

  test('that is not JSON disconnects a client of protocol 1 and no other', async () => {
    const bystander = await connectShell()
    const terminal = connect({ protocol: 1, command: plainShell })
    await terminal.untilText('$ ')
    terminal.socket.send('no json at all')
    await terminal.until(() => terminal.closeCode !== undefined)
    bystander.type('echo still here\r')
    await bystander.untilText('still here\r\n')
  })

  test('is completed by the next one: JSON in fragments', async () => {
    const terminal = connect({ protocol: 1, command: plainShell })
    await terminal.untilText('$ ')
    const bytes = Buffer.from('{"data":"echo \\"grün"}{"height":24,"width":80}{"data":"\\"\\r"}')
    for (const byte of bytes) terminal.socket.send(Buffer.of(byte))
    await terminal.untilText('grün\r\n')
  })
})

describe('the agent', () => {
  test('releases the resources of disconnected clients', async () => {
    const first = await connectShell({ id: 'many' })
    const before = readdirSync(`/proc/${agent.process.pid}/fd`).length
    for (let attach = 0; attach < 100; attach++) {
      const terminal = new TestTerminal(harness.url, { id: 'many' })
      await terminal.until(() => terminal.snapshots.length === 1)
      await terminal.close()
    }
    await until(async () => (await listTerminals(harness)).find(({ id }) => id === 'many')?.clients === 1)
    expect(readdirSync(`/proc/${agent.process.pid}/fd`)).toHaveLength(before)
    first.type('echo still here\r')
    await first.untilText('still here\r\n')
  })

  test('passes no file of another terminal to a shell', async () => {
    await connectShell()
    const terminal = connect({ command: 'ls -l /proc/self/fd' })
    await terminal.until(() => terminal.closeCode !== undefined)
    expect(terminal.text).toContain('/dev/pts/')
    expect(terminal.text).not.toContain('/dev/ptmx')
  })

  test('keeps its terminals during a crash of its services, which it restarts', async () => {
    await harness.connections.waitFor(testAgent.agentId, 'services', 10_000)
    const terminal = await connectShell()
    const servicesPid = childrenOf(agent.process.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services'),
    )
    const connected = harness.connections.all().find(({ identity }) => identity.role === 'services')
    process.kill(servicesPid as number, 'SIGKILL')
    await once(connected?.session as never, 'close')
    terminal.type('echo still here\r')
    await terminal.untilText('still here\r\n')
    await harness.connections.waitFor(testAgent.agentId, 'services', 10_000)
  })
})

describe('a separate agent', () => {
  test('continues when its log output is closed', async () => {
    const other = await startTerminalHarness()
    const alone = startAgent(other.url)
    await other.connections.waitFor(testAgent.agentId, 'services', 10_000)
    const terminal = new TestTerminal(other.url, { id: 'kept' })
    await terminal.until(() => terminal.attached !== undefined)
    alone.process.stderr?.destroy()
    // The agent logs each lost connection to a closed pipe.
    for (let loss = 0; loss < 3; loss++) {
      const lost = other.connections.all().map(({ session }) => once(session, 'close'))
      other.connections.drop(testAgent.agentId)
      await Promise.all(lost)
      await other.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
      await other.connections.waitFor(testAgent.agentId, 'services', 10_000)
    }
    const again = new TestTerminal(other.url, { id: 'kept' })
    await again.until(() => again.attached !== undefined)
    expect(again.attached).toMatchObject({ created: false, pid: terminal.attached?.pid })
    again.type('echo still here\r')
    await again.untilText('still here\r\n')
    expect(await alone.stop()).toBe(0)
    await other.close()
  })

  test('terminates shells that ignore SIGHUP before it exits, and reports its state', async () => {
    const other = await startTerminalHarness()
    const leaving = startAgent(other.url)
    await other.connections.waitFor(testAgent.agentId, 'services', 10_000)
    const terminal = new TestTerminal(other.url, {
      id: 'stubborn',
      command: 'trap "" HUP TERM; echo ready; while :; do sleep 1; done',
    })
    await terminal.untilText('ready\r\n')
    const pid = terminal.attached?.pid as number
    // The agent exits after the shell and after its last report.
    expect(await leaving.stop()).toBe(0)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    const states = other.posted
      .filter(({ path }) => path === 'lifecycle')
      .map(({ body }) => (body as { state: string }).state)
    expect([...new Set(states)]).toEqual(['starting', 'ready', 'shutting_down', 'off'])
    await other.close()
  })

  test('runs its startup script once, also if its services crash, and sends the output immediately', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coder-local-agent-'))
    const script = {
      id: 'b7ad1c6e-8b43-4d39-8a68-6d2a7d0f3f01',
      log_source_id: 'b7ad1c6e-8b43-4d39-8a68-6d2a7d0f3f02',
      display_name: 'Start',
      log_path: join(folder, 'start.log'),
      script: `echo run >> ${folder}/runs; echo first line; test -d "$CODER_SCRIPT_DATA_DIR" || echo no folder; echo last line; exit 4`,
      cron: '',
      run_on_start: true,
      run_on_stop: false,
      start_blocks_login: false,
      timeout_seconds: 0,
    }
    const other = await startTerminalHarness({ manifest: { scripts: [script] } })
    const scripted = startAgent(other.url)
    const waitForPost = (path: string, matches: (body: never) => boolean) =>
      until(async () => other.posted.some((entry) => entry.path === path && matches(entry.body as never)))
    await waitForPost('script-timings', ({ status, exit_code }: never) => status === 'exit_failure' && exit_code === 4)
    await waitForPost('lifecycle', ({ state }: never) => state === 'start_error')
    // The output is sent before the state.
    const reports = other.posted.map(({ path, body }) =>
      path === 'lifecycle' ? (body as { state: string }).state : path,
    )
    expect(reports).toContain('logs')
    expect(reports.indexOf('logs')).toBeLessThan(reports.indexOf('start_error'))
    await other.connections.waitFor(testAgent.agentId, 'services', 10_000)
    const connected = other.connections.all().find(({ identity }) => identity.role === 'services')
    process.kill(Number(connected?.identity.pid), 'SIGKILL')
    await once(connected?.session as never, 'close')
    await other.connections.waitFor(testAgent.agentId, 'services', 10_000)
    expect(await scripted.stop()).toBe(0)
    expect(readFileSync(`${folder}/runs`, 'utf8')).toBe('run\n')
    expect(readFileSync(script.log_path, 'utf8')).toContain('first line\nlast line\n')
    const lines = other.posted
      .filter(({ path }) => path === 'logs')
      .flatMap(({ body }) => (body as { logs: { output: string }[] }).logs)
    expect(lines.map(({ output }) => output)).toEqual(['first line', 'last line', 'The script exited with code 4.'])
    await other.close()
  })

  test('keeps its terminals when coderd is killed, and reconnects', async () => {
    const first = await forkHarness(0)
    const survivor = startAgent(first.url)
    await first.agentConnected
    const before = new TestTerminal(first.url, { id: 'kept', command: plainShell })
    await before.untilText('$ ')
    before.type('echo "before $((40+2))"\r')
    await before.untilText('before 42')
    first.process.kill('SIGKILL')
    await before.until(() => before.closeCode !== undefined)
    const second = await forkHarness(Number(new URL(first.url).port))
    await second.agentConnected
    const after = new TestTerminal(second.url, { id: 'kept' })
    await after.untilText('before 42')
    expect(after.attached).toMatchObject({ created: false, pid: before.attached?.pid })
    await survivor.stop()
    second.process.kill('SIGKILL')
  })

  test('keeps its terminals while coderd is suspended', async () => {
    const stopped = await forkHarness(0)
    const survivor = startAgent(stopped.url)
    await stopped.agentConnected
    const terminal = new TestTerminal(stopped.url, { id: 'kept', command: plainShell })
    await terminal.untilText('$ ')
    stopped.process.kill('SIGSTOP')
    terminal.type('echo "woken $((40+2))"\r')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    stopped.process.kill('SIGCONT')
    await terminal.untilText('woken 42')
    await survivor.stop()
    stopped.process.kill('SIGKILL')
  })
})

const childrenOf = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

interface ForkedHarness {
  readonly url: string
  readonly process: ChildProcess
  readonly agentConnected: Promise<unknown>
}

/** Starts the harness in a separate process, which can be killed. */
async function forkHarness(port: number): Promise<ForkedHarness> {
  const child = fork(fileURLToPath(new URL('./testing/terminal-harness-process.ts', import.meta.url)), [String(port)], {
    execArgv: [],
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, process: child, agentConnected: once(child, 'message') }
}
