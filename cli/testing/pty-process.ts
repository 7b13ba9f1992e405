// Runs the command line on a pty: its output, typed input and exit status.

import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openPty, type Pty, type PtyExit } from '../../agent/terminals/pty.ts'

export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

interface PtyProcessOptions {
  readonly cwd: string
  /** Added to a minimal environment whose home is `cwd`. */
  readonly env?: Readonly<Record<string, string>>
}

export class PtyProcess {
  text = ''
  exit: PtyExit | undefined
  readonly #pty: Pty
  readonly #changed = new EventEmitter().setMaxListeners(0)

  /** Length of the output at the last answer. */
  #answered = 0

  constructor(args: readonly string[], { cwd, env = {} }: PtyProcessOptions) {
    this.#pty = openPty({
      file: process.execPath,
      args: [main, ...args],
      env: { PATH: process.env.PATH ?? '', HOME: cwd, XDG_CONFIG_HOME: cwd, TERM: 'xterm-256color', ...env },
      cwd,
      cols: 90,
      rows: 25,
      onOutput: (bytes) => {
        this.text += bytes.toString()
        this.#changed.emit('change')
      },
      onExit: (exit) => {
        this.exit = exit
        this.#changed.emit('change')
      },
    })
  }

  type(text: string): void {
    this.#pty.write(Buffer.from(text))
  }

  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows)
  }

  async waitUntil(condition: () => boolean, description: string): Promise<void> {
    const signal = AbortSignal.timeout(20_000)
    while (!condition())
      await once(this.#changed, 'change', { signal }).catch(() => {
        throw new Error(`Timed out waiting for ${description}: ${JSON.stringify(this.text.slice(-1000))}`)
      })
  }

  /** Waits for text in output that arrives after the call. */
  async waitForText(text: string): Promise<void> {
    const from = this.text.length
    await this.waitUntil(() => this.text.indexOf(text, from) >= 0, text)
  }

  /** Waits for a prompt after the previous answer, then types the answer. */
  async answerPrompt(prompt: string, typed: string): Promise<void> {
    await this.waitUntil(() => this.text.indexOf(prompt, this.#answered) >= 0, prompt)
    this.#answered = this.text.length
    this.type(typed)
  }

  async run(line: string, answer: string): Promise<void> {
    this.type(`${line}\r`)
    await this.waitForText(answer)
  }

  async waitForExit(): Promise<PtyExit> {
    await this.waitUntil(() => this.exit !== undefined, 'the exit of the process')
    return this.exit as PtyExit
  }

  close(): void {
    if (!this.exit) this.#pty.close(200)
  }
}
