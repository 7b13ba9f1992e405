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

const asked = (id: string): PtyRequest => ({
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

test('a kept session for which the system has no terminal is offered again, and taken up when there is one', async () => {
  const ownFolder = join(folder, 'main')
  mkdirSync(join(ownFolder, 'kept'), { recursive: true })
  writeFileSync(join(ownFolder, 'kept', 'journal-0'), packOutput(Buffer.from('what was there')))
  const keeping = await openSessionStore(ownFolder, { kept_lines: 100, kept_days: 1 }, (trouble) =>
    expect.fail(trouble),
  )
  if (!keeping) throw new Error('somebody else has the folder')
  const shell: ShellStart = { file: '/bin/sh', args: ['-c', 'cat'], env: {}, cwd: '/', notices: [], isTaught: false }
  // The native part refuses it as it refuses when nothing is left.
  let file: string | undefined
  const sessions = new Sessions(
    async () => ({ ...shell, file }) as ShellStart,
    () => undefined,
    (trouble) => expect.fail(trouble),
  )
  sessions.keepLines(100)
  sessions.keepIn(keeping)
  const request = asked('kept')
  await expect(sessions.findOrStart(request)).rejects.toThrow('no more terminals, processes or open files')
  expect(sessions.list()).toMatchObject([{ id: 'kept', state: 'restored' }])
  file = shell.file
  const { session, isNew } = await sessions.findOrStart(request)
  expect([isNew, sessions.list()]).toMatchObject([true, [{ id: 'kept', state: 'live', pid: session.describe().pid }]])
  await sessions.close(0)
  keeping.close()
  const { checkpoint, records } = await readSavedScreen(join(ownFolder, 'kept'))
  expect([checkpoint, ...records].join('')).toContain('what was there')
})

test('of many sessions that nobody saw end the oldest are forgotten, and nothing waits for their time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const shell: ShellStart = { file: '/bin/sh', args: ['-c', 'exit 3'], env: {}, cwd: '/', notices: [], isTaught: false }
  const sessions = new Sessions(
    async () => shell,
    () => undefined,
    (trouble) => expect.fail(trouble),
  )
  for (let count = 0; count < 60; count++) await sessions.findOrStart(asked(`${count}`))
  while (sessions.list().length > 0) await new Promise((resolve) => setImmediate(resolve))
  // For each of those that are kept: until its screen is frozen, and until it is forgotten.
  expect(vi.getTimerCount()).toBe(2 * 50)
  expect(await sessions.findOrStart(asked('59'))).toMatchObject({ isNew: false, session: { exit: { code: 3 } } })
  expect(await sessions.findOrStart(asked('0'))).toMatchObject({ isNew: true })
  vi.useRealTimers()
  await sessions.close(0)
})

test('a session that ends after all were closed is waited for by nothing', async () => {
  const shell: ShellStart = { file: '/bin/sh', args: ['-c', 'cat'], env: {}, cwd: '/', notices: [], isTaught: false }
  const sessions = new Sessions(
    async () => shell,
    () => undefined,
    (trouble) => expect.fail(trouble),
  )
  const { session } = await sessions.findOrStart(asked('late'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  await sessions.close(0)
  while (!session.exit) await new Promise((resolve) => setImmediate(resolve))
  expect(vi.getTimerCount()).toBe(0)
})
