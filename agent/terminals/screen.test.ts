import { expect, test } from 'vitest'
import { createScreen, type ScreenSize } from './screen.ts'

const size = { cols: 80, rows: 24 }

async function draw(text: string | Buffer, first: ScreenSize = size): Promise<string> {
  const screen = createScreen(first, () => undefined)
  screen.feed(Buffer.from(text as string))
  return (await screen.snapshot()).toString()
}

/** What a snapshot shows, by drawing it on another screen, which must give the same again. */
async function redraw(text: string): Promise<{ once: string; twice: string }> {
  const once = await draw(text)
  return { once, twice: await draw(once) }
}

test.each([
  ['colours and styles', '\x1b[1;31mred\x1b[0m \x1b[38;5;200mpink\x1b[48;2;1;2;3mdeep\x1b[0m'],
  ['wide characters and emoji', '日本語 🙂 👩‍👩‍👧‍👦 é ✓\r\n'],
  ['more lines than fit', Array.from({ length: 100 }, (_, line) => `line ${line}\r\n`).join('')],
  ['the alternate screen', 'shell\r\n\x1b[?1049h\x1b[2J\x1b[3;4Heditor\x1b[?25l'],
  ['mouse, paste and cursor keys', '\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1htext'],
  ['a scroll region and a cursor style', '\x1b[5;10r\x1b[4 qtext'],
])('a snapshot draws what was drawn: %s', async (_, text) => {
  const { once, twice } = await redraw(text)
  expect(twice).toBe(once)
})

test('what the serializer leaves out is added: mouse coordinates, hidden cursor, region, title', async () => {
  const text = await draw('\x1b[?1000h\x1b[?1006h\x1b[?25l\x1b[2;5r\x1b[6 q\x1b]2;title\x07')
  for (const part of ['\x1b[?1006h', '\x1b[?25l', '\x1b[2;5r', '\x1b[6 q', '\x1b]2;title\x07'])
    expect(text).toContain(part)
})

test('output is drawn in the size it was written for, and a change of size after it', async () => {
  const screen = createScreen({ cols: 10, rows: 5 }, () => undefined)
  screen.feed(Buffer.from('0123456789abc\r\n'))
  screen.resize({ cols: 20, rows: 5 })
  screen.feed(Buffer.from('01234567890123456789\r\n'))
  expect((await screen.snapshot()).toString()).toContain('0123456789abc\r\n01234567890123456789')
})

test('after a flood the end is there, and so is what began before it', async () => {
  const screen = createScreen(size, () => undefined)
  screen.feed(Buffer.from('\x1b[?2004h\x1b[?1006h'))
  const flood = Buffer.from(
    Array.from({ length: 20_000 }, (_, line) => `\x1b[3${line % 8}mline ${line}\x1b[0m\r\n`).join(''),
  )
  for (let round = 0; round < 20; round++) screen.feed(flood)
  screen.feed(Buffer.from('the end'))
  const text = (await screen.snapshot()).toString()
  expect(text).toContain('line 19999')
  expect(text).toContain('the end')
  expect(text).toContain('\x1b[?2004h')
  expect(text).toContain('\x1b[?1006h')
})

test('a snapshot is bounded, however large the terminal is', async () => {
  const cell = (at: number) => `\x1b[38;2;${at % 256};${(at * 7) % 256};9mx`
  const line = `${Array.from({ length: 500 }, (_, at) => cell(at)).join('')}\r\n`
  const text = await draw(line.repeat(300), { cols: 500, rows: 100 })
  expect(text.length).toBeLessThan(2.1 * 1024 * 1024)
})

test('the screen answers what programs ask their terminal', async () => {
  const answers: string[] = []
  const screen = createScreen(size, (reply) => answers.push(reply))
  screen.feed(Buffer.from('ab\x1b[6n'))
  await screen.snapshot()
  expect(answers).toEqual(['\x1b[1;3R'])
})
