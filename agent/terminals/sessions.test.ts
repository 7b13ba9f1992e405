import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import type { PtyRequest } from '../../api/agents/agent-protocol.ts'
import { packOutput, readSavedScreen } from '../screens/record/session-files.ts'
import type { ShellStart } from '../shell.ts'
import { openSessionStore } from './session-store.ts'
import { Sessions } from './sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'coder-local-sessions-'))
afterAll(() => rmSync(folder, { recursive: true }))

const requestFor = (id: string): PtyRequest => ({
  id,
  rows: 24,
  cols: 80,
  command: '',
  protocol: 2,
  readOnly: false,
  shell: '',
  env: {},
  folder: '',
  integration: false,
  ended: false,
  images: false,
  resume: undefined,
})

test('a stored session stays restorable when no pty is available, and is restored by the next attempt', async () => {
  const ownFolder = join(folder, 'main')
  mkdirSync(join(ownFolder, 'stored'), { recursive: true })
  writeFileSync(join(ownFolder, 'stored', 'journal-0'), packOutput(Buffer.from('earlier output')))
  const store = await openSessionStore(ownFolder, { kept_lines: 100, kept_days: 1 }, (message) => expect.fail(message))
  if (!store) throw new Error('another holder owns the folder')
  const shell: ShellStart = {
    file: '/bin/sh',
    args: ['-c', 'cat'],
    env: {},
    cwd: '/',
    notices: [],
    isIntegrated: false,
  }
  // Without a file, the native module fails as it does when the system is out of ptys.
  let file: string | undefined
  const sessions = new Sessions(
    async () => ({ ...shell, file }) as ShellStart,
    () => undefined,
    (message) => expect.fail(message),
  )
  sessions.setStoredLines(100)
  sessions.attachStore(store)
  const request = requestFor('stored')
  await expect(sessions.findOrStart(request)).rejects.toThrow('no more terminals, processes or open files')
  expect(sessions.list()).toMatchObject([{ id: 'stored', state: 'restored' }])
  file = shell.file
  const { session, isNew } = await sessions.findOrStart(request)
  expect([isNew, sessions.list()]).toMatchObject([true, [{ id: 'stored', state: 'live', pid: session.describe().pid }]])
  await sessions.close(0)
  store.close()
  const { checkpoint, records } = await readSavedScreen(join(ownFolder, 'stored'))
  expect([checkpoint, ...records].join('')).toContain('earlier output')
})

test('the number of ended sessions without clients is limited, and removed sessions leave no timers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const shell: ShellStart = {
    file: '/bin/sh',
    args: ['-c', 'exit 3'],
    env: {},
    cwd: '/',
    notices: [],
    isIntegrated: false,
  }
  const sessions = new Sessions(
    async () => shell,
    () => undefined,
    (message) => expect.fail(message),
  )
  for (let count = 0; count < 60; count++) await sessions.findOrStart(requestFor(`${count}`))
  while (sessions.list().length > 0) await new Promise((resolve) => setImmediate(resolve))
  // Two per remaining session: freezing its screen and its expiry.
  expect(vi.getTimerCount()).toBe(2 * 50)
  expect(await sessions.findOrStart(requestFor('59'))).toMatchObject({ isNew: false, session: { exit: { code: 3 } } })
  expect(await sessions.findOrStart(requestFor('0'))).toMatchObject({ isNew: true })
  vi.useRealTimers()
  await sessions.close(0)
})

test('a session that ends after the registry was closed leaves no timers', async () => {
  const shell: ShellStart = {
    file: '/bin/sh',
    args: ['-c', 'cat'],
    env: {},
    cwd: '/',
    notices: [],
    isIntegrated: false,
  }
  const sessions = new Sessions(
    async () => shell,
    () => undefined,
    (message) => expect.fail(message),
  )
  const { session } = await sessions.findOrStart(requestFor('late'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  await sessions.close(0)
  while (!session.exit) await new Promise((resolve) => setImmediate(resolve))
  expect(vi.getTimerCount()).toBe(0)
})
