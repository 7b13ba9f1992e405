import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { Screens } from './screens.ts'
import type { SessionScreen } from './session-screen.ts'

const size = { cols: 40, rows: 5 }
const restartIntervalMs = 1_000
const crashingWorker = new URL('./testing/crashing-worker.ts', import.meta.url)

const opened: Screens[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const screens of opened.splice(0)) await screens.close()
})

function openScreens(timeoutMs = 30_000, entry = crashingWorker) {
  const errors: string[] = []
  const screens = new Screens((message) => errors.push(message), entry, timeoutMs)
  opened.push(screens)
  const open = (folder?: string) => {
    let output = ''
    const replies: string[] = []
    const screen = screens.open({
      size,
      nonce: '',
      recording: folder === undefined ? undefined : { folder, isRestored: true },
      isTyping: () => false,
      recent: () => Buffer.from(output),
      describe: () => ({ id: 'one', created_at: '', title: '', cwd: '', last_command: '', ...size }),
      onReply: (reply) => replies.push(reply),
      onCommand: () => undefined,
    })
    const write = (text: string) => {
      screen.feed(Buffer.from(text))
      output += text
    }
    return { screen, write, replies }
  }
  return { errors, open }
}

async function draw(screen: SessionScreen): Promise<string> {
  const snapshot = await screen.hold()
  const text = String(await snapshot.draw())
  snapshot.release()
  return text
}

test('a snapshot contains the output up to the hold, and its offset', async () => {
  const { screen, write } = openScreens().open()
  write('first\r\n')
  screen.resize({ cols: 30, rows: 6 })
  write('second')
  const snapshot = await screen.hold()
  write(' and later')
  expect(snapshot).toMatchObject({ size: { cols: 30, rows: 6 }, end: 'first\r\nsecond'.length })
  expect(String(await snapshot.draw())).toMatch(/^first\r\nsecond\r\n/)
  snapshot.release()
  expect(await draw(screen)).toMatch(/^first\r\nsecond and later\r\n/)
})

test('replies to terminal queries and titles are passed to the session', async () => {
  const { screen, write, replies } = openScreens().open()
  write('\x1b]2;a title\x07\x1b[6n')
  await draw(screen)
  expect([screen.title, replies]).toEqual(['a title', ['\x1b[1;1R']])
})

test('a flood does not accumulate while the worker is behind', async () => {
  const { screen, write } = openScreens().open()
  for (let line = 0; line < 40; line++) write(`${'x'.repeat(1024 * 1024)}\r\n`)
  write('the end')
  const snapshot = await screen.hold()
  expect(snapshot.end).toBeGreaterThan(40 * 1024 * 1024)
  expect(String(await snapshot.draw())).toContain('the end')
})

test('after the worker exits, each screen restarts with the recent output', async () => {
  // Late enough that the crash is not attributed to the recent output.
  vi.useFakeTimers({ toFake: ['performance'] })
  const { open, errors } = openScreens()
  const [first, second] = [open(), open()]
  first.write('one')
  second.write('other')
  await draw(first.screen)
  await draw(second.screen)
  vi.advanceTimersByTime(60_000)
  second.screen.feed(Buffer.from('die now'))
  await expect(second.screen.hold()).rejects.toThrow('their screens restart with the most recent output')
  expect(errors).toEqual([expect.stringContaining('The screens of all terminals were lost')])
  first.write(' and on')
  expect([await draw(first.screen), await draw(second.screen)]).toMatchObject([
    expect.stringMatching(/^one and on\r\n/),
    expect.stringMatching(/^other\r\n/),
  ])
})

test('output that crashed the worker immediately is not sent again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { open } = openScreens()
  const { screen, write } = open()
  write('die now')
  await expect(screen.hold()).rejects.toThrow('lost')
  vi.advanceTimersByTime(restartIntervalMs)
  write('after')
  expect(await draw(screen)).toMatch(/^\r\n/)
  write(' it')
  expect(await draw(screen)).toMatch(/^ it\r\n/)
})

test('a worker that hangs is terminated, and the next one opens the screens', async () => {
  const { open, errors } = openScreens(2_000)
  const { screen, write } = open()
  write('before')
  await draw(screen)
  screen.feed(Buffer.from('hang now'))
  await expect(screen.hold()).rejects.toThrow('did not answer')
  await vi.waitFor(() => expect(errors.length).toBe(1), 10_000)
  write('after')
  await draw(screen)
  write('and on')
  expect(await draw(screen)).toContain('and on')
})

test('a worker that cannot be started is started again each second, without loss of output', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const entry = join(folder, 'thread.ts')
  const { open, errors } = openScreens(30_000, pathToFileURL(entry))
  const { screen, write } = open()
  write('output before')
  await expect(screen.hold()).rejects.toThrow('lost')
  write(', meanwhile')
  await expect(screen.hold()).rejects.toThrow('lost')
  expect(errors.length).toBe(1)
  writeFileSync(entry, `await import(${JSON.stringify(crashingWorker.href)})`)
  vi.advanceTimersByTime(restartIntervalMs)
  write(' and after')
  expect(await draw(screen)).toMatch(/^output before, meanwhile and after\r\n/)
})

test('a screen that was closed while its files were read does not affect its successor', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // A reader of the fifo waits for a writer.
  const journal = join(folder, 'journal-0')
  execFileSync('mkfifo', [journal])
  const { screen, write } = openScreens(2_000).open(folder)
  write('before')
  await expect(screen.hold()).rejects.toThrow('did not answer')
  const next = screen.hold()
  const writing = setInterval(() => letRead(journal), 10)
  onTestFinished(() => clearInterval(writing))
  const snapshot = await next
  expect(String(await snapshot.draw())).toMatch(/^\r\n/)
  snapshot.release()
  write('after')
  expect(await draw(screen)).toContain('after')
})

/** Lets a waiting reader read the end of file. */
function letRead(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error // no reader yet
  }
}

test('a screen whose files cannot be read starts empty and reports the error; others are not affected', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // A folder, which cannot be unlinked like a file of lines.
  mkdirSync(join(folder, 'lines-1'))
  const { open, errors } = openScreens()
  const [first, second] = [open(), open(folder)]
  first.write('one')
  await draw(first.screen)
  second.write('other')
  expect([await draw(second.screen), await draw(first.screen)]).toMatchObject([
    expect.stringContaining('other'),
    expect.stringMatching(/^one\r\n/),
  ])
  expect(errors[0]).toMatch(/^Could not store a terminal screen in .*The terminal is not affected/)
})
