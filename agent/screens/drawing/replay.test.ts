// Real programs on a real pty, recorded; then a client attaches in the middle of it, at many points, also between the
// bytes of a sequence or a character. What it shows then and at the end is what an uninterrupted terminal shows.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findMissing, requires } from '../../../lib/testing/requirements.ts'
import { openPty } from '../../terminals/pty.ts'
import { createScreen } from '../screen/screen.ts'
import { drawnBy, openWatched } from '../testing/compare-terminals.ts'
import { liveLines } from './drawing.ts'

const size = { cols: 100, rows: 30 }

interface Program {
  readonly name: 'vim' | 'less' | 'htop' | 'tmux' | 'git' | 'cat'
  readonly args: readonly string[]
  /** Typed one after the other, each when the program has drawn and is quiet. The last one ends it. */
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

if (findMissing('git') === undefined) makeRepository(repository)

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
  // It draws once a second, and is quiet between.
  { name: 'htop', args: ['-d', '10'], keys: ['\x1b[B\x1b[B', 't', 'q'] },
  {
    name: 'tmux',
    args: ['-f', '/dev/null', '-L', `replay-${process.pid}`, 'new-session', `PS1='$ ' exec bash --norc --noprofile`],
    keys: [`head -50 ${text}\r`, '\x02%', 'seq 1 200\r', '\x02"', `tmux -L replay-${process.pid} kill-server\r`],
  },
  { name: 'git', args: ['-c', 'core.pager=cat', '-c', 'color.ui=always', '-C', repository, 'log'], keys: [] },
  { name: 'cat', args: [text], keys: [] },
]

// A program that draws in several writes is given this long to be done before it is typed to.
const quietMs = 300

/** Everything the program wrote. */
function record({ name, args, keys }: Program): Promise<Buffer> {
  const pieces: Buffer[] = []
  const left = [...keys]
  let quiet: NodeJS.Timeout | undefined
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
        clearTimeout(quiet)
        quiet = setTimeout(goOn, quietMs)
      },
      onExit: () => resolve(Buffer.concat(pieces)),
    })
    function goOn() {
      const next = left.shift()
      if (next === undefined) return
      pty.write(Buffer.from(next))
      quiet = setTimeout(goOn, quietMs)
    }
  })
}

const attaches = 12

for (const program of programs) {
  const { name } = program
  test(`whoever attaches in the middle of ${name} sees what is there, and what comes`, {
    timeout: 120_000,
    ...(name === 'cat' ? {} : requires(name)),
  }, async () => {
    const recording = await record(program)
    expect(recording.length, `${name} wrote too little`).toBeGreaterThan(2_000)
    const screen = createScreen(size, { onAnswer: () => undefined, onCommand: () => undefined })
    const uninterrupted = openWatched(size, liveLines)
    const attached: { cut: number; client: ReturnType<typeof openWatched> }[] = []
    let fed = 0
    for (let attach = 1; attach <= attaches; attach++) {
      const cut = Math.floor((recording.length * attach) / (attaches + 1))
      const piece = recording.subarray(fed, cut)
      fed = cut
      screen.feed(piece)
      await uninterrupted.write(piece)
      const still = await screen.hold()
      const client = await drawnBy(still, liveLines)
      still.release()
      expect(client.state(), `${name} at byte ${cut}`).toBe(uninterrupted.state())
      attached.push({ cut, client })
    }
    await uninterrupted.write(recording.subarray(fed))
    for (const { cut, client } of attached) {
      await client.write(recording.subarray(cut))
      expect(client.state(), `${name} from byte ${cut} to its end`).toBe(uninterrupted.state())
    }
  })
}
