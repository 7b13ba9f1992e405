// Test harness: a real shell on a real pty, started with shell integration, and a parser of its marks.

import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPty, type Pty, type PtyExit } from '../../terminals/pty.ts'
import { integrate, nonceVariable } from '../integrate.ts'

/** A finished command, from its marks. */
export interface MarkedCommand {
  /** Undefined without a command-line mark. */
  readonly command: string | undefined
  readonly isRepeated: boolean
  /** Whether all three marks had the nonce. */
  readonly isOwn: boolean
  readonly exit: number
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** Output between the start and end marks, without control sequences. */
  readonly output: string
}

// Spelled as escapes, because the linter rejects control characters in regular expressions.
const esc = '\\u001b'
const bel = '\\u0007'
const markPattern = new RegExp(`${esc}\\](133|633|7);([^${bel}${esc}]*)(?:${bel}|${esc}\\\\)`, 'g')
const timeoutMs = 20_000
/** Nonce of the shell's marks. */
export const nonce = 'c0ffee'

export class MarkedShell {
  readonly home: string
  /** All output. */
  raw = ''
  exit: PtyExit | undefined
  readonly commands: MarkedCommand[] = []
  /** Number of input marks (133;B). */
  prompts = 0
  cwd = ''
  readonly #pty: Pty
  readonly #changed = new EventEmitter().setMaxListeners(0)
  #read = 0
  #runningCommand: (Omit<MarkedCommand, 'exit' | 'endMs' | 'output'> & { from: number }) | undefined
  #commandLine: Pick<MarkedCommand, 'command' | 'isRepeated' | 'isOwn'> | undefined

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

  /** Types a line and waits for the end of its command and the next prompt. */
  async run(line: string): Promise<MarkedCommand> {
    const [commands, prompts] = [this.commands.length, this.prompts]
    this.type(`${line}\r`)
    await this.until(() => this.commands.length > commands && this.prompts > prompts, `end of ${line.slice(0, 200)}`)
    return this.commands.at(-1) as MarkedCommand
  }

  type(text: string): void {
    this.#pty.write(Buffer.from(text))
  }

  /** Presses Ctrl-C until it has an effect: shells ignore it between reading a line and running its command. */
  async interrupt(condition: () => boolean): Promise<void> {
    const pressing = setInterval(() => this.type('\x03'), 300)
    this.type('\x03')
    await this.until(condition, 'the effect of Ctrl-C').finally(() => clearInterval(pressing))
  }

  async until(condition: () => boolean, description: string): Promise<void> {
    const limit = AbortSignal.timeout(timeoutMs)
    while (!condition()) {
      if (this.exit && !condition())
        throw new Error(`the shell exited before ${description}: ${JSON.stringify(this.raw.slice(-1500))}`)
      await once(this.#changed, 'change', { signal: limit }).catch(() => {
        throw new Error(`timeout while waiting for ${description}: ${JSON.stringify(this.raw.slice(-1500))}`)
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

  /** All output without control sequences. */
  get text(): string {
    return plain(this.raw)
  }

  #answeredLength = 0
  /** Answers the device attributes query, for which fish waits. */
  #answerQueries(): void {
    const added = this.raw.slice(this.#answeredLength)
    this.#answeredLength = this.raw.length
    if (added.includes('\x1b[c') || added.includes('\x1b[0c')) this.type('\x1b[?62c')
  }

  #readMarks(): void {
    markPattern.lastIndex = this.#read
    for (let found = markPattern.exec(this.raw); found; found = markPattern.exec(this.raw)) {
      const [whole, kind, text = ''] = found
      this.#read = found.index + whole.length
      markPattern.lastIndex = this.#read
      this.#readMark(kind as '7' | '133' | '633', text, found.index)
    }
  }

  #readMark(kind: '7' | '133' | '633', text: string, at: number): void {
    if (kind === '7') this.cwd = decodeURIComponent(text.replace(/^file:\/\/[^/]*/, ''))
    if (kind === '633') {
      const [, command = '', ...fields] = text.split(';')
      this.#commandLine = { command: unescaped(command), isRepeated: fields[0] === 'r', isOwn: isOwn(fields) }
    }
    if (kind !== '133') return
    const [letter, ...fields] = text.split(';')
    if (letter === 'B') this.prompts++
    if (letter === 'C') {
      const { command, isRepeated, isOwn: startedOwn } = this.#commandLine ?? unknownCommand
      const startMs = timeIn(fields, 'start_ms')
      this.#runningCommand = { command, isRepeated, isOwn: startedOwn && isOwn(fields), startMs, from: at }
      this.#commandLine = undefined
    }
    if (letter === 'D' && this.#runningCommand) {
      const { from, isOwn: startedOwn, ...command } = this.#runningCommand
      const output = plain(this.raw.slice(from, at))
      const endMs = timeIn(fields, 'end_ms')
      this.commands.push({ ...command, isOwn: startedOwn && isOwn(fields), exit: Number(fields[0]), endMs, output })
      this.#runningCommand = undefined
    }
  }
}

const unknownCommand = { command: undefined, isRepeated: false, isOwn: true }

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
