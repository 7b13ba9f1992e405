import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { Screens } from './screens.ts'
import type { SessionScreen } from './session-screen.ts'

const size = { cols: 40, rows: 5 }
const untilNextThreadMs = 1_000
const mortal = new URL('./testing/crashing-worker.ts', import.meta.url)

const opened: Screens[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const screens of opened.splice(0)) await screens.close()
})

function openScreens(patienceMs = 30_000, entry = mortal) {
  const troubles: string[] = []
  const screens = new Screens((trouble) => troubles.push(trouble), entry, patienceMs)
  opened.push(screens)
  const open = (folder?: string) => {
    let said = ''
    const replies: string[] = []
    const screen = screens.open({
      size,
      nonce: '',
      keptIn: folder === undefined ? undefined : { folder, isRestored: true },
      isTyping: () => false,
      recent: () => Buffer.from(said),
      describe: () => ({ id: 'one', created_at: '', title: '', cwd: '', last_command: '', ...size }),
      onAnswer: (reply) => replies.push(reply),
      onCommand: () => undefined,
    })
    const say = (text: string) => {
      screen.feed(Buffer.from(text))
      said += text
    }
    return { screen, say, replies }
  }
  return { troubles, open }
}

async function draw(screen: SessionScreen): Promise<string> {
  const still = await screen.hold()
  const text = String(await still.draw())
  still.release()
  return text
}

test('a screen shows what was said until it is held, and tells how much that is', async () => {
  const { screen, say } = openScreens().open()
  say('first\r\n')
  screen.resize({ cols: 30, rows: 6 })
  say('second')
  const still = await screen.hold()
  say(' and later')
  expect(still).toMatchObject({ size: { cols: 30, rows: 6 }, end: 'first\r\nsecond'.length })
  expect(String(await still.draw())).toMatch(/^first\r\nsecond\r\n/)
  still.release()
  expect(await draw(screen)).toMatch(/^first\r\nsecond and later\r\n/)
})

test('what a program asks its terminal, and the title it gives it, come back', async () => {
  const { screen, say, replies } = openScreens().open()
  say('\x1b]2;a title\x07\x1b[6n')
  await draw(screen)
  expect([screen.title, replies]).toEqual(['a title', ['\x1b[1;1R']])
})

test('a flood is not gathered on the way to a thread that is behind', async () => {
  const { screen, say } = openScreens().open()
  for (let line = 0; line < 40; line++) say(`${'x'.repeat(1024 * 1024)}\r\n`)
  say('the end')
  const still = await screen.hold()
  expect(still.end).toBeGreaterThan(40 * 1024 * 1024)
  expect(String(await still.draw())).toContain('the end')
})

test('when the thread dies, each screen begins again with what was said last', async () => {
  // Long enough after the beginning that nothing said since is to blame.
  vi.useFakeTimers({ toFake: ['performance'] })
  const { open, troubles } = openScreens()
  const [one, other] = [open(), open()]
  one.say('one')
  other.say('other')
  await draw(one.screen)
  await draw(other.screen)
  vi.advanceTimersByTime(60_000)
  other.screen.feed(Buffer.from('die now'))
  await expect(other.screen.hold()).rejects.toThrow('their screens restart with the most recent output')
  expect(troubles).toEqual([expect.stringContaining('The screens of all terminals were lost')])
  one.say(' and on')
  expect([await draw(one.screen), await draw(other.screen)]).toMatchObject([
    expect.stringMatching(/^one and on\r\n/),
    expect.stringMatching(/^other\r\n/),
  ])
})

test('what a thread died of at once is not said again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { open } = openScreens()
  const { screen, say } = open()
  say('die now')
  await expect(screen.hold()).rejects.toThrow('lost')
  vi.advanceTimersByTime(untilNextThreadMs)
  say('after')
  expect(await draw(screen)).toMatch(/^\r\n/)
  say(' it')
  expect(await draw(screen)).toMatch(/^ it\r\n/)
})

test('a thread that hangs is ended, and the next one has the screens', async () => {
  const { open, troubles } = openScreens(2_000)
  const { screen, say } = open()
  say('before')
  await draw(screen)
  screen.feed(Buffer.from('hang now'))
  await expect(screen.hold()).rejects.toThrow('did not answer')
  await vi.waitFor(() => expect(troubles.length).toBe(1), 10_000)
  say('after')
  await draw(screen)
  say('and on')
  expect(await draw(screen)).toContain('and on')
})

test('a thread that cannot be started is tried again each second, and nothing is missing then', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const entry = join(folder, 'thread.ts')
  const { open, troubles } = openScreens(30_000, pathToFileURL(entry))
  const { screen, say } = open()
  say('said before')
  await expect(screen.hold()).rejects.toThrow('lost')
  say(', meanwhile')
  await expect(screen.hold()).rejects.toThrow('lost')
  expect(troubles.length).toBe(1)
  writeFileSync(entry, `await import(${JSON.stringify(mortal.href)})`)
  vi.advanceTimersByTime(untilNextThreadMs)
  say(' and after')
  expect(await draw(screen)).toMatch(/^said before, meanwhile and after\r\n/)
})

test('a screen that was given up while its files were read takes nothing from the one that follows it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // Whoever reads it waits until somebody has written.
  const journal = join(folder, 'journal-0')
  execFileSync('mkfifo', [journal])
  const { screen, say } = openScreens(2_000).open(folder)
  say('before')
  await expect(screen.hold()).rejects.toThrow('did not answer')
  const next = screen.hold()
  const writing = setInterval(() => letRead(journal), 10)
  onTestFinished(() => clearInterval(writing))
  const still = await next
  expect(String(await still.draw())).toMatch(/^\r\n/)
  still.release()
  say('after')
  expect(await draw(screen)).toContain('after')
})

/** What waits to read this reads its end. */
function letRead(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error // nobody waits
  }
}

test('a screen whose files cannot be read begins anew and says so, and the others are as they were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-screens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // Where a file of lines would be taken away.
  mkdirSync(join(folder, 'lines-1'))
  const { open, troubles } = openScreens()
  const [one, other] = [open(), open(folder)]
  one.say('one')
  await draw(one.screen)
  other.say('other')
  expect([await draw(other.screen), await draw(one.screen)]).toMatchObject([
    expect.stringContaining('other'),
    expect.stringMatching(/^one\r\n/),
  ])
  expect(troubles[0]).toMatch(/^Could not store a terminal screen in .*The terminal is not affected/)
})
