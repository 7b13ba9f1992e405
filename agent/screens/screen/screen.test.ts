import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { Recorder } from '../record/recorder.ts'
import { readSavedScreen, type SavedScreen } from '../record/session-files.ts'
import { openTestTerminal, restoreTerminal } from '../testing/compare-terminals.ts'
import { createScreen, type Screen } from './screen.ts'

const size = { cols: 80, rows: 24 }

const openScreen = (first: TerminalSize = size, onReply: (reply: string) => void = () => undefined) =>
  createScreen(first, { onReply, onCommand: () => undefined })

/** Scrollback and screen as text. */
async function textOf(screen: Screen, maxBytes = Number.POSITIVE_INFINITY): Promise<string> {
  const snapshot = await screen.hold()
  const text = Buffer.concat([...(await snapshot.history(maxBytes)), await snapshot.draw()]).toString()
  snapshot.release()
  return text
}

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')

/** A red box. */
const sixel = (width: number, height: number) => `\x1bP0;1;0q"1;1;${width};${height}#0;2;100;0;0#0!${width}~-\x1b\\`

/** An inline PNG: only its header is read. */
function inlineFile(width: number, height: number, more = ''): string {
  const file = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(17)])
  file.writeUInt32BE(width, 16)
  file.writeUInt32BE(height, 20)
  return `\x1b]1337;File=inline=1;size=${file.length}${more}:${file.toString('base64')}\x07`
}

test.each([
  ['nothing', ''],
  ['text', 'one\r\ntwo'],
  ['colors and styles', '\x1b[1;31mred\x1b[0m \x1b[38;5;200mpink\x1b[48;2;1;2;3mdeep\x1b[0m \x1b[7;9;53mx\x1b[m'],
  ['underlines', '\x1b[4mplain \x1b[4:3;58;2;1;2;3mcurly\x1b[59m \x1b[21mdouble\x1b[58:5:9mred\x1b[m none'],
  [
    'bright and dark colors',
    lines(16, (at) => `\x1b[${at < 8 ? 30 + at : 82 + at};${at < 8 ? 100 + at : 32 + at}m${at}`),
  ],
  ['wide characters and emoji', '日本語 🙂 👩‍👩‍👧‍👦 é ✓ 🇩🇪🇫🇷 ✌🏽\r\n'],
  ['a wide character that did not fit', `${'x'.repeat(79)}日本`],
  ['more lines than fit', lines(100, (at) => `line ${at}\r\n`)],
  ['a line that wraps many times', 'abcdefghij'.repeat(500)],
  ['a line that wraps and was erased at its edge', `${'x'.repeat(200)}\x1b[A\x1b[70G\x1b[K\x1b[2B\r`],
  ['a line that wraps into color', `${'x'.repeat(75)}\x1b[44m${'y'.repeat(20)}\x1b[m\r\nend`],
  ['lines that wrap into color at the bottom', lines(40, () => `${'x'.repeat(75)}\x1b[44m${'y'.repeat(20)}\x1b[m\r\n`)],
  ['a cursor in the pending-wrap state', `text\r\n${'x'.repeat(80)}`],
  ['a colored wide character before a pending wrap', `\x1b[31m${'x'.repeat(78)}日`],
  ['erased with color', '\x1b[41m\x1b[2J\x1b[5;5Htext\x1b[44m\x1b[K\x1b[m'],
  ['gaps and tabs', 'a\tb\x1b[20Gc\x1b[10;40Hd'],
  ['tab stops', '\x1b[3g\x1b[5G\x1bH\x1b[12G\x1bH\r\ta\tb'],
  ['an active style', 'text\x1b[1;3;35;46m'],
  ['the alternate screen', 'shell\r\n\x1b[?1049h\x1b[2J\x1b[3;4Heditor\x1b[?25l'],
  [
    'the alternate screen over many lines',
    `${lines(100, (at) => `line ${at}\r\n`)}\x1b[31m\x1b[?1049h\x1b[44mall\x1b[J`,
  ],
  ['mouse, paste and cursor keys', '\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1htext'],
  ['a scroll region and a cursor style', '\x1b[5;10r\x1b[4 qtext'],
  ['a scroll region with its own origin', '\x1b[5;10r\x1b[?6h\x1b[3;3Htext'],
  ['a saved cursor', 'text\x1b[5;6H\x1b[32m\x1b7\x1b[m\x1b[10;1Hmore'],
  ['line drawing', '\x1b(0lqqk\x1b(B text \x1b(0x'],
  ['line drawing by shift-out', '\x1b)0\x0elqqk'],
  ['links', 'see \x1b]8;;https://example.com\x07here and\x1b]8;;\x07 \x1b]8;id=a;https://b.example\x07there'],
  ['insert mode and no wrapping', '\x1b[4h\x1b[?7ltext'],
  ['an image between lines', `before\r\n${sixel(100, 90)}\r\nafter`],
  ['an image that fills the window, and text beside it', `${sixel(40, 24 * 20)}\x1b[2;10Hbeside\x1b[24;1H`],
  ['an image that is partly scrolled away', `${sixel(100, 200)}\r\n${lines(18, (at) => `line ${at}\r\n`)}`],
  ['images in the scrollback', `${sixel(50, 50)}\r\n${lines(200, (at) => `line ${at}\r\n`)}${sixel(60, 120)}\r\n`],
  [
    'an image that is partly overwritten and erased',
    `${sixel(100, 100)}\x1b[2;3Htext\x1b[3;2H\x1b[4X\x1b[4;5H\x1b[K\x1b[10;1H`,
  ],
  ['an image on the alternate screen', `shell\x1b[?1049h\x1b[3;7H${sixel(30, 70)}\x1b[1;1Htitle`],
  ['an image at the upper left (DECSDM)', `\x1b[10;10H\x1b[?80h${sixel(30, 70)}text`],
  ['an image that scrolls the window', `${'\r\n'.repeat(20)}x${sixel(30, 140)}y`],
  ['an inline file without a size', `a${inlineFile(64, 44).replace(/size=\d+/, '')}b`],
  ['inline files', `a${inlineFile(64, 44)}b\r\n${inlineFile(64, 44, ';width=4;height=50%')}c`],
])('a restored screen is identical, and continues identically: %s', async (_, text) => {
  const screen = openScreen()
  const uninterrupted = openTestTerminal(size)
  screen.feed(Buffer.from(text))
  await uninterrupted.write(text)
  const snapshot = await screen.hold()
  const drawn = await restoreTerminal(snapshot)
  expect(drawn.state()).toBe(uninterrupted.state())
  for (const more of [
    'more\x1b8saved',
    '\r\nlqqk\r\n',
    '\x1b[?1049lback',
    '\x1b[?6l\x1b[20;70Hwrapped around the edge',
  ]) {
    await drawn.write(more)
    await uninterrupted.write(more)
    expect(drawn.state()).toBe(uninterrupted.state())
  }
})

test('drawing without scrollback contains the visible rows only', async () => {
  const screen = openScreen()
  screen.feed(Buffer.from(lines(100, (at) => `line ${at}\r\n`)))
  const snapshot = await screen.hold()
  const text = (await snapshot.draw()).toString()
  expect(text).toContain('line 99')
  expect(text).not.toContain('line 76\r\n')
  const drawn = openTestTerminal(size)
  await drawn.write(text)
  expect(drawn.terminal.buffer.normal.length).toBe(24)
  expect(drawn.terminal.buffer.normal.getLine(0)?.translateToString(true)).toBe('line 77')
})

test('modes that xterm does not expose are drawn: mouse coordinates, hidden cursor, region, title', async () => {
  const screen = openScreen()
  screen.feed(Buffer.from('\x1b[?1000h\x1b[?1006h\x1b[?25l\x1b[2;5r\x1b[6 q\x1b]2;title\x07'))
  const text = await textOf(screen)
  for (const part of ['\x1b[?1006h', '\x1b[?25l', '\x1b[2;5r', '\x1b[6 q', '\x1b]2;title\x07'])
    expect(text).toContain(part)
})

test('output is drawn in its own size before a resize', async () => {
  const screen = openScreen({ cols: 10, rows: 5 })
  screen.feed(Buffer.from('0123456789abc\r\n'))
  screen.resize({ cols: 20, rows: 5 })
  screen.feed(Buffer.from('01234567890123456789\r\n'))
  expect(await textOf(screen)).toContain('0123456789abc\r\n01234567890123456789')
})

test('after a flood the last output and earlier modes are drawn', async () => {
  const screen = openScreen()
  screen.feed(Buffer.from('\x1b[?2004h\x1b[?1006h'))
  const flood = Buffer.from(lines(20_000, (line) => `\x1b[3${line % 8}mline ${line}\x1b[0m\r\n`))
  for (let round = 0; round < 20; round++) screen.feed(flood)
  screen.feed(Buffer.from('the end'))
  const text = await textOf(screen)
  expect(text).toContain('line 19999')
  expect(text).toContain('the end')
  expect(text).toContain('\x1b[?2004h')
  expect(text).toContain('\x1b[?1006h')
})

test('the scrollback is limited by bytes and keeps the newest lines', async () => {
  const cell = (at: number) => `\x1b[38;2;${at % 256};${(at * 7) % 256};9mx`
  const line = `${lines(500, cell)}\r\n`
  const screen = openScreen({ cols: 500, rows: 100 })
  screen.feed(Buffer.from(`${line.repeat(300)}the end`))
  const snapshot = await screen.hold()
  const history = Buffer.concat(await snapshot.history(1024 * 1024))
  expect(history.length).toBeGreaterThan(900 * 1024)
  expect(history.length).toBeLessThanOrEqual(1024 * 1024)
  expect((await snapshot.draw()).toString()).toContain('the end')
})

test('holders take turns, and output waits meanwhile', async () => {
  const screen = openScreen()
  screen.feed(Buffer.from('before'))
  const first = await screen.hold()
  screen.feed(Buffer.from(' between'))
  const second = screen.hold()
  expect((await first.draw()).toString()).not.toContain('between')
  first.release()
  expect((await (await second).draw()).toString()).toContain('before between')
})

test('the screen replies to terminal queries', async () => {
  const answers: string[] = []
  const screen = openScreen(size, (reply) => answers.push(reply))
  screen.feed(Buffer.from('ab\x1b[6n'))
  await screen.hold()
  expect(answers).toEqual(['\x1b[1;3R'])
})

test('a client that attaches during an image receives its start, then the rest', async () => {
  const picture = `\x1bP0;1;0q"1;1;200;100${'#0!200~-'.repeat(20_000)}`
  const screen = openScreen()
  screen.feed(Buffer.from(`before\r\n${picture}`))
  const drawn = await restoreTerminal(await screen.hold())
  await drawn.write('\x1b\\after')
  const uninterrupted = openTestTerminal(size)
  await uninterrupted.write(`before\r\n${picture}\x1b\\after`)
  expect(drawn.state()).toBe(uninterrupted.state())
})

test('images are restored with a recorded screen, for clients with image support only', async () => {
  const first = openScreen()
  first.feed(Buffer.from(`${sixel(100, 200)}\r\n${lines(18, (at) => `line ${at}\r\n`)}`))
  const snapshot = await first.hold()
  const checkpoint = Buffer.concat([...(await snapshot.history(1e6, true)), await snapshot.draw(true)])
  expect(Buffer.concat([...(await snapshot.history(1e6)), await snapshot.draw()]).includes('\x1bP')).toBe(false)
  const second = createScreen(size, {
    onReply: () => undefined,
    onCommand: () => undefined,
    saved: { size, checkpoint, records: [], generation: 0 },
  })
  const restored = await restoreTerminal(await second.hold())
  const before = await restoreTerminal(snapshot)
  expect(restored.state()).toContain('⟦10:9,12⟧')
  expect(restored.state().split('\n').slice(1, 25)).toEqual(before.state().split('\n').slice(1, 25))
})

test('images on stored lines are restored, for clients with image support and within one screen process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-pictures-'))
  const open = (saved?: SavedScreen) => {
    const onError = (error: Error) => expect.unreachable(error.message)
    const recorder = new Recorder(folder, { lines: 10_000 }, onError, saved?.generation)
    const events = { onReply: () => undefined, onCommand: () => undefined }
    return { recorder, screen: createScreen(size, { ...events, recorder, ...(saved && { saved }) }) }
  }
  // All heights, so that images lie across the points at which lines are trimmed.
  const part = (at: number) =>
    `  ${sixel(100, 20 * (at % 20) + 10)}\r\n${lines(30, (line) => `line ${at}.${line}\r\n`)}`
  const output = lines(150, part)
  const { recorder, screen } = open()
  const uninterrupted = openTestTerminal(size, 10_000)
  screen.feed(Buffer.from(output))
  await uninterrupted.write(output)
  const snapshot = await screen.hold()
  expect((await restoreTerminal(snapshot, 10_000)).state()).toBe(uninterrupted.state())
  const plain = String(Buffer.concat(await snapshot.history(Number.POSITIVE_INFINITY)))
  expect([plain.includes('\x1bP'), plain.includes('1337')]).toEqual([false, false])
  snapshot.release()
  await recorder.close()
  screen.close()
  // A restored screen starts with a checkpoint and does not know earlier images.
  for (let restart = 0; restart < 2; restart++) {
    const next = open(await readSavedScreen(folder))
    const lines = String(Buffer.concat(await (await next.screen.hold()).history(Number.POSITIVE_INFINITY, true)))
    expect(lines.match(/line 0\.0\r\n/g)).toHaveLength(1)
    expect(lines).not.toContain('1337')
    await next.recorder.close()
    next.screen.close()
  }
  rmSync(folder, { recursive: true })
})

test('a frozen screen draws the same as before, with and without images, repeatedly', async () => {
  const screen = openScreen()
  screen.feed(
    Buffer.from(`${lines(3_000, (at) => `\x1b[3${at % 8}mline ${at}\x1b[m\r\n`)}${sixel(100, 200)}\r\nthe \x1b[1mend`),
  )
  const snapshot = await screen.hold()
  const before = await restoreTerminal(snapshot)
  const plain = String(await snapshot.draw())
  snapshot.release()
  await screen.freeze()
  for (let time = 0; time < 2; time++) {
    const frozen = await screen.hold()
    expect((await restoreTerminal(frozen)).state()).toBe(before.state())
    expect(String(await frozen.draw())).toBe(plain)
    frozen.release()
  }
  expect(await textOf(screen, 100)).not.toContain('line 2000')
  screen.close()
})
