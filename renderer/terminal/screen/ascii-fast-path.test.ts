import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import headless from '@xterm/headless'
import type { Terminal } from '@xterm/xterm'
import { expect, test } from 'vitest'
import { enableAsciiFastPath } from './ascii-fast-path.ts'
import { getJoinState } from './xterm-internals.ts'

type Headless = InstanceType<typeof headless.Terminal>

function open(isFast: boolean, cols: number): Headless {
  const terminal = new headless.Terminal({ cols, rows: 8, scrollback: 100, allowProposedApi: true, logLevel: 'off' })
  terminal.loadAddon(new UnicodeGraphemesAddon() as never)
  // The headless build prints with the same code.
  if (isFast) enableAsciiFastPath(terminal as unknown as Terminal)
  return terminal
}

const write = (terminal: Headless, text: string | Uint8Array) =>
  new Promise<void>((resolve) => terminal.write(text, resolve))

/** All cells, the cursor position and the join state of the parser. */
function stateOf(terminal: Headless): string {
  const { active } = terminal.buffer
  const rows = Array.from({ length: active.length }, (_, at) => {
    const row = active.getLine(at)
    const cells = Array.from({ length: terminal.cols }, (_cell, col) => {
      const cell = row?.getCell(col)
      return `${cell?.getChars()}:${cell?.getWidth()}:${cell?.getFgColor()}:${cell?.getBgColor()}:${cell?.isBold()}:${cell?.isUnderline()}`
    })
    return `${row?.isWrapped ? '>' : ' '}${cells.join('|')}`
  })
  return [`${active.cursorX},${active.cursorY} ${getJoinState(terminal as unknown as Terminal)}`, ...rows].join('\n')
}

const parts = [
  'plain text of some length, ',
  'short',
  'a line that is longer than the terminal is wide, and so it wraps to the next row and on',
  '\r\n',
  '\r',
  '\x1b[31m',
  '\x1b[1;44m',
  '\x1b[m',
  '\x1b[4:3m',
  '\x1b]8;;http://localhost\x07',
  '\x1b]8;;\x07',
  '漢字かな交じり文',
  'e\u0301',
  '\u0301',
  '👩‍👩‍👧',
  '👍🏽',
  '\u200d',
  '🇩🇪',
  '\u0600',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b[?7l',
  '\x1b[?7h',
  '\x1b(0',
  '\x1b(B',
  '\x1b[2;3H',
  '\x1b[5G',
  '\x1b[K',
  '\x1b[2J',
  '\x1b[3@',
  '\x1b[2;6r',
  '\x1b[r',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\t',
  '\b\b\b',
  '\xa0',
  '\x7f',
]

/** Reproducible random numbers from 0 to below 1 (Marsaglia's xorshift). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

test('random output leaves the same screen with and without the fast path', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = createRandom(seed)
    const cols = 2 + Math.floor(next() * 60)
    const [plain, fast] = [open(false, cols), open(true, cols)]
    let written = ''
    for (let step = 0; step < 60; step++) {
      const text = Array.from(
        { length: 1 + Math.floor(next() * 6) },
        () => parts[Math.floor(next() * parts.length)],
      ).join('')
      written += text
      await Promise.all([write(plain, text), write(fast, text)])
      expect(stateOf(fast), JSON.stringify(written)).toBe(stateOf(plain))
    }
  }
})

test('splitting a run at any byte, even within a character, does not change the screen', async () => {
  const bytes = Buffer.from('before 漢字 and plain text after it, '.repeat(20))
  const whole = open(false, 33)
  await write(whole, bytes)
  for (const size of [1, 7, 8, 9, 10, 31]) {
    const cut = open(true, 33)
    for (let at = 0; at < bytes.length; at += size) await write(cut, bytes.subarray(at, at + size))
    expect(stateOf(cut)).toBe(stateOf(whole))
  }
})
