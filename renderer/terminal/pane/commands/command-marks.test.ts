import headless from '@xterm/headless'
import type { Terminal } from '@xterm/xterm'
import { expect, test } from 'vitest'
import { trackCommands } from './command-marks.ts'

const osc = (payload: string) => `\x1b]${payload}\x07`
const nonce = 'c0ffee'
/** A mark of the terminal's own shell. */
const own = (payload: string) => osc(`${payload};nonce=${nonce}`)

function open(rows = 6) {
  const terminal = new headless.Terminal({
    cols: 30,
    rows,
    scrollback: 20,
    allowProposedApi: true,
  }) as unknown as Terminal
  const marks = trackCommands(terminal)
  marks.nonce = nonce
  return { terminal, marks, write: (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve)) }
}

const prompt = `${osc('133;A')}$ ${osc('133;B')}`
const entered = (command: string, startedAt = 1000) =>
  `${command}\r\n${own(`633;E;${command}`)}${own(`133;C;start_ms=${startedAt}`)}`
const ended = (exit: number, at = 2500) => own(`133;D;${exit};end_ms=${at}`)

test('a command has its line, output, exit status and times', async () => {
  const { marks, write } = open()
  await write(`${osc('7;file://host/home/dev/my%20shop')}${prompt}${entered('ls')}a\r\nb\r\n`)
  expect(marks.blocks()).toMatchObject([{ command: 'ls', isRunning: true, exit: undefined, from: 0, outputFrom: 1 }])
  expect(marks.isAtPrompt).toBe(false)
  await write(`${ended(2)}${prompt}`)
  expect(marks.blocks()).toMatchObject([
    {
      command: 'ls',
      cwd: '/home/dev/my shop',
      isRunning: false,
      exit: 2,
      startedAt: 1000,
      endedAt: 2500,
      from: 0,
      to: 3,
    },
  ])
  expect(marks.outputOf(marks.blocks()[0]?.id ?? 0)).toBe('a\nb')
  expect(marks.isAtPrompt).toBe(true)
})

test('a command line with backslashes, semicolons and line breaks is unescaped', async () => {
  const { marks, write } = open()
  await write(`${prompt}x\r\n${own('633;E;printf \\\\n\\x3b\\x0aecho ü')}${own('133;C')}${ended(0)}`)
  expect(marks.blocks()[0]?.command).toBe('printf \\n;\necho ü')
})

test('a repeated command line that starts with a space has no text', async () => {
  const { marks, write } = open()
  const again = (typed: string) => `${prompt}${typed}\r\n${own('633;E;make;r')}${own('133;C')}${ended(0)}`
  await write(`${prompt}${entered('make')}${ended(0)}${again('make')}${again(' secret')}`)
  expect(marks.blocks().map(({ command }) => command)).toEqual(['make', 'make', ''])
})

test('an empty line, Ctrl+C at the prompt and a redrawn prompt are not commands', async () => {
  const { marks, write } = open()
  await write(`${prompt}\r\n${own('133;D')}${prompt}^C\r\n${ended(130)}${prompt}\r${prompt}`)
  expect(marks.blocks()).toEqual([])
})

test('output without a final line feed and wrapped lines are copied unchanged', async () => {
  const { marks, write } = open()
  await write(`${prompt}${entered('cat')}${'0123456789'.repeat(4)}\r\n\r\nend${ended(0)}${prompt}`)
  const [block] = marks.blocks()
  expect(marks.outputOf(block?.id ?? 0)).toBe(`${'0123456789'.repeat(4)}\n\nend`)
})

test('the end of a command is reported once, and not again by a redraw', async () => {
  const { marks, write } = open()
  const reported: string[] = []
  marks.onEnd(({ command, exit }) => reported.push(`${command} ${exit}`))
  const text = `${prompt}${entered('make')}${ended(1)}${prompt}`
  await write(text)
  marks.isReplaying = true
  await write(`\x1bc${text}`)
  marks.isReplaying = false
  expect(reported).toEqual(['make 1'])
  expect(marks.blocks()).toHaveLength(1)
})

test('commands are removed with lines that leave the scrollback, are cleared or reset', async () => {
  const { marks, write } = open(4)
  await write(`${prompt}${entered('seq')}${'x\r\n'.repeat(40)}${ended(0)}${prompt}${entered('true')}${ended(0)}`)
  expect(marks.blocks().map(({ command }) => command)).toEqual(['true'])
  await write('\x1b[H\x1b[2J\x1b[3J')
  expect(marks.blocks()).toEqual([])
  await write(`${prompt}${entered('a')}${ended(0)}\x1bc`)
  expect(marks.blocks()).toEqual([])
})

test('a command without an end mark ends with the next command', async () => {
  const { marks, write } = open()
  await write(`${prompt}${entered('exec zsh')}…\r\n${prompt}${entered('true')}`)
  expect(marks.blocks()).toMatchObject([
    { command: 'exec zsh', isRunning: false, exit: undefined },
    { command: 'true', isRunning: true },
  ])
})

test('marks of a program within a command are drawn and do not start, end or rename commands of the shell', async () => {
  const { marks, write } = open(12)
  const reported: string[] = []
  marks.onEnd(({ command }) => reported.push(command))
  const fake = (text: string) => text.replaceAll(`;nonce=${nonce}`, '')
  await write(`${prompt}${entered('ssh there')}${prompt}${fake(`${entered('reboot')}x\r\n${ended(0)}`)}${prompt}`)
  expect(marks.blocks()).toMatchObject([
    { command: 'ssh there', isOwn: true, isRunning: true, from: 0 },
    { command: 'reboot', isOwn: false, isRunning: false, from: 1, to: 3 },
  ])
  expect(marks.isAtPrompt).toBe(false)
  expect(marks.last?.command).toBe('ssh there')
  expect(reported).toEqual([])
  await write(`\r\n${fake(entered('left'))}${ended(0)}${prompt}`)
  expect(reported).toEqual(['ssh there'])
  expect(marks.isAtPrompt).toBe(true)
  expect(marks.blocks().filter(({ isRunning }) => isRunning)).toEqual([])
  // A program cannot supply a command line that the shell does not report.
  await write(`${osc('633;E;rm -rf /')} secret\r\n${own('133;C')}${ended(0)}`)
  expect(marks.last).toMatchObject({ command: '', exit: 0 })
})

test('a shell with marks of another integration is at its prompt only between commands', async () => {
  const { marks, write } = open()
  await write(`${osc('133;A')}$ ${osc('133;B')}`)
  expect(marks.isAtPrompt).toBe(true)
  await write(`make\r\n${osc('133;C')}`)
  expect(marks.isAtPrompt).toBe(false)
  await write(`${osc('133;D;0')}${osc('133;A')}$ `)
  expect(marks.isAtPrompt).toBe(true)
})

test('the last command is known after its lines are cleared, and ends with its shell', async () => {
  const { marks, write } = open()
  await write(`${prompt}${entered('clear')}\x1b[H\x1b[2J${ended(0)}${prompt}`)
  expect(marks.blocks()).toEqual([])
  expect(marks.last).toMatchObject({ command: 'clear', exit: 0 })
  await write(entered('exit 3'))
  marks.finish(3)
  expect(marks.last).toMatchObject({ command: 'exit 3', exit: 3, isRunning: false })
  expect(marks.isAtPrompt).toBe(false)
})

test('a command that resets the terminal keeps running; a redraw clears earlier commands', async () => {
  const { marks, write } = open()
  const reported: string[] = []
  marks.onEnd(({ command }) => reported.push(command))
  await write(`${prompt}${entered('tsc --watch')}\x1bcFound 0 errors`)
  expect(marks.last).toMatchObject({ command: 'tsc --watch', isRunning: true })
  expect(marks.isAtPrompt).toBe(false)
  await write(`\r\n${ended(130)}${prompt}`)
  expect(reported).toEqual(['tsc --watch'])
  expect(marks.isAtPrompt).toBe(true)
  await write(entered('make'))
  marks.isReplaying = true
  await write('\x1bc')
  expect(marks.last).toBeUndefined()
})

test('a command of a shell without a clock has the current times, and none if its output is repeated', async () => {
  const { marks, write } = open()
  const untimed = `${prompt}make\r\n${own('633;E;make')}${own('133;C')}${own('133;D;0')}`
  const before = Date.now()
  await write(untimed)
  const { startedAt, endedAt } = marks.blocks()[0] ?? {}
  expect(startedAt).toBeGreaterThanOrEqual(before)
  expect(endedAt).toBeGreaterThanOrEqual(startedAt ?? Number.NaN)
  marks.isReplaying = true
  await write(untimed)
  expect(marks.blocks()[1]).toMatchObject({ command: 'make', startedAt: undefined, endedAt: undefined })
})
