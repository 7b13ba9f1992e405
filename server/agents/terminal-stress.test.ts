// Stress tests of terminals: large output, clients that do not read, invalid bytes, large windows, pastes and lines, and
// hundreds of sessions.

import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { floodBytesPerMs } from '../../agent/terminals/typing-tracker.ts'
import {
  connectShell,
  listTerminals,
  queryTestAgent,
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
  TestTerminal,
  testAgent,
  until,
} from './testing/terminal-harness.ts'

let harness: TerminalHarness
let agent: RunningAgent
const folder = mkdtempSync(join(tmpdir(), 'coder-local-stress-'))

beforeAll(async () => {
  harness = await startTerminalHarness({ manifest: { terminals: { kept_lines: 10_000, kept_days: 1 } } })
  agent = startAgent(harness.url)
  await harness.connections.waitFor(testAgent.agentId, 'services', 10_000)
})
afterAll(async () => {
  await agent.stop()
  await harness.close()
})

async function closeSession(id: string): Promise<void> {
  await queryTestAgent(harness, '/terminals/close', { id })
  await until(async () => !(await listTerminals(harness)).some((session) => session.id === id))
}

const countFiles = (pid: number | undefined) => readdirSync(`/proc/${pid}/fd`).length
const countChildren = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).length
const countPtys = () => readdirSync('/dev/pts').length

test('200 closed sessions leave no open files, ptys or processes', {
  timeout: 120_000,
}, async () => {
  await connectShell(harness, 'warm')
  await closeSession('warm')
  await until(async () => (await listTerminals(harness)).length === 0)
  const { pid } = agent.process
  const before = { files: countFiles(pid), children: countChildren(pid) }
  const ptysBefore = countPtys()
  for (let batch = 0; batch < 10; batch++) {
    const terminals = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const terminal = new TestTerminal(harness.url, { id: `dropped-${batch}-${at}`, command: 'echo here; read' })
        await terminal.untilText('here')
        return terminal
      }),
    )
    // Half of the sessions exit; the others lose their client and are closed by another request.
    await Promise.all(
      terminals.map(async (terminal, at) => {
        if (at % 2 === 0) {
          terminal.type('\r')
          return terminal.until(() => terminal.closeCode !== undefined)
        }
        const closed = once(terminal.socket, 'close')
        terminal.socket.terminate()
        await closed
        await closeSession(`dropped-${batch}-${at}`)
      }),
    )
  }
  await until(async () => (await listTerminals(harness)).length === 0)
  await until(() => countFiles(pid) <= before.files && countChildren(pid) <= before.children)
  // The tolerance allows for other terminals on this computer.
  expect(countPtys()).toBeLessThan(ptysBefore + 50)
})

test('large outputs are throttled during input in another terminal', { timeout: 60_000 }, async () => {
  const typing = new TestTerminal(harness.url, { id: 'typing', command: 'stty raw -echo; printf ready; exec cat' })
  await typing.untilText('ready')
  const floods = [0, 1, 2].map(
    (at) => new TestTerminal(harness.url, { id: `turns-${at}`, command: 'exec yes a line of a flood' }),
  )
  for (const flood of floods) flood.recordsText = false
  const received = () => floods.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
  await Promise.all(floods.map((flood) => flood.until(() => flood.receivedBytes > 1_000_000)))
  typing.type('x')
  await typing.untilText('x')
  const [from, startedAt] = [received(), performance.now()]
  for (let key = 0; key < 30; key++) {
    typing.clear()
    typing.type(`<${key}>`)
    await typing.untilText(`<${key}>`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const receivedBytes = received() - from
  // Allows for a busy machine, and for a megabyte of each output in transit.
  const maxBytes = (performance.now() - startedAt) * floodBytesPerMs * 1.25 + floods.length * 1024 * 1024
  expect(receivedBytes).toBeLessThan(maxBytes)
  expect(receivedBytes).toBeGreaterThan(0)
  for (const flood of floods) flood.type('\x03')
  await Promise.all(floods.map((flood) => flood.until(() => flood.closeCode !== undefined)))
})

test('a terminal echoes every key during large output of 50 others', { timeout: 120_000 }, async () => {
  const floods = Array.from(
    { length: 50 },
    (_, at) => new TestTerminal(harness.url, { id: `flood-${at}`, command: 'exec yes a line of a flood' }),
  )
  for (const flood of floods) flood.recordsText = false
  await Promise.all(floods.map((flood) => flood.until(() => flood.receivedBytes > 100_000)))
  const echoing = new TestTerminal(harness.url, { id: 'echoing', command: 'stty raw -echo; printf ready; exec cat' })
  await echoing.untilText('ready')
  const flooded = floods.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
  for (let key = 0; key < 100; key++) {
    echoing.clear()
    echoing.type(`<${key}>`)
    await echoing.untilText(`<${key}>`)
  }
  expect(floods.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)).toBeGreaterThan(flooded)
  for (const flood of floods) flood.type('\x03')
  await Promise.all(floods.map((flood) => flood.until(() => flood.exit !== undefined)))
  await echoing.close()
})

test('a client that stops reading does not block others', { timeout: 60_000 }, async () => {
  const reading = await connectShell(harness, 'watched')
  const stuck = new TestTerminal(harness.url, { id: 'watched', acknowledges: false })
  await stuck.until(() => stuck.histories.length === 1)
  stuck.socket.pause()
  reading.recordsText = false
  const before = reading.receivedBytes
  reading.type('seq 1 700000\r')
  await reading.until(() => reading.receivedBytes > before + 4_000_000)
  reading.recordsText = true
  reading.type('echo still $((40+2))\r')
  await reading.untilText('still 42')
  stuck.socket.terminate()
  await closeSession('watched')
})

test('a terminal works after invalid UTF-8 and truncated escape sequences', async () => {
  const garbage = join(folder, 'garbage')
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919 + (at >> 5) * 104_729) % 256))
  writeFileSync(garbage, bytes)
  const terminal = await connectShell(harness, 'garbage')
  terminal.type(`cat ${garbage}; printf '\\033[?1049l\\033c\\033]2;'; printf '\\033\\\\'; echo after $((40+2))\r`)
  await terminal.untilText('after 42')
  const second = new TestTerminal(harness.url, { id: 'garbage' })
  await second.until(() => second.histories.length === 1)
  expect(second.snapshots[0]).toContain('after 42')
  await closeSession('garbage')
})

test('the snapshot of a 500 × 200 window is complete', async () => {
  const terminal = await connectShell(harness, 'huge', { cols: 500, rows: 200 })
  const line = "printf '\\033[3%dm%0498d\\033[m\\n' $((i % 8)) $i"
  terminal.type(`for i in $(seq 1 1000); do ${line}; done; echo drawn $((40+2))\r`)
  await terminal.untilText('drawn 42')
  const second = new TestTerminal(harness.url, { id: 'huge', cols: 500, rows: 200 })
  await second.until(() => second.histories.length === 1)
  expect(second.attached).toMatchObject({ cols: 500, rows: 200 })
  expect(second.snapshots[0]?.match(/0{400}\d+/g)).toHaveLength(198)
  expect(second.histories[0]?.match(/0{400}\d+/g)?.length).toBeGreaterThan(500)
  await closeSession('huge')
})

test('a paste of 10,000 lines is complete', { timeout: 60_000 }, async () => {
  const pasted = join(folder, 'pasted')
  const terminal = new TestTerminal(harness.url, {
    id: 'paste',
    command: `stty -echo; echo ready; cat > ${pasted}; echo got it`,
  })
  await terminal.untilText('ready')
  const text = Array.from({ length: 10_000 }, (_, at) => `${at} a pasted line with some words in it\n`).join('')
  for (let at = 0; at < text.length; at += 32_768) terminal.type(text.slice(at, at + 32_768))
  terminal.type('\x04')
  await terminal.untilText('got it')
  expect(readFileSync(pasted, 'utf8')).toBe(text)
})

test('Ctrl-C interrupts `cat` of a 200 MB file', { timeout: 60_000 }, async () => {
  const large = join(folder, 'large')
  writeFileSync(
    large,
    Buffer.alloc(200 * 1024 * 1024, 'sixty-three characters and the end of the line, again and again\n'),
  )
  const terminal = await connectShell(harness, 'large')
  terminal.type(`cat ${large}\r`)
  await terminal.until(() => terminal.receivedBytes > 5_000_000)
  terminal.type('\x03')
  terminal.clear()
  terminal.type('echo heard $((40+2))\r')
  await terminal.untilText('heard 42')
  expect(terminal.receivedBytes).toBeLessThan(150 * 1024 * 1024)
  await closeSession('large')
})

test('a terminal displays the end of a line of 80 MB', { timeout: 120_000 }, async () => {
  const endless = join(folder, 'line')
  writeFileSync(endless, Buffer.alloc(80 * 1024 * 1024, 'x'))
  const terminal = await connectShell(harness, 'line')
  terminal.recordsText = false
  const before = terminal.receivedBytes
  terminal.type(`cat ${endless}; echo; echo over $((40+2))\r`)
  for (let megabytes = 5; megabytes < 80; megabytes += 5)
    await terminal.until(() => terminal.receivedBytes > before + megabytes * 1_000_000)
  terminal.recordsText = true
  await terminal.untilText('over 42')
  const second = new TestTerminal(harness.url, { id: 'line' })
  await second.until(() => second.histories.length === 1)
  expect(second.snapshots[0]).toContain('over 42')
  expect(second.histories[0]).toContain('x'.repeat(10_000))
  await closeSession('line')
})
