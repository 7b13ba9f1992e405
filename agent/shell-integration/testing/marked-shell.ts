// A real shell on a real pty, started as terminals start it, whose marks are read as they come.

import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPty, type Pty, type PtyExit } from '../../terminals/pty.ts'
import { integrate, nonceVariable } from '../integrate.ts'

/** A finished command, as the marks tell. */
export interface MarkedCommand {
  /** Undefined where nobody said. */
  readonly command: string | undefined
  readonly isRepeated: boolean
  /** Each of its three marks carried the nonce. */
  readonly isOwn: boolean
  readonly exit: number
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** What stood between its beginning and its end, without sequences. */
  readonly output: string
}

// Sequences of the shell itself: their first character has no other spelling that the linter takes.
const esc = '\\u001b'
const bel = '\\u0007'
const osc = new RegExp(`${esc}\\](133|633|7);([^${bel}${esc}]*)(?:${bel}|${esc}\\\\)`, 'g')
const patienceMs = 20_000
/** What the shell is told its marks should carry. */
export const nonce = 'c0ffee'

export class MarkedShell {
  readonly home: string
  /** All that came. */
  raw = ''
  exit: PtyExit | undefined
  readonly commands: MarkedCommand[] = []
  /** How often an input line began. */
  prompts = 0
  cwd = ''
  readonly #pty: Pty
  readonly #changed = new EventEmitter().setMaxListeners(0)
  #read = 0
  #running: (Omit<MarkedCommand, 'exit' | 'endMs' | 'output'> & { from: number }) | undefined
  #typed: Pick<MarkedCommand, 'command' | 'isRepeated' | 'isOwn'> | undefined

  /** @param files of the home folder, by path. */
  constructor(
    shell: string,
    {
      files = {},
      env = {},
      cols = 100,
    }: { files?: Record<string, string>; env?: Record<string, string>; cols?: number } = {},
  ) {
    this.home = mkdtempSync(join(tmpdir(), 'coder-local-shell-'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.home, path)), { recursive: true })
      writeFileSync(join(this.home, path), text)
    }
    const all = {
      HOME: this.home,
      PATH: process.env.PATH ?? '',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      USER: 'ada',
      ...env,
    }
    const start = integrate(shell, all) ?? { args: ['-l'], env: {} }
    this.#pty = openPty({
      file: shell,
      args: start.args,
      env: { ...all, ...start.env, [nonceVariable]: nonce },
      cwd: this.home,
      cols,
      rows: 30,
      onOutput: (bytes) => {
        this.raw += bytes.toString()
        this.#readMarks()
        this.#answerQueries()
        this.#changed.emit('change')
      },
      onExit: (exit) => {
        this.exit = exit
        this.#changed.emit('change')
      },
    })
  }

  /** Waits for a new prompt's input line. */
  async prompt(count = this.prompts + 1): Promise<void> {
    await this.until(() => this.prompts >= count, `prompt ${count}`)
  }

  /** Types a line, waits until it has ended. @returns what the marks say of it */
  async run(line: string): Promise<MarkedCommand> {
    const [commands, prompts] = [this.commands.length, this.prompts]
    this.type(`${line}\r`)
    await this.until(
      () => this.commands.length > commands && this.prompts > prompts,
      `the end of ${line.slice(0, 200)}`,
    )
    return this.commands.at(-1) as MarkedCommand
  }

  type(text: string): void {
    this.#pty.write(Buffer.from(text))
  }

  /** Presses Ctrl-C until it counts: shells swallow one that comes while they turn from a line to its command. */
  async interrupt(holds: () => boolean): Promise<void> {
    const pressing = setInterval(() => this.type('\x03'), 300)
    this.type('\x03')
    await this.until(holds, 'what Ctrl-C does').finally(() => clearInterval(pressing))
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const limit = AbortSignal.timeout(patienceMs)
    while (!holds()) {
      if (this.exit && !holds())
        throw new Error(`the shell ended before ${what}: ${JSON.stringify(this.raw.slice(-1500))}`)
      await once(this.#changed, 'change', { signal: limit }).catch(() => {
        throw new Error(`waited in vain for ${what}: ${JSON.stringify(this.raw.slice(-1500))}`)
      })
    }
  }

  async close(): Promise<void> {
    if (!this.exit) {
      this.#pty.close(500)
      while (!this.exit) await once(this.#changed, 'change')
    }
    rmSync(this.home, { recursive: true, force: true })
  }

  /** What the screen would show, roughly: without any sequence. */
  get text(): string {
    return plain(this.raw)
  }

  #answered = 0
  /** fish waits for a terminal that says what it is. */
  #answerQueries(): void {
    const asked = this.raw.slice(this.#answered)
    this.#answered = this.raw.length
    if (asked.includes('\x1b[c') || asked.includes('\x1b[0c')) this.type('\x1b[?62c')
  }

  #readMarks(): void {
    osc.lastIndex = this.#read
    for (let found = osc.exec(this.raw); found; found = osc.exec(this.raw)) {
      const [whole, kind, text = ''] = found
      this.#read = found.index + whole.length
      osc.lastIndex = this.#read
      this.#take(kind as '7' | '133' | '633', text, found.index)
    }
  }

  #take(kind: '7' | '133' | '633', text: string, at: number): void {
    if (kind === '7') this.cwd = decodeURIComponent(text.replace(/^file:\/\/[^/]*/, ''))
    if (kind === '633') {
      const [, command = '', ...fields] = text.split(';')
      this.#typed = { command: unescaped(command), isRepeated: fields[0] === 'r', isOwn: isOwn(fields) }
    }
    if (kind !== '133') return
    const [letter, ...fields] = text.split(';')
    if (letter === 'B') this.prompts++
    if (letter === 'C') {
      const { command, isRepeated, isOwn: wasOwn } = this.#typed ?? unsaid
      const startMs = timeIn(fields, 'start_ms')
      this.#running = { command, isRepeated, isOwn: wasOwn && isOwn(fields), startMs, from: at }
      this.#typed = undefined
    }
    if (letter === 'D' && this.#running) {
      const { from, isOwn: wasOwn, ...begun } = this.#running
      const output = plain(this.raw.slice(from, at))
      const endMs = timeIn(fields, 'end_ms')
      this.commands.push({ ...begun, isOwn: wasOwn && isOwn(fields), exit: Number(fields[0]), endMs, output })
      this.#running = undefined
    }
  }
}

const unsaid = { command: undefined, isRepeated: false, isOwn: true }

const isOwn = (fields: readonly string[]) => fields.at(-1) === `nonce=${nonce}`

function timeIn(fields: readonly string[], name: string): number | undefined {
  const value = fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1)
  return value && /^\d+$/.test(value) ? Number(value) : undefined
}

const unescaped = (text: string) =>
  text.replace(/\\(?:x([0-9a-f]{2})|(\\))/gi, (_, hex?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : '\\',
  )

const sequences = new RegExp(
  [
    `${esc}\\][^${bel}${esc}]*(?:${bel}|${esc}\\\\)`,
    `${esc}\\[[0-?]*[ -/]*[@-~]`,
    `${esc}[()][0-9A-Za-z]`,
    `${esc}[=>78]`,
  ].join('|'),
  'g',
)

const plain = (text: string) => text.replace(sequences, '')
