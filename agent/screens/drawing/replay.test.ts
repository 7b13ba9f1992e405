// Records real programs on a real pty. Then a client attaches at many points of the recording, including between the
// bytes of a sequence or a character: at that point and at the end it must equal an uninterrupted terminal.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findSkipReason, requires } from '../../../lib/testing/requirements.ts'
import { openPty } from '../../terminals/pty.ts'
import { createScreen } from '../screen/screen.ts'
import { openTestTerminal, restoreTerminal } from '../testing/compare-terminals.ts'
import { liveLines } from './drawing.ts'

const size = { cols: 100, rows: 30 }

interface Program {
  readonly name: 'vim' | 'less' | 'htop' | 'tmux' | 'git' | 'cat'
  readonly args: readonly string[]
  /** Typed in order, each when the program has been quiet. The last one quits the program. */
  readonly keys: readonly string[]
}

const home = mkdtempSync(join(tmpdir(), 'coder-local-replay-'))

const repository = join(home, 'repository')

function makeRepository(folder: string): void {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', args, { cwd: folder, input, stdio: 'pipe' })
  execFileSync('git', ['init', '-q', folder])
  const commit = (at: number) =>
    `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_600_000_000 + at * 60} +0000\ndata <<END\nChange ${at} 日本 🙂 of many\n\nmore\nEND\n`
  git(['fast-import', '--quiet'], Array.from({ length: 1_700 }, (_, at) => commit(at)).join('\n'))
  git(['symbolic-ref', 'HEAD', 'refs/heads/main'])
}

if (findSkipReason('git') === undefined) makeRepository(repository)

const text = join(home, 'text.txt')
writeFileSync(
  text,
  Array.from(
    { length: 400 },
    (_, at) => `${at} 日本語 한국어 emoji 🙂👩‍👩‍👧‍👦🇩🇪✌🏽 e\u0301 ${'lorem ipsum '.repeat(at % 15)}`,
  ).join('\n'),
)

const programs: readonly Program[] = [
  {
    name: 'vim',
    args: ['-u', 'NONE', '-c', 'set nocompatible ruler number hlsearch laststatus=2', '-c', 'syntax on', text],
    keys: ['10jihello \x1b', '/ipsum\r', ':split\r', '\x06\x06gg', ':qa!\r'],
  },
  {
    name: 'less',
    args: ['-R', text],
    keys: ['   ', '/ipsum\r', 'G', 'bb', 'q'],
  },
  // Draws once a second.
  { name: 'htop', args: ['-d', '10'], keys: ['\x1b[B\x1b[B', 't', 'q'] },
  {
    name: 'tmux',
    args: ['-f', '/dev/null', '-L', `replay-${process.pid}`, 'new-session', `PS1='$ ' exec bash --norc --noprofile`],
    keys: [`head -50 ${text}\r`, '\x02%', 'seq 1 200\r', '\x02"', `tmux -L replay-${process.pid} kill-server\r`],
  },
  { name: 'git', args: ['-c', 'core.pager=cat', '-c', 'color.ui=always', '-C', repository, 'log'], keys: [] },
  { name: 'cat', args: [text], keys: [] },
]

// Time without output after which the next keys are typed: programs draw in several writes.
const quietMs = 300

/** Runs the program. @returns its output */
function record({ name, args, keys }: Program): Promise<Buffer> {
  const pieces: Buffer[] = []
  const remainingKeys = [...keys]
  let quietTimer: NodeJS.Timeout | undefined
  return new Promise((resolve) => {
    const file = execFileSync('/bin/sh', ['-c', `command -v ${name}`])
      .toString()
      .trim()
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      COLORTERM: 'truecolor',
    }
    const pty = openPty({
      file,
      args,
      env,
      cwd: home,
      ...size,
      onOutput(bytes) {
        pieces.push(Buffer.from(bytes))
        clearTimeout(quietTimer)
        quietTimer = setTimeout(typeNext, quietMs)
      },
      onExit: () => resolve(Buffer.concat(pieces)),
    })
    function typeNext() {
      const next = remainingKeys.shift()
      if (next === undefined) return
      pty.write(Buffer.from(next))
      quietTimer = setTimeout(typeNext, quietMs)
    }
  })
}

const attaches = 12

for (const program of programs) {
  const { name } = program
  test(`a client that attaches during ${name} sees its screen and further output`, {
    timeout: 120_000,
    ...(name === 'cat' ? {} : requires(name)),
  }, async () => {
    const recording = await record(program)
    expect(recording.length, `${name} wrote too little`).toBeGreaterThan(2_000)
    const screen = createScreen(size, { onReply: () => undefined, onCommand: () => undefined })
    const uninterrupted = openTestTerminal(size, liveLines)
    const attached: { cut: number; client: ReturnType<typeof openTestTerminal> }[] = []
    let written = 0
    for (let attach = 1; attach <= attaches; attach++) {
      const cut = Math.floor((recording.length * attach) / (attaches + 1))
      const piece = recording.subarray(written, cut)
      written = cut
      screen.feed(piece)
      await uninterrupted.write(piece)
      const snapshot = await screen.hold()
      const client = await restoreTerminal(snapshot, liveLines)
      snapshot.release()
      expect(client.state(), `${name} at byte ${cut}`).toBe(uninterrupted.state())
      attached.push({ cut, client })
    }
    await uninterrupted.write(recording.subarray(written))
    for (const { cut, client } of attached) {
      await client.write(recording.subarray(cut))
      expect(client.state(), `${name} from byte ${cut} to its end`).toBe(uninterrupted.state())
    }
  })
}
