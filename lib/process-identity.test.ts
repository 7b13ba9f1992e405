import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { identifyProcess, isAlive, readBootId } from './process-identity.ts'
import { requires } from './testing/requirements.ts'

const children: ChildProcess[] = []
const folders: string[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function startSleeper(program = 'sleep'): Promise<ChildProcess & { pid: number }> {
  const child = spawn(program, ['60'], { stdio: 'ignore' })
  children.push(child)
  await once(child, 'spawn')
  return child as ChildProcess & { pid: number }
}

function identify(pid: number) {
  const identity = identifyProcess(pid)
  if (!identity) throw new Error(`process ${pid} does not exist`)
  return identity
}

test('a live process matches its stored identity', async () => {
  const identity = identify((await startSleeper()).pid)
  expect(identity.bootId).toBe(readBootId())
  expect(isAlive(JSON.parse(JSON.stringify(identity)))).toBe(true)
})

test('an exited process is not alive', async () => {
  const child = await startSleeper()
  const identity = identify(child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isAlive(identity)).toBe(false)
  expect(identifyProcess(child.pid)).toBeNull()
})

test('another process with the same pid does not match', async () => {
  const identity = identify((await startSleeper()).pid)
  expect(isAlive({ ...identity, startedAt: String(Number(identity.startedAt) - 1) })).toBe(false)
})

test('an identity from before a reboot is not alive', async () => {
  const identity = identify((await startSleeper()).pid)
  expect(isAlive({ ...identity, bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false)
})

test('a program name that resembles a line of /proc is parsed correctly', requires('linux'), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-identity-'))
  folders.push(folder)
  const program = join(folder, 'x) Z 1 (y')
  copyFileSync('/usr/bin/sleep', program)
  chmodSync(program, 0o755)
  const identity = identify((await startSleeper(program)).pid)
  expect(Number(identity.startedAt)).toBeGreaterThanOrEqual(Number(identify(process.pid).startedAt))
  expect(isAlive(identity)).toBe(true)
})

test('invalid pids have no identity', () => {
  for (const pid of [0, -1, 1.5, Number.NaN]) expect(identifyProcess(pid)).toBeNull()
})
