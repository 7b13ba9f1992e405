// Test harness: a real shell on a real pty, started with shell integration, and a parser of its marks.

import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type CommandLine,
  hasNonce,
  parseCommandLine,
  parseFolder,
  parseMark,
  type ShellMark,
  timeOf,
} from '../../../lib/shell-marks.ts'
import { openPty, type Pty, type PtyExit } from '../../terminals/pty.ts'
import { integrate, nonceVariable } from '../integrate.ts'

/** A finished command, from its marks. */
export interface ParsedCommand {
  /** Undefined without a command-line mark. */
  readonly command: string | undefined
  readonly isRepeated: boolean
  /** Whether all three marks had the nonce. */
  readonly isOwn: boolean
  /** Undefined when the shell does not report it. */
  readonly exit: number | undefined
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

export class ShellHarness {
  readonly home: string
  /** All output. */
  raw = ''
  exit: PtyExit | undefined
  readonly commands: ParsedCommand[] = []
  /** Number of input marks (133;B). */
  prompts = 0
  cwd = ''
  readonly #pty: Pty
  readonly #changed = new EventEmitter().setMaxListeners(0)
  #read = 0
  #running: { readonly line: CommandLine | undefined; readonly start: ShellMark; readonly from: number } | undefined
  #commandLine: CommandLine | undefined

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
  async run(line: string): Promise<ParsedCommand> {
    const [commands, prompts] = [this.commands.length, this.prompts]
    this.type(`${line}\r`)
    await this.until(() => this.commands.length > commands && this.prompts > prompts, `end of ${line.slice(0, 200)}`)
    return this.commands.at(-1) as ParsedCommand
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
      const [whole, kind, payload = ''] = found
      this.#read = found.index + whole.length
      markPattern.lastIndex = this.#read
      if (kind === '7') this.cwd = parseFolder(payload) ?? ''
      else if (kind === '633') this.#commandLine = parseCommandLine(payload)
      else this.#readCommandMark(parseMark(payload), found.index)
    }
  }

  #readCommandMark(mark: ShellMark | undefined, at: number): void {
    if (mark?.type === 'input') this.prompts++
    if (mark?.type === 'start') {
      this.#running = { line: this.#commandLine, start: mark, from: at }
      this.#commandLine = undefined
    }
    if (mark?.type === 'end' && this.#running) {
      const { line, start, from } = this.#running
      this.commands.push({
        command: line?.command,
        isRepeated: line?.isRepeat ?? false,
        isOwn: [...(line ? [line] : []), start, mark].every(({ fields }) => hasNonce(fields, nonce)),
        exit: mark.exit,
        startMs: timeOf(start.fields, 'start_ms'),
        endMs: timeOf(mark.fields, 'end_ms'),
        output: plain(this.raw.slice(from, at)),
      })
      this.#running = undefined
    }
  }
}

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
